"""What a planning run proposes, and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from planning.domain.plan.profiles import Demand, Supply
from planning.domain.requisitions.lines import CANCEL, action_for

EXCEPTION: Final = "exception"
"""Stock falls below the safety stock (BC-PL-26)."""
EMERGENCY: Final = "emergency"
"""Stock falls below nothing (BC-PL-26)."""
ATTENTION: Final = "attention"
"""Too much comes, or the vendor knows the order that changes (BC-PL-26)."""

_NAMED_MAX: Final = 5
"""Demands that an explanation names; more are counted."""


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An action message: what becomes of a supply, or a new one. `quantity` in base units; 0 with `cancel`.

    Messages with a warning are for a person to accept (BC-PL-26). `reason` says why, in a sentence or a few.
    """

    action: str
    day: date
    quantity: Decimal
    reason: str
    supply: Supply | None = None
    demand: Demand | None = None
    """Whose own supply it is (policy `order`)."""
    warning: str = ""


def change_of(supply: Supply, day: date, quantity: Decimal, reason: str, warning: str = "") -> Message | None:
    """What makes this of the supply; None if it is that already."""
    action = action_for(quantity, is_moved=day != supply.day, is_resized=quantity != supply.quantity)
    if not action:
        return None
    return Message(
        action=action,
        day=day if action != CANCEL else supply.day,
        quantity=max(quantity, Decimal(0)),
        reason=reason,
        supply=supply,
        warning=warning or (ATTENTION if supply.released else ""),
    )


def needs(demands: list[Demand]) -> str:
    """The demands as an explanation names them: the first few, then how many more."""
    named = "; ".join(demand.text for demand in demands[:_NAMED_MAX])
    more = len(demands) - _NAMED_MAX
    return f"{named}; and {more} more" if more > 0 else named
