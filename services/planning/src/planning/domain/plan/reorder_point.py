"""Policies with a reorder point: a fixed quantity, or up to a maximum (BC-PL-21, BC-PL-22)."""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from contracts.planning.fields import ZERO
from planning.domain.plan.messages import ATTENTION, EMERGENCY, EXCEPTION, Message, change_of
from planning.domain.plan.modifiers import admissible, modified, order_quantities
from planning.domain.plan.opening import Opening, opening_of
from planning.domain.plan.profiles import Horizon, Parameters, Profile, Supply
from planning.domain.requisitions.lines import NEW


def order_fixed_quantity(profile: Profile, horizon: Horizon) -> list[Message]:
    """The reorder quantity whenever stock falls to the reorder point (BC-PL-21)."""
    p = profile.parameters
    overflow = p.reorder_quantity + max(p.reorder_point, p.minimum_order_quantity, p.safety_stock)
    return _Projection(
        p, opening_of(profile, horizon), horizon, overflow, lambda _: p.reorder_quantity
    ).messages()


def fill_to_maximum(profile: Profile, horizon: Horizon) -> list[Message]:
    """Up to the maximum inventory whenever stock falls to the reorder point (BC-PL-22)."""
    p = profile.parameters
    overflow = max(p.maximum_inventory, p.safety_stock) + p.minimum_order_quantity
    return _Projection(
        p, opening_of(profile, horizon), horizon, overflow, lambda stock: p.maximum_inventory - stock
    ).messages()


class _Projection:
    """Stock day by day, with the orders that it sets off.

    Nothing else happens between the days on which something comes or goes, so only these are looked at.
    """

    def __init__(
        self,
        parameters: Parameters,
        opening: Opening,
        horizon: Horizon,
        overflow: Decimal,
        wanted: Callable[[Decimal], Decimal],
    ) -> None:
        self._parameters = parameters
        self._horizon = horizon
        self._overflow = overflow
        self._wanted = wanted
        self._opening = opening.stock
        self._stock = max(opening.stock, ZERO)
        self._out: dict[date, Decimal] = defaultdict(lambda: ZERO)
        for demand in opening.demands:
            self._out[demand.day] += demand.quantity
        self._in: dict[date, list[Supply]] = defaultdict(list)
        for supply in opening.supplies:
            self._in[supply.day].append(supply)
        self._ordered: dict[date, Decimal] = defaultdict(lambda: ZERO)
        self._arrivals = sorted(self._in)
        self._days = [*{horizon.first, *self._out, *self._in}]
        heapq.heapify(self._days)
        self._found: list[Message] = []

    def messages(self) -> list[Message]:
        """The orders day by day, and the supplies that are cut or cancelled."""
        if self._opening < 0:
            first = self._horizon.first
            reason = f"{-self._opening} are missing before {first}"
            before = first - timedelta(days=1)
            self._found.append(
                Message(action=NEW, day=before, quantity=-self._opening, reason=reason, warning=EMERGENCY)
            )
        done: date | None = None
        while self._days:
            day = heapq.heappop(self._days)
            if day != done and day <= self._horizon.last:
                self._pass(day)
            done = day
        return self._found

    def _pass(self, day: date) -> None:
        before = self._stock
        coming = self._in.get(day, ())
        self._stock += sum((s.quantity for s in coming), ZERO) + self._ordered.get(day, ZERO)
        self._stock -= self._out.get(day, ZERO)
        if self._overflow > 0:
            for supply in reversed(coming):
                self._cut(supply)
        self._fill_gap(ZERO, day, EMERGENCY, f"stock falls from {before} to {self._stock}")
        point = self._parameters.safety_stock
        self._fill_gap(
            point, day, EXCEPTION, f"stock falls to {self._stock}, below the safety stock of {point}"
        )
        self._reorder(day)

    def _cut(self, supply: Supply) -> None:
        """Less of what would fill the stock above the overflow level; a person looks at it (BC-PL-26)."""
        excess = self._stock - self._overflow
        if excess <= 0 or supply.fixed:
            return
        kept = supply.quantity - excess
        kept = min(admissible(kept, self._parameters), supply.quantity) if kept > 0 else ZERO
        less = supply.quantity - kept
        if less <= 0 or (kept > 0 and less < self._parameters.dampener_quantity):
            return
        reason = f"stock rises to {self._stock}, above {self._overflow}"
        message = change_of(supply, supply.day, kept, reason, ATTENTION)
        if message is not None:
            self._found.append(message)
            self._stock -= less

    def _fill_gap(self, level: Decimal, day: date, warning: str, reason: str) -> None:
        """Exactly what is missing, without order modifiers (BC-PL-26)."""
        gap = level - self._stock
        if gap > 0:
            self._found.append(Message(action=NEW, day=day, quantity=gap, reason=reason, warning=warning))
            self._stock = level

    def _reorder(self, day: date) -> None:
        """Ordered on the next day, unless something comes by the time that this would."""
        arrival = day + timedelta(days=1 + self._parameters.lead_time_days)
        if self._stock > self._parameters.reorder_point or self._comes(day, arrival):
            return
        wanted = self._wanted(self._stock)
        if wanted <= 0:
            return
        parts = order_quantities(wanted, self._parameters)
        reason = f"stock falls to {self._stock} on {day}, reorder point {self._parameters.reorder_point}"
        reason += modified(wanted, sum(parts, ZERO))
        self._found += [Message(action=NEW, day=arrival, quantity=part, reason=reason) for part in parts]
        self._ordered[arrival] += sum(parts, ZERO)
        insort(self._arrivals, arrival)
        heapq.heappush(self._days, arrival)

    def _comes(self, day: date, by: date) -> bool:
        after = bisect_right(self._arrivals, day)
        return after < len(self._arrivals) and self._arrivals[after] <= by
