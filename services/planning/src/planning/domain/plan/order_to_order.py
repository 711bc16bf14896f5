"""The policy `order`: each demand has a supply of its own (BC-PL-19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from contracts.planning.fields import ZERO
from planning.domain.plan.lot_for_lot import Balancing
from planning.domain.plan.messages import Message, change_of
from planning.domain.plan.opening import opening_of
from planning.domain.plan.profiles import Demand, Horizon, Parameters, Profile, Supply
from planning.domain.requisitions.lines import NEW


def balance_orders(profile: Profile, horizon: Horizon) -> list[Message]:
    """A supply exactly for what its demand lacks, without order modifiers; the tie between the two is never broken.

    Stock, and supplies that were bought for no demand, serve those that have none of their own.
    """
    own = _own_supplies(profile.supplies, horizon)
    opening = opening_of(
        replace(
            profile,
            demands=tuple(_in_time(d, horizon) if d.line_id in own else d for d in profile.demands),
            supplies=tuple(s for s in profile.supplies if s.for_line is None or s.day < horizon.first),
        ),
        horizon,
    )
    free = Balancing(_without_modifiers(profile.parameters), opening)
    free.fill_up(horizon.first)
    messages = []
    for demand in opening.demands:
        bought = own.pop(demand.line_id, [])
        lacks = max(demand.quantity - sum((s.quantity for s in bought), ZERO), ZERO)
        gap = free.from_existing(lacks, demand.day, demand)
        messages += _follow(bought, demand, demand.quantity - lacks + gap, profile.parameters)
    gone = "the demand that it was bought for is gone"
    messages += _cancelled((s for supplies in own.values() for s in supplies), gone)
    return [*free.messages(), *messages]


def _own_supplies(supplies: Iterable[Supply], horizon: Horizon) -> dict[UUID, list[Supply]]:
    """By the demand that they were bought for; those that are overdue have come."""
    own: dict[UUID, list[Supply]] = defaultdict(list)
    for supply in sorted(supplies, key=lambda s: (s.day, s.document_no, s.line_no, s.line_id)):
        if supply.for_line is not None and horizon.first <= supply.day <= horizon.last:
            own[supply.for_line].append(supply)
    return own


def _in_time(demand: Demand, horizon: Horizon) -> Demand:
    """Overdue demand whose own supply is still to come is demand of the first day: the supply is not given up."""
    if demand.day >= horizon.first:
        return demand
    return replace(demand, day=horizon.first, overdue_since=demand.day)


def _without_modifiers(parameters: Parameters) -> Parameters:
    return replace(
        parameters,
        minimum_order_quantity=ZERO,
        maximum_order_quantity=ZERO,
        order_multiple=ZERO,
        lot_accumulation_period_days=0,
    )


def _follow(
    bought: Sequence[Supply], demand: Demand, wanted: Decimal, parameters: Parameters
) -> list[Message]:
    """The demand's own supplies bring so much on its day, else a new one does.

    Moved out only by more than the dampener, and decreased by no less (BC-PL-28).
    """
    movable = [s for s in bought if not s.fixed]
    left = wanted - sum((s.quantity for s in bought if s.fixed), ZERO)
    if not movable:
        new = Message(action=NEW, day=demand.day, quantity=left, reason=demand.text, demand=demand)
        return [new] if left > 0 else []
    messages = []
    for i, supply in enumerate(movable):
        quantity = max(left if i == len(movable) - 1 else min(left, supply.quantity), ZERO)
        left -= quantity
        early = (demand.day - supply.day).days
        stays = 0 <= early <= parameters.dampener_period_days
        if quantity and 0 < supply.quantity - quantity < parameters.dampener_quantity:
            quantity = supply.quantity
        message = change_of(supply, supply.day if stays else demand.day, quantity, demand.text)
        messages += [message] if message is not None else []
    return messages


def _cancelled(supplies: Iterable[Supply], reason: str) -> list[Message]:
    changes = (change_of(s, s.day, ZERO, reason) for s in supplies if not s.fixed)
    return [message for message in changes if message is not None]
