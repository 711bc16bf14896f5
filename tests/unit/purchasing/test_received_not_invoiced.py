"""What is received and not invoiced, and what it is worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from contracts.sales.masters import ExchangeRate
from purchasing.domain.orders.order import Line, Receipt
from purchasing.domain.orders.received_not_invoiced import NotInvoiced, received_not_invoiced
from tests.unit.purchasing import examples as x

FEBRUARY, MARCH = date(2026, 2, 20), date(2026, 3, 2)


def receipt(quantity: int, day: date, *, undone: bool = False) -> Receipt:
    return Receipt(
        posting_id=x.new_id(),
        quantity=Decimal(quantity),
        posting_date=day,
        undone=undone,
        order_version=1,
        document_id=x.new_id(),
    )


def received(*receipts: Receipt, invoiced: int = 0) -> Line:
    """A line at 8.00, which came in these receipts."""
    line = replace(x.line(), direct_unit_cost=Decimal("8.00"), quantity_invoiced=Decimal(invoiced))
    return replace(line, receipts=receipts)


def found(
    line: Line, until: date | None = None, currency_code: str = "EUR", **header: Any
) -> NotInvoiced | None:
    rate = ExchangeRate(version=1, currency_code="USD", date=FEBRUARY, rate=Decimal("0.85"))
    known = x.references().with_records(ExchangeRate, {"USD/2026-02-20": rate})
    order = x.order(line).replaced(currency_code=currency_code, order_date=MARCH, **header)
    rows = received_not_invoiced(order, known, until=until)
    return rows[0] if rows else None


def test_g13_what_came_and_is_not_invoiced_is_worth_what_it_was_ordered_at() -> None:
    line = received(receipt(3, FEBRUARY), receipt(2, MARCH), invoiced=1)
    assert found(line) == NotInvoiced(
        line=line,
        quantity=Decimal(4),
        received_since=FEBRUARY,
        amount=Decimal("32.00"),
        company_amount=Decimal("32.00"),
    )


def test_g13_the_oldest_receipts_are_invoiced_first() -> None:
    rest = found(received(receipt(3, FEBRUARY), receipt(2, MARCH), invoiced=3))
    assert rest is not None
    assert (rest.quantity, rest.received_since) == (2, MARCH)


def test_g13_goods_that_came_later_than_the_day_do_not_count() -> None:
    early = found(received(receipt(3, FEBRUARY), receipt(2, MARCH)), FEBRUARY)
    assert early is not None
    assert (early.quantity, early.amount) == (3, Decimal("24.00"))
    assert found(received(receipt(2, MARCH)), FEBRUARY) is None


def test_g13_invoiced_and_undone_receipts_leave_nothing() -> None:
    assert found(received(receipt(3, FEBRUARY), invoiced=3)) is None
    assert found(received(receipt(3, FEBRUARY, undone=True))) is None


def test_g13_foreign_amounts_are_shown_in_the_companys_currency_too() -> None:
    line = received(receipt(3, FEBRUARY))
    in_dollars, in_pounds = found(line, None, "USD"), found(line, None, "GBP")
    assert in_dollars is not None
    assert in_pounds is not None
    assert (in_dollars.amount, in_dollars.company_amount) == (Decimal("24.00"), Decimal("20.40"))
    assert in_pounds.company_amount is None, "without a rate its worth is not known here"


def test_g13_the_order_s_discount_is_shared_by_what_came() -> None:
    """Ten off an order of forty: of the twenty-four that came six are taken off."""
    part = found(received(receipt(3, FEBRUARY)), invoice_discount_amount=Decimal("10.00"))
    assert part is not None
    assert part.amount == Decimal("18.00")


def test_g13_only_the_items_that_are_asked_for_are_listed() -> None:
    order = x.order(received(receipt(3, FEBRUARY)))
    assert received_not_invoiced(order, x.references(), item_nos=("1100",)) != []
    assert received_not_invoiced(order, x.references(), item_nos=("1000",)) == []
