"""What leaves together of several orders of one customer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.values import Address
from sales.domain.orders.order import Order
from sales.domain.posting.combining import OrderToShip, plan_combined_shipment
from sales.domain.posting.commands import CombinedShipment, LineToCombine
from tests.unit.sales.samples import context, linked, made, sold

ORDERS = {
    "S-1": made(sold("STOCK"), sold("SPECIAL"), no="S-1"),
    "S-2": made(sold("STOCK"), sold("DROPPED"), no="S-2"),
    "S-3": made(sold("STOCK"), no="S-3", customer_no="C2"),
}


def line(no: str, line_no: int = 10000, quantity: int = 2) -> LineToCombine:
    return LineToCombine(sales_order_no=no, line_no=line_no, qty_to_ship=Decimal(quantity))


def planned(*lines: LineToCombine, orders: dict[str, Order] = ORDERS) -> list[OrderToShip]:
    found = linked(orders["S-1"], received="3")
    return plan_combined_shipment(CombinedShipment(customer_no="C1", lines=lines), orders, context(found))


def refused(act: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as caught:
        act()
    return [(violation.code, violation.pointer) for violation in caught.value.violations]


def test_special_order_goods_leave_with_those_of_other_orders() -> None:
    decided = planned(line("S-2"), line("S-1", 20000, 3))
    assert [(each.order.no, each.order.status, each.plan[0].ship) for each in decided] == [
        ("S-1", "released", 3),
        ("S-2", "released", 2),
    ]


def test_the_reasons_of_all_orders_are_named_at_the_lines_of_the_request() -> None:
    assert refused(
        lambda: planned(line("S-9"), line("S-1", 20000, 4), line("S-2", 20000), line("S-2", 10000, 9))
    ) == [
        ("line-type-not-supported", "/lines/2/line_no"),
        ("quantity-exceeds-outstanding", "/lines/3/qty_to_ship"),
        ("unknown-sales-order", "/lines/0/sales_order_no"),
        ("quantity-exceeds-received", "/lines/1"),
    ]


def test_orders_of_another_customer_do_not_leave_together() -> None:
    assert refused(lambda: planned(line("S-1"), line("S-3"))) == [
        ("customer-mismatch", "/lines/1/sales_order_no")
    ]


def test_orders_to_different_addresses_do_not_leave_together() -> None:
    moved = ORDERS | {"S-2": replace(ORDERS["S-2"], ship_to=Address(city="Ulm"))}
    assert refused(lambda: planned(line("S-1"), line("S-2"), orders=moved)) == [
        ("ship-to-mismatch", "/lines/1/sales_order_no")
    ]
