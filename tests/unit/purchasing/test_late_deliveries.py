"""Which sales lines a vendor's dates make late (G10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from contracts.purchasing.fields import DROP_SHIPMENT, SPECIAL_ORDER
from contracts.sales.orders import SalesOrder
from purchasing.domain.orders.late_deliveries import LateDelivery, late_deliveries
from purchasing.domain.orders.order import Order
from tests.unit.purchasing import examples as x

SHIPPED, PROMISED = date(2026, 3, 10), date(2026, 3, 12)


def expected(on: date, kind: str = SPECIAL_ORDER, *, confirmed: date | None = None) -> Order:
    """An order whose line comes on this day."""
    return x.order(replace(x.line(kind), expected_receipt_date=on, confirmed_date=confirmed))


def sold(kind: str = SPECIAL_ORDER, promised: date | None = PROMISED) -> dict[str, SalesOrder]:
    line = x.sales_line(x.COMPASS, 20000, kind, shipment_date=SHIPPED, planned_delivery_date=promised)
    return {"S-1001": x.sales_order(line)}


def test_a_special_order_must_be_here_when_it_is_to_be_shipped() -> None:
    assert late_deliveries(expected(SHIPPED), sold()) == ()
    assert late_deliveries(expected(date(2026, 3, 11)), sold()) == (
        LateDelivery(
            sales_order_no="S-1001",
            line_no=20000,
            promised_delivery_date=PROMISED,
            new_date=date(2026, 3, 11),
        ),
    )


def test_a_drop_shipment_must_be_there_when_it_was_promised() -> None:
    assert late_deliveries(expected(PROMISED, DROP_SHIPMENT), sold(DROP_SHIPMENT)) == ()
    assert late_deliveries(expected(date(2026, 3, 13), DROP_SHIPMENT), sold(DROP_SHIPMENT)) != ()


def test_the_confirmed_date_goes_before_the_expected_one() -> None:
    (late,) = late_deliveries(expected(SHIPPED, confirmed=date(2026, 3, 20)), sold())
    assert late.new_date == date(2026, 3, 20)


def test_a_line_that_is_here_already_makes_nothing_late() -> None:
    order = expected(date(2026, 4, 1))
    receipt = x.receipt(Decimal(5))
    here = order.with_lines([replace(order.lines[0], receipts=(receipt,))])
    assert late_deliveries(here, sold()) == ()


def test_without_a_promise_nothing_is_late() -> None:
    assert late_deliveries(expected(date(2026, 4, 1)), sold(promised=None)) == ()


def test_a_sales_order_that_is_not_known_is_not_judged() -> None:
    assert late_deliveries(expected(date(2026, 4, 1)), {}) == ()
