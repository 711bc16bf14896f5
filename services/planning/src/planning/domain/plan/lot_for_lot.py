"""Lot-for-lot: supply in the size and at the time of the demand (BC-PL-17, BC-PL-23)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from contracts.planning.fields import ZERO
from planning.domain.plan.messages import EMERGENCY, EXCEPTION, Message, change_of, needs
from planning.domain.plan.modifiers import admissible, modified, order_quantities
from planning.domain.plan.opening import Opening, opening_of
from planning.domain.plan.profiles import Demand, Horizon, Parameters, Profile, Supply
from planning.domain.requisitions.lines import NEW


def balance_lots(profile: Profile, horizon: Horizon) -> list[Message]:
    """Demand by demand: from stock, from what comes in time or can be moved or enlarged, else from a new lot."""
    opening = opening_of(profile, horizon)
    balancing = Balancing(profile.parameters, opening)
    balancing.fill_up(horizon.first)
    for demand in opening.demands:
        gap = balancing.from_existing(demand.quantity, demand.day, demand)
        gap = balancing.from_larger_lot(gap, demand)
        balancing.from_new_lot(gap, demand)
    return balancing.messages()


@dataclass(slots=True)
class _Lot:
    """A supply that serves demand from `day` on: an existing one, or (`supply` is None) one to be bought.

    `exactly`: it is bought for the stock itself, without order modifiers; `why` says so.
    """

    day: date
    quantity: Decimal
    supply: Supply | None = None
    used: Decimal = ZERO
    demands: list[Demand] = field(default_factory=list)
    parts: list[Decimal] = field(default_factory=list)
    warning: str = ""
    why: str = ""

    @property
    def left(self) -> Decimal:
        return self.quantity - self.used

    def use(self, quantity: Decimal, demand: Demand | None) -> None:
        self.used += quantity
        if demand is not None and demand not in self.demands[-1:]:
            self.demands.append(demand)


class Balancing:
    """Stock, and the lots that demand is served from, in the course of a plan."""

    def __init__(self, parameters: Parameters, opening: Opening) -> None:
        self._parameters = parameters
        self._missing = max(-opening.stock, ZERO)
        self._stock = max(opening.stock, ZERO)
        self._fixed = deque(s for s in opening.supplies if s.fixed)
        self._movable = deque(s for s in opening.supplies if not s.fixed)
        self._lots: list[_Lot] = []
        self._with_rest: deque[_Lot] = deque()

    @property
    def _dampener_days(self) -> int:
        """Never longer than the accumulation period, where there is one (BC-PL-28)."""
        dampener, period = (
            self._parameters.dampener_period_days,
            self._parameters.lot_accumulation_period_days,
        )
        return min(dampener, period) if period else dampener

    def fill_up(self, first: date) -> None:
        """What is missing on the first day, and the safety stock, which is demand of that day (BC-PL-15, BC-PL-26).

        A gap that nothing can be moved into is ordered exactly: an emergency of the day before, or an exception.
        """
        before = first - timedelta(days=1)
        self._fill(self._missing, first, before, EMERGENCY, f"{self._missing} are missing before {first}")
        safety = self._parameters.safety_stock
        self._fill(safety, first, first, EXCEPTION, f"stock is below the safety stock of {safety}")

    def _fill(self, wanted: Decimal, first: date, day: date, warning: str, why: str) -> None:
        gap = self.from_existing(wanted, first, None)
        if gap > 0:
            self._lots.append(_Lot(day, gap, used=gap, parts=[gap], warning=warning, why=why))

    def from_existing(self, wanted: Decimal, day: date, demand: Demand | None) -> Decimal:
        """Stock first, then what is left of lots, then supplies in the order of their days; what is not covered."""
        while self._fixed and self._fixed[0].day <= day:
            self._stock += self._fixed.popleft().quantity
        taken = min(wanted, self._stock)
        self._stock -= taken
        wanted -= taken
        while wanted > 0 and (self._with_rest or self._take_next(day)):
            lot = self._with_rest[0]
            taken = min(wanted, lot.left)
            if taken:
                lot.use(taken, demand)
            wanted -= taken
            if lot.left <= 0:
                self._with_rest.popleft()
        return wanted

    def _take_next(self, day: date) -> bool:
        """The next supply serves this day, on its own day or moved; False if there is none that can (BC-PL-17)."""
        if not self._movable:
            return False
        supply = self._movable[0]
        early = (day - supply.day).days
        if -early > self._parameters.rescheduling_period_days:
            return False  # it stays for later demand, and something new comes for this one
        stays = 0 <= early <= self._dampener_days or (early >= 0 and self._belongs_to_last_lot(supply, day))
        self._movable.popleft()
        self._add(_Lot(supply.day if stays else day, supply.quantity, supply))
        return True

    def _belongs_to_last_lot(self, supply: Supply, day: date) -> bool:
        """A lot may come in several orders: those of the same period are not moved apart."""
        lot = self._lots[-1] if self._lots else None
        return lot is not None and not lot.warning and lot.day <= supply.day and day < self._end_of(lot)

    def _add(self, lot: _Lot) -> None:
        self._lots.append(lot)
        if lot.left > 0:
            self._with_rest.append(lot)

    def from_larger_lot(self, gap: Decimal, demand: Demand) -> Decimal:
        """The last lot is enlarged if the demand lies in its accumulation period (BC-PL-23); what is not covered."""
        lot = self._lots[-1] if self._lots and gap > 0 else None
        if lot is None or lot.warning or demand.day >= self._end_of(lot):
            return gap
        if lot.supply is None:
            lot.parts = order_quantities(lot.used + gap, self._parameters)
            lot.quantity = sum(lot.parts, ZERO)
        else:
            enlarged = admissible(lot.used + gap, self._parameters)
            most = self._parameters.maximum_order_quantity
            lot.quantity = max(lot.quantity, min(enlarged, most) if most else enlarged)
        taken = min(gap, lot.left)
        if taken <= 0:
            return gap
        lot.use(taken, demand)
        if lot.left > 0:
            self._with_rest.append(lot)
        return gap - taken

    def _end_of(self, lot: _Lot) -> date:
        """The first day that does not belong to the lot any more."""
        return lot.day + timedelta(days=max(self._parameters.lot_accumulation_period_days, 1))

    def from_new_lot(self, gap: Decimal, demand: Demand) -> None:
        """The rest is bought, by the order modifiers."""
        if gap <= 0:
            return
        parts = order_quantities(gap, self._parameters)
        lot = _Lot(demand.day, sum(parts, ZERO), parts=parts)
        lot.use(gap, demand)
        self._add(lot)

    def messages(self) -> list[Message]:
        """What becomes of the lots, and of supplies that nothing needs."""
        found: list[Message] = []
        for lot in self._lots:
            if lot.supply is None:
                found += _new_orders(lot)
            elif (change := self._change(lot, lot.supply)) is not None:
                found.append(change)
        unused = (change_of(supply, supply.day, ZERO, "nothing needs it") for supply in self._movable)
        return [*found, *(message for message in unused if message is not None)]

    def _change(self, lot: _Lot, supply: Supply) -> Message | None:
        quantity = lot.quantity
        needed = min(admissible(lot.used, self._parameters), supply.quantity)
        # Decreased to what is needed, but by no less than the dampener (BC-PL-28).
        if quantity == supply.quantity and supply.quantity - needed >= self._parameters.dampener_quantity:
            quantity = needed
        return change_of(supply, lot.day, quantity, needs(lot.demands) or "it fills up the stock")


def _new_orders(lot: _Lot) -> list[Message]:
    reason = lot.why or needs(lot.demands) + modified(lot.used, lot.quantity)
    return [
        Message(action=NEW, day=lot.day, quantity=part, reason=reason, warning=lot.warning)
        for part in lot.parts
    ]
