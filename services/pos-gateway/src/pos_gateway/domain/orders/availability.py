"""Which lines of an order are short: accepted all the same, and said in the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Day, TotalQuantity
from contracts.keys import stock_no
from contracts.planning import Item, StockLevel
from contracts.sales import PurchasingCode
from domainkit.days import days_after
from domainkit.money import ONE, ZERO, plain_quantity
from domainkit.references import ReferenceData, ReferenceQuery
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine


class Shortage(msgspec.Struct, frozen=True):
    """What of a line is free now, and when the rest can be there if it is bought today."""

    available: Annotated[TotalQuantity, Meta(description="What is free now, in the line's unit.")]
    earliest_date: Annotated[
        Day | None, Meta(description="When the rest can be there; null where no vendor is set.")
    ]


def need_stock(query: ReferenceQuery, order: CustomerOrder) -> None:
    """What `shortages` of an order looks up."""
    query.need(Item, *(line.item_no for line in order.lines))
    query.need(PurchasingCode, *(line.purchasing_code for line in order.lines))
    query.need(StockLevel, *(stock_no(line.item_no, line.location_code) for line in order.lines))


def shortages(order: CustomerOrder, references: ReferenceData) -> dict[int, Shortage]:
    """Line number → shortage, for lines to be supplied from stock that do not have enough there."""
    found = {}
    for line, item in _from_stock(order.lines, references):
        level = references.find(StockLevel, stock_no(line.item_no, line.location_code))
        free = level.stock - level.allocated if level else ZERO
        available = plain_quantity(max(ZERO, free / _base_units(item, line.unit_of_measure_code)))
        if available < line.quantity:
            found[line.line_no] = Shortage(available, _earliest_date(order, item))
    return found


def _from_stock(lines: Iterable[OrderLine], references: ReferenceData) -> Iterator[tuple[OrderLine, Item]]:
    """Not what is bought for the order anyway, not what the customer has carried out, not services."""
    for line in lines:
        item = references.find(Item, line.item_no)
        code = references.find(PurchasingCode, line.purchasing_code or (item.purchasing_code if item else ""))
        is_bought = code is not None and (code.special_order or code.drop_shipment)
        if not is_bought and line.mode != "carry_out" and item is not None and item.type == "inventory":
            yield line, item


def _base_units(item: Item, unit_code: str) -> Decimal:
    return next((u.qty_per for u in item.units_of_measure if u.code == unit_code), ONE)


def _earliest_date(order: CustomerOrder, item: Item) -> date | None:
    """Unknown for an item that no vendor is set for."""
    if not item.vendor_no:
        return None
    return days_after(order.transaction.business_date, item.lead_time_days)
