"""Which lines of an order are short: accepted all the same, and said in the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts.fields import Day, TotalQuantity
from contracts.keys import stock_no
from contracts.planning.masters import Item
from contracts.planning.stock import StockLevel
from contracts.sales.masters import PurchasingCode
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


class UnsentLine(msgspec.Struct, frozen=True):
    """Goods that tills have sold in orders that are still to be pulled, so planning does not count them yet (P5)."""

    item_no: str
    location_code: str
    unit_of_measure_code: str
    purchasing_code: str
    quantity: Decimal


AMPLE: Final = 1000
"""Stock of so many times what a line takes is not asked after orders that are still to be pulled."""
NOTHING_UNSENT: Final[Mapping[str, Decimal]] = {}


def need_unsent(query: ReferenceQuery, lines: Iterable[UnsentLine]) -> None:
    """What `unsent_by_stock` of the lines looks up."""
    for line in lines:
        query.need(Item, line.item_no)
        query.need(PurchasingCode, line.purchasing_code)


def unsent_by_stock(lines: Iterable[UnsentLine], references: ReferenceData) -> dict[str, Decimal]:
    """Stock number → quantity in base units; without what is bought for its order."""
    found: dict[str, Decimal] = {}
    for line in lines:
        item = references.find(Item, line.item_no)
        if item is not None and not _is_bought(line, item, references):
            no = stock_no(line.item_no, line.location_code)
            quantity = line.quantity * _base_units(item, line.unit_of_measure_code)
            found[no] = found.get(no, ZERO) + quantity
    return found


def need_stock(query: ReferenceQuery, order: CustomerOrder) -> None:
    """What `shortages` of an order looks up."""
    query.need(Item, *(line.item_no for line in order.lines))
    query.need(PurchasingCode, *(line.purchasing_code for line in order.lines))
    query.need(StockLevel, *(stock_no(line.item_no, line.location_code) for line in order.lines))


def shortages(
    order: CustomerOrder, references: ReferenceData, unsent: Mapping[str, Decimal] = NOTHING_UNSENT
) -> dict[int, Shortage]:
    """Line number → shortage, for lines to be supplied from stock that do not have enough there.

    `unsent`: what orders before this one take of a stock that planning does not count yet.
    """
    found = {}
    for line, item in _from_stock(order.lines, references):
        free = _free(line, references) - unsent.get(stock_no(line.item_no, line.location_code), ZERO)
        available = plain_quantity(max(ZERO, free / _base_units(item, line.unit_of_measure_code)))
        if available < line.quantity:
            found[line.line_no] = Shortage(available, _earliest_date(order, item))
    return found


def scarce_items(order: CustomerOrder, references: ReferenceData) -> set[str]:
    """Items of which other orders may take what this one is to be supplied from."""
    return {
        line.item_no
        for line, item in _from_stock(order.lines, references)
        if _free(line, references) < AMPLE * line.quantity * _base_units(item, line.unit_of_measure_code)
    }


def _free(line: OrderLine, references: ReferenceData) -> Decimal:
    """What planning says, in base units."""
    level = references.find(StockLevel, stock_no(line.item_no, line.location_code))
    return level.unreserved if level else ZERO


def _from_stock(lines: Iterable[OrderLine], references: ReferenceData) -> Iterator[tuple[OrderLine, Item]]:
    """Not what is bought for the order anyway, not what the customer has carried out, not services."""
    for line in lines:
        item = references.find(Item, line.item_no)
        if item is None or item.type != "inventory" or line.mode == "carry_out":
            continue
        if not _is_bought(line, item, references):
            yield line, item


def _is_bought(line: OrderLine | UnsentLine, item: Item, references: ReferenceData) -> bool:
    code = references.find(PurchasingCode, line.purchasing_code or item.purchasing_code)
    return code is not None and (code.special_order or code.drop_shipment)


def _base_units(item: Item, unit_code: str) -> Decimal:
    return next((u.qty_per for u in item.units_of_measure if u.code == unit_code), ONE)


def _earliest_date(order: CustomerOrder, item: Item) -> date | None:
    """Unknown for an item that no vendor is set for."""
    if not item.vendor_no:
        return None
    return days_after(order.transaction.business_date, item.lead_time_days)
