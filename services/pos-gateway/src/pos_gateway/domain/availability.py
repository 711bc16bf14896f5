"""Which lines of an order are short: accepted all the same, and said in the answer (contract point 27)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from contracts.planning import Item
from pos_gateway.domain.known import Known, Wanted
from pos_gateway.domain.money import ZERO
from pos_gateway.domain.order import CustomerOrder, OrderLine

_STEP = Decimal("0.00001")


class Shortage(msgspec.Struct, frozen=True):
    """What of a line is free now, in the line's unit, and when the rest can be there if it is bought today."""

    available: Decimal
    earliest_date: date | None


def stock_key(item_no: str, location_code: str) -> str:
    """The number of the copy that says what is free of an item at a location."""
    return f"{item_no}/{location_code}"


def wanted_for(order: CustomerOrder) -> Wanted:
    """Which copies `shortages` asks for."""
    keys = {("item", line.item_no) for line in order.lines}
    keys |= {("purchasing-code", line.purchasing_code) for line in order.lines if line.purchasing_code}
    keys |= {("stock", stock_key(line.item_no, line.location_code)) for line in order.lines}
    return Wanted(copies=frozenset(keys))


def shortages(order: CustomerOrder, known: Known) -> dict[int, Shortage]:
    """Line number → shortage, for lines to be supplied from stock that do not have enough there."""
    found = {}
    for line in _from_stock(order.lines, known):
        item = known.items[line.item_no]
        level = known.stock.get(stock_key(line.item_no, line.location_code))
        free = level.stock - level.allocated if level else ZERO
        available = max(ZERO, free / _base_units(item, line.unit_of_measure_code)).quantize(_STEP).normalize()
        if available < line.quantity:
            found[line.line_no] = Shortage(available, _earliest_date(order, item))
    return found


def _from_stock(lines: Iterable[OrderLine], known: Known) -> Iterable[OrderLine]:
    """Not what is bought for the order anyway, not what the customer has carried out, not services."""
    for line in lines:
        code = known.purchasing_codes.get(line.purchasing_code)
        bought = code is not None and (code.special_order or code.drop_shipment)
        item = known.items.get(line.item_no)
        if not bought and line.mode != "carry_out" and item is not None and item.type == "inventory":
            yield line


def _base_units(item: Item, unit_code: str) -> Decimal:
    return next((u.qty_per for u in item.units_of_measure if u.code == unit_code), Decimal(1))


def _earliest_date(order: CustomerOrder, item: Item) -> date | None:
    """Unknown for an item that no vendor is set for."""
    if not item.vendor_no:
        return None
    return order.transaction.business_date + timedelta(days=item.lead_time_days)
