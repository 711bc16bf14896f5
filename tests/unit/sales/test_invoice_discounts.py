"""Money off a whole sales order: shared by its item lines, and taken by its invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.masters import ExchangeRate
from sales.domain.orders.commands import HeaderChanges, NewSalesLine
from sales.domain.orders.header_changes import change_header
from sales.domain.orders.order import Order
from sales.domain.orders.releasing import release
from sales.domain.posting.applying import Posted, apply_posting
from sales.domain.posting.commands import LineToPost, PostingOptions
from sales.domain.posting.decisions import posting_from_plan
from sales.domain.posting.plans import plan_post
from tests.unit.sales.samples import DAY, NOW, REFERENCES, context, made, references, sold

TAXED = {"tax_pct": Decimal(19)}
CHARGE = NewSalesLine(type="charge", charge_code="SHIPPING", quantity=Decimal(1), unit_price=Decimal(5))


def discounted(amount: str, *lines: NewSalesLine, **header: Any) -> Order:
    return made(*lines, invoice_discount_amount=Decimal(amount), **header)


def invoiced(order: Order, quantities: dict[int, str]) -> Posted:
    lines = tuple(LineToPost(line_no=no, qty_to_ship=Decimal(each)) for no, each in quantities.items())
    plan = plan_post(order, PostingOptions(ship=True, invoice=True, lines=lines), context())
    ids = iter(range(1000, 2000))
    return apply_posting(order, posting_from_plan(DAY, plan, lambda: UUID(int=next(ids))), {}, NOW)


def refused(order: Order, **fields: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        change_header(order, HeaderChanges(**fields), context())
    return [(v.code, v.pointer) for v in refusal.value.violations]


def test_totals_are_less_the_discount_and_tax_is_on_the_rest() -> None:
    totals = discounted("10.00", sold("STOCK", "2", **TAXED), CHARGE).totals
    assert (totals.net, totals.charges, totals.tax, totals.total) == tuple(
        map(Decimal, ("10.00", "5.00", "2.85", "17.85"))
    )


def test_an_invoice_of_everything_is_the_order_s_total() -> None:
    order = release(
        discounted("10.00", *(sold("STOCK", "3", unit_price=Decimal("6.66"), **TAXED) for _ in range(3))),
        REFERENCES,
    ).order
    invoice = invoiced(order, {10000: "3", 20000: "3", 30000: "3"}).invoice
    assert invoice is not None
    assert (invoice.amount, invoice.tax_amount) == (order.totals.net, order.totals.tax)
    assert [str(line.invoice_discount_amount) for line in invoice.lines] == ["3.33", "3.33", "3.34"]


@given(
    quantities=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    price=st.decimals("0.01", "99.99", places=2),
    part=st.fractions(0, 1),
    data=st.data(),
)
def test_part_invoices_take_the_whole_discount(
    quantities: list[int], price: Decimal, part: Any, data: st.DataObject
) -> None:
    lines = [sold("STOCK", str(quantity), unit_price=price) for quantity in quantities]
    gross = price * sum(quantities)
    discount = Decimal(int(gross * 100 * part.numerator / part.denominator)) / 100
    order = release(discounted(str(discount), *lines), REFERENCES).order
    left = {line.line_no: int(line.quantity) for line in order.lines}
    amounts = []
    while any(left.values()):
        now = {no: data.draw(st.integers(0, quantity)) for no, quantity in left.items()}
        if not any(now.values()):
            now = dict(left)
        posted = invoiced(order, {no: str(quantity) for no, quantity in now.items() if quantity})
        assert posted.invoice is not None
        assert all(line.amount >= 0 for line in posted.invoice.lines)
        amounts.append(posted.invoice.amount)
        order, left = posted.order, {no: quantity - now[no] for no, quantity in left.items()}
    assert sum(amounts) == order.totals.net
    assert order.discount_invoiced == discount


def test_a_discount_is_no_more_than_the_order_costs_and_no_finer_than_its_currency() -> None:
    order = made(sold("STOCK", "2"), CHARGE)
    at = "/invoice_discount_amount"
    assert refused(order, invoice_discount_amount=Decimal("20.01")) == [("out-of-range", at)]
    assert refused(order, invoice_discount_amount=Decimal("1.001")) == [("too-many-decimals", at)]
    with pytest.raises(Refusal) as refusal:
        discounted("20.01", sold("STOCK", "2"))
    assert refusal.value.code == "out-of-range"


def test_a_discount_that_outgrew_its_lines_stops_the_release() -> None:
    order = discounted("30.00", sold("STOCK", "2"), sold("STOCK", "2"))
    with pytest.raises(Refusal) as refusal:
        release(replace(order, lines=order.lines[:1]), REFERENCES)
    assert [v.code for v in refusal.value.violations] == ["discount-exceeds-order"]


def test_what_invoices_took_of_the_discount_stays() -> None:
    order = release(discounted("10.00", sold("STOCK", "2"), sold("STOCK", "2")), REFERENCES).order
    after = replace(invoiced(order, {10000: "2"}).order, status="open")
    at = "/invoice_discount_amount"
    assert refused(after, invoice_discount_amount=Decimal("4.99")) == [("has-postings", at)]
    assert after.discount_invoiced == Decimal("5.00")


def test_another_currency_converts_the_discount() -> None:
    rate = ExchangeRate(version=1, currency_code="USD", date=DAY, rate=Decimal("0.80"))
    order = discounted("10.00", sold("STOCK", "2"))
    after = change_header(
        order, HeaderChanges(currency_code="USD"), context(found=references(**{"USD/2026-03-02": rate}))
    )
    assert after.invoice_discount_amount == Decimal("12.50")
