"""What may be taken from stock; planning judges item journals by it, sales the shipments that people post."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contracts.planning.stock import StockLevel
from contracts.refusals import Violations


def check_allocated(
    found: Violations, level: StockLevel, left: Decimal, pointer: str = "", **members: Any
) -> bool:
    """What is left must cover what is allocated to special orders (BC-SO-33); False if it does not."""
    if level.allocated <= 0 or left >= level.allocated:
        return True
    detail = f"{goods_of(level)}: {level.allocated:f} of {level.stock:f} are allocated to special orders"
    found.conflict("allocated-to-special-order", detail, pointer, **members)
    return False


def check_not_negative(
    found: Violations, level: StockLevel, left: Decimal, pointer: str = "", **members: Any
) -> bool:
    """No more is taken than is there, where the setup prevents negative inventory; False if it is."""
    if left >= 0:
        return True
    detail = f"{goods_of(level)}: {level.stock:f} are in stock"
    found.conflict("negative-inventory", detail, pointer, **members)
    return False


def goods_of(level: StockLevel) -> str:
    """The goods and their place, as refusals name them."""
    return f"item {level.item_no} at {level.location_code or 'the blank location'}"
