"""The planning run for one item at one location, by its reordering policy (BC-PL-15 to 28)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from planning.domain.plan.lot_for_lot import balance_lots
from planning.domain.plan.messages import Message
from planning.domain.plan.order_to_order import balance_orders
from planning.domain.plan.profiles import Horizon, Profile
from planning.domain.plan.reorder_point import fill_to_maximum, order_fixed_quantity
from planning.domain.plan.settling import settled

POLICIES: Final[dict[str, Callable[[Profile, Horizon], list[Message]]]] = {
    "fixed_reorder_qty": order_fixed_quantity,
    "maximum_qty": fill_to_maximum,
    "lot_for_lot": balance_lots,
    "order": balance_orders,
}


def plan(profile: Profile, horizon: Horizon) -> list[Message]:
    """What to buy, change and cancel; nothing for an item without a policy (BC-PL-24).

    It depends on nothing else, not even on the order of the input. Planning what was accepted again proposes nothing.
    """
    balance = POLICIES.get(profile.parameters.policy)
    return settled(profile, lambda again: balance(again, horizon)) if balance is not None else []
