"""Which lines of an order are short, and by when the goods come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from contracts.planning.masters import Item, ItemUnit
from contracts.planning.stock import StockLevel
from contracts.sales.masters import PurchasingCode
from domainkit.references import ReferenceData, ReferenceQuery
from pos_gateway.domain.orders.availability import (
    Shortage,
    UnsentLine,
    need_stock,
    scarce_items,
    shortages,
    unsent_by_stock,
)
from tests.unit.pos_gateway.samples import FOUND, line, rehearse

ROPE = Item(
    version=1,
    no="1000",
    vendor_no="V1",
    lead_time_days=3,
    units_of_measure=(ItemUnit(code="BOX", qty_per=Decimal(10)),),
)
FIVE_FREE = StockLevel(
    version=1,
    item_no="1000",
    location_code="SHOP1",
    stock=Decimal(8),
    allocated=Decimal(2),
    reserved=Decimal(1),
)


def references(item: Item = ROPE, level: StockLevel | None = FIVE_FREE) -> ReferenceData:
    levels: Mapping[str, Any] = {"1000/SHOP1": level} if level else {}
    return ReferenceData({**FOUND, Item: {"1000": item}, StockLevel: levels})


def test_a_line_that_stock_covers_is_not_short() -> None:
    assert shortages(rehearse(line(quantity="5")), references()) == {}


def test_a_short_line_says_what_is_free_and_when_the_rest_can_be_there() -> None:
    short = shortages(rehearse(line(quantity="6")), references())

    assert short == {10_000: Shortage(Decimal(5), date(2026, 3, 5))}


def test_what_is_free_is_said_in_the_line_s_unit() -> None:
    order = rehearse(line(quantity="1"))
    (sold,) = order.lines
    in_boxes = msgspec.structs.replace(
        order, lines=(msgspec.structs.replace(sold, unit_of_measure_code="BOX"),)
    )

    assert shortages(in_boxes, references())[10_000].available == Decimal("0.5")


def test_without_a_copy_of_the_stock_nothing_is_free() -> None:
    assert shortages(rehearse(line()), references(level=None))[10_000].available == 0


def test_without_a_vendor_there_is_no_date() -> None:
    item = msgspec.structs.replace(ROPE, vendor_no="")

    assert shortages(rehearse(line(quantity="6")), references(item))[10_000].earliest_date is None


def test_what_is_bought_for_the_order_is_not_short() -> None:
    order = rehearse(line(quantity="6", purchasing_code="SPECIAL"))

    assert shortages(order, references()) == {}


def test_what_is_carried_out_is_not_short() -> None:
    order = rehearse(line("carry_out", quantity="6"), line(quantity="1"))

    assert shortages(order, references()) == {}


def test_a_service_is_never_short() -> None:
    service = msgspec.structs.replace(ROPE, type="service")

    assert shortages(rehearse(line(quantity="6")), references(service)) == {}


def test_the_stock_of_each_line_is_looked_up_where_its_goods_lie() -> None:
    query = ReferenceQuery(company=False)
    need_stock(query, rehearse(line(purchasing_code="SPECIAL")))

    assert list(query) == [(Item, "1000"), (PurchasingCode, "SPECIAL"), (StockLevel, "1000/SHOP1")]


def test_p5_orders_that_are_still_to_be_pulled_are_looked_for_where_the_stock_is_not_ample() -> None:
    """Not for what is bought for its order."""
    lines = line(quantity="1"), line(quantity="9", purchasing_code="SPECIAL")

    assert scarce_items(rehearse(*lines), references()) == {"1000"}
    ample = StockLevel(version=1, item_no="1000", location_code="SHOP1", stock=Decimal(1000))
    assert scarce_items(rehearse(*lines), references(level=ample)) == set()


def test_p5_what_is_sold_and_not_sent_yet_is_not_free() -> None:
    """In base units; not what is bought for its order."""
    lines = (
        UnsentLine("1000", "SHOP1", "", "", Decimal(1)),
        UnsentLine("1000", "SHOP1", "BOX", "", Decimal("0.3")),
        UnsentLine("1000", "SHOP1", "", "SPECIAL", Decimal(9)),
        UnsentLine("NONE", "SHOP1", "", "", Decimal(9)),
    )
    unsent = unsent_by_stock(lines, references())

    assert unsent == {"1000/SHOP1": Decimal(4)}
    assert shortages(rehearse(line(quantity="1")), references(), unsent) == {}
    assert shortages(rehearse(line(quantity="2")), references(), unsent)[10_000].available == 1
