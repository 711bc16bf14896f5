"""Settlements as they are answered: every amount is written with the decimals of the order's currency."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pos_gateway.domain.orders.order_money import Settlement

_ZERO_BY_DEFAULT: Final = ("deposit_applied", "charge", "charges_refunded", "paid", "refunded", "change")


def with_decimals(settlement: Settlement) -> Settlement:
    """The settlement with `0.00`, not `0`, for what did not happen; its total is in the currency already."""
    zero = settlement.total - settlement.total
    return replace(settlement, **{name: getattr(settlement, name) + zero for name in _ZERO_BY_DEFAULT})
