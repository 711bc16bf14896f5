"""Money off a whole purchase order or purchase invoice: shared by its lines, and taken by its invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.masters import ExchangeRate
from domainkit.money import currency
from purchasing.domain.invoices.commands import InvoiceLineChanges, NewInvoiceLine, NewPurchaseInvoice
from purchasing.domain.invoices.invoice import Invoice
from purchasing.domain.invoices.lines import changed_invoice_line, new_invoice, without_line
from purchasing.domain.orders.commands import NewPurchaseLine, NewPurchaseOrder, PurchaseOrderChanges
from purchasing.domain.orders.creating import new_order
from purchasing.domain.orders.discounts import order_total
from purchasing.domain.orders.header import changed_header
from purchasing.domain.orders.invoices import Invoiced, LineToInvoice, VendorInvoice, invoice
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.receipts import LineToReceive, receive
from purchasing.domain.orders.sending import revised
from purchasing.domain.orders.status import released
from purchasing.domain.orders.status import without_line as without_order_line
from purchasing.domain.papers import OrderParties, order_paper
from purchasing.domain.ubl import order_ubl
from tests.unit.purchasing import examples as x
from tests.unit.purchasing.test_purchase_invoices import posted, received, with_receipt

AT = "/invoice_discount_amount"
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def ordered(discount: str, *costs: str, quantity: int = 5) -> Order:
    """An order with a line of five at each of these costs."""
    lines = tuple(
        NewPurchaseLine(item_no="1100", quantity=Decimal(quantity), direct_unit_cost=Decimal(cost))
        for cost in costs
    )
    data = NewPurchaseOrder(no="P-1", vendor_no="V10", invoice_discount_amount=Decimal(discount), lines=lines)
    return new_order(data, x.context())


def all_received(order: Order) -> Order:
    wanted = [LineToReceive(line=line, quantity=line.quantity) for line in order.lines]
    return receive(order, wanted, x.delivery(), x.context()).order


def billed(order: Order, *quantities: int) -> Invoiced:
    lines = [
        LineToInvoice(line_id=line.id, quantity=Decimal(quantity))
        for line, quantity in zip(order.lines, quantities, strict=True)
    ]
    done = invoice(order, VendorInvoice(posting_date=x.TODAY, lines=lines), {})
    assert done is not None
    return done


def refused(order: Order, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        changed_header(order, PurchaseOrderChanges(**changes), x.context())
    return [(v.code, v.pointer) for v in refusal.value.violations]


def test_an_order_costs_less_by_its_discount() -> None:
    assert order_total(ordered("10.00", "8.00", "2.00")) == Decimal("40.00")


def test_a_discount_is_no_more_than_the_lines_cost_and_no_finer_than_the_currency() -> None:
    order = ordered("0", "8.00")
    assert refused(order, invoice_discount_amount=Decimal("40.01")) == [("out-of-range", AT)]
    assert refused(order, invoice_discount_amount=Decimal("1.001")) == [("too-many-decimals", AT)]
    with pytest.raises(Refusal) as refusal:
        ordered("40.01", "8.00")
    assert refusal.value.code == "out-of-range"


def test_an_invoice_of_everything_takes_the_whole_discount() -> None:
    done = billed(all_received(ordered("10.00", "8.00", "2.00")), 5, 5)
    assert [(line.amount, line.invoice_discount_amount) for line in done.document.lines] == [
        (Decimal("32.00"), Decimal("8.00")),
        (Decimal("8.00"), Decimal("2.00")),
    ]
    assert done.document.amount == Decimal("40.00")
    assert [line.amount_invoiced for line in done.order.lines] == [Decimal("32.00"), Decimal("8.00")]


def test_what_invoices_took_of_the_discount_stays() -> None:
    after = billed(all_received(ordered("10.00", "8.00", "2.00")), 5, 0).order
    assert after.discount_invoiced == Decimal("8.00")
    opened = after.replaced(status="open")
    assert refused(opened, invoice_discount_amount=Decimal("7.99")) == [("has-postings", AT)]


@given(
    currency_code=st.sampled_from(["JPY", "EUR", "KWD"]),
    quantities=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    units=st.integers(1, 9999),
    part=st.fractions(0, 1),
    data=st.data(),
)
def test_part_invoices_take_the_whole_discount(
    currency_code: str, quantities: list[int], units: int, part: Any, data: st.DataObject
) -> None:
    """In currencies with none, two and three decimals."""
    money = currency(currency_code)
    cost = units * money.minor_unit
    gross = units * sum(quantities)
    discount = int(gross * part) * money.minor_unit
    lines = tuple(
        replace(x.line(line_no=10000 * (i + 1)), id=x.new_id(), quantity=Decimal(q), direct_unit_cost=cost)
        for i, q in enumerate(quantities)
    )
    order = all_received(
        x.order(*lines).replaced(currency_code=currency_code, invoice_discount_amount=discount)
    )
    left, amounts = list(quantities), []
    while any(left):
        now = [data.draw(st.integers(0, quantity)) for quantity in left]
        if not any(now):
            now = list(left)
        done = billed(order, *now)
        assert all(line.amount >= 0 for line in done.document.lines)
        amounts.append(done.document.amount)
        order, left = done.order, [a - b for a, b in zip(left, now, strict=True)]
    assert sum(amounts) == gross * money.minor_unit - discount
    assert order.discount_invoiced == discount
    assert sum(line.amount_invoiced or 0 for line in order.lines) == sum(amounts)


def test_a_discount_that_outgrew_its_lines_stops_the_release() -> None:
    order = without_order_line(ordered("30.00", "4.00", "4.00"), 20000)
    with pytest.raises(Refusal) as refusal:
        released(order, x.context())
    assert [(v.code, v.pointer) for v in refusal.value.violations] == [("discount-exceeds-order", AT)]


def test_another_vendor_ends_the_discount_and_another_currency_converts_it() -> None:
    rate = ExchangeRate(version=1, currency_code="USD", date=x.TODAY, rate=Decimal("0.80"))
    found = x.references().with_records(ExchangeRate, {"USD/2026-03-02": rate})
    order = ordered("10.00", "8.00")
    in_dollars = changed_header(order, PurchaseOrderChanges(currency_code="USD"), x.context(found))
    assert in_dollars.invoice_discount_amount == Decimal("12.50")
    other = found.with_records(type(x.VENDOR), {"V20": replace(x.VENDOR, no="V20")})
    elsewhere = changed_header(order, PurchaseOrderChanges(vendor_no="V20"), x.context(other))
    assert elsewhere.invoice_discount_amount == 0


def test_another_discount_is_another_revision() -> None:
    order = ordered("10.00", "8.00").replaced(sent_at=x.NOW)
    after = revised(order, order.replaced(invoice_discount_amount=Decimal("9.00")))
    assert (after.revision, after.changed_since_sent) == (2, True)


def test_the_vendor_s_papers_show_the_discount() -> None:
    order = ordered("10.00", "8.00")
    parties = OrderParties(company=x.COMPANY, vendor=x.VENDOR)
    assert [(fact.label, fact.value) for fact in order_paper(order, parties).totals] == [
        ("Sum of the lines", "40.00 EUR"),
        ("Discount", "-10.00 EUR"),
        ("Total without tax", "30.00 EUR"),
    ]
    root = ET.fromstring(order_ubl(order, parties))  # noqa: S314 - made here
    names = [child.tag.partition("}")[2] for child in root]
    assert names.index("AllowanceCharge") == names.index("AnticipatedMonetaryTotal") - 1
    assert root.findtext("cac:AllowanceCharge/cbc:Amount", namespaces=NAMES) == "10.00"
    totals = root.find("cac:AnticipatedMonetaryTotal", NAMES)
    assert totals is not None
    assert [child.text for child in totals] == ["40.00", "10.00", "30.00"]


def an_invoice(discount: str, *costs: str) -> Invoice:
    lines = tuple(
        NewInvoiceLine(item_no="1100", quantity=Decimal(5), direct_unit_cost=Decimal(cost)) for cost in costs
    )
    data = NewPurchaseInvoice(
        no="PIV-1",
        vendor_no="V10",
        vendor_invoice_no="CW-1",
        invoice_discount_amount=Decimal(discount),
        lines=lines,
    )
    return new_invoice(data, x.context())


def test_a_purchase_invoice_shares_its_own_discount_by_its_lines() -> None:
    invoice_ = an_invoice("10.00", "8.00", "2.00")
    assert invoice_.total == Decimal("40.00")
    document = posted(invoice_).document
    assert document.amount == Decimal("40.00")
    assert [(line.amount, line.invoice_discount_amount) for line in document.lines] == [
        (Decimal("32.00"), Decimal("8.00")),
        (Decimal("8.00"), Decimal("2.00")),
    ]


def test_a_purchase_invoice_is_not_posted_with_a_discount_that_outgrew_its_lines() -> None:
    with pytest.raises(Refusal) as refusal:
        posted(without_line(an_invoice("30.00", "4.00", "4.00"), 20000))
    assert [v.code for v in refusal.value.violations] == ["discount-exceeds-order"]
    with pytest.raises(Refusal) as refusal:
        an_invoice("50.01", "8.00", "2.00")
    assert refusal.value.code == "out-of-range"


def test_receipts_on_an_invoice_bring_their_share_of_the_order_s_discount() -> None:
    """Three lines that share one: no cent is lost, on the invoice and when it is posted."""
    order, receipt = received(ordered("1.00", "3.33", "3.33", "3.33", quantity=1), 1)
    made = with_receipt(an_invoice("0"), order, receipt)
    assert made.total == Decimal("8.99")
    done = posted(made, order)
    assert done.document.amount == Decimal("8.99")
    assert done.orders[0].discount_invoiced == Decimal("1.00")
    assert sum(line.amount_invoiced or 0 for line in done.orders[0].lines) == Decimal("8.99")


def test_less_of_a_receipt_takes_less_of_the_order_s_discount() -> None:
    order, receipt = received(ordered("10.00", "8.00"), 5)
    made = with_receipt(an_invoice("0"), order, receipt)
    part = changed_invoice_line(made, made.lines[0], InvoiceLineChanges(quantity=Decimal(2)), x.context())
    assert part.invoice_discount_amount == Decimal("4.00")
    done = posted(made.with_line(part), order)
    assert (done.document.amount, done.orders[0].discount_invoiced) == (Decimal("12.00"), Decimal("4.00"))
