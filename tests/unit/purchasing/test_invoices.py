"""What a vendor may invoice, and the posted invoice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.purchasing.fields import DROP_SHIPMENT
from contracts.refusals import Refusal
from contracts.sales.orders import SalesOrder
from domainkit.money import currency
from purchasing.domain.orders.invoices import Invoiced, LineToInvoice, VendorInvoice, invoice
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.receipts import LineToReceive, receive
from tests.unit.purchasing import examples as x


def received(*lines: Line, quantity: int = 5) -> Order:
    """An order of which so much of each line was received."""
    order = x.order(*lines)
    wanted = [LineToReceive(line=line, quantity=Decimal(quantity)) for line in order.lines]
    return receive(order, wanted, x.delivery(), x.context()).order


def invoiced(
    order: Order, *quantities: str | None, before_sale: bool = False, sold: SalesOrder | None = None
) -> Invoiced | None:
    """The first lines of the order invoiced in these quantities."""
    lines = [
        LineToInvoice(
            line_id=line.id,
            quantity=None if quantity is None else Decimal(quantity),
            pointer=f"/lines/{i}/qty_to_invoice",
        )
        for i, (line, quantity) in enumerate(zip(order.lines, quantities, strict=False))
    ]
    vendor_invoice = VendorInvoice(
        vendor_invoice_no="CW-1", posting_date=x.TODAY, lines=lines, before_sale=before_sale
    )
    return invoice(order, vendor_invoice, {} if sold is None else {sold.no: sold})


def refused(order: Order, *quantities: str | None, sold: SalesOrder | None = None) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        invoiced(order, *quantities, sold=sold)
    return refusal.value


def test_bc_ds_26_a_left_out_quantity_is_all_that_is_received_and_not_invoiced() -> None:
    done = invoiced(received(x.line(), quantity=2), None)
    assert done is not None
    assert done.order.lines[0].quantity_invoiced == 2


def test_what_is_received_and_invoiced_in_full_closes_the_order() -> None:
    done = invoiced(received(x.line()), None)
    assert done is not None
    assert done.order.status == "closed"


def test_nothing_received_leaves_nothing_to_invoice() -> None:
    assert invoiced(x.order(x.line()), None) is None


def test_a_quantity_of_zero_invoices_nothing() -> None:
    assert invoiced(received(x.line()), "0") is None


def test_bc_ds_26_more_than_received_is_refused_for_all_lines_at_once() -> None:
    order = received(x.line(), x.line(line_no=20000), quantity=2)
    violations = refused(order, "3", "4").violations
    assert [(v.code, v.pointer) for v in violations] == [
        ("quantity-exceeds-received", "/lines/0/qty_to_invoice"),
        ("quantity-exceeds-received", "/lines/1/qty_to_invoice"),
    ]


def test_what_was_invoiced_before_is_not_invoiced_again() -> None:
    first = invoiced(received(x.line()), "3")
    assert first is not None
    assert refused(first.order, "3").violations[0].members["qty_rcd_not_invoiced"] == 2


def test_bc_ds_24_a_drop_shipment_is_not_invoiced_before_its_sale() -> None:
    refusal = refused(received(x.line(DROP_SHIPMENT)), "1", sold=x.sales_order())
    assert refusal.code == "sales-order-not-invoiced"
    assert refusal.violations[0].members["sales_order_no"] == "S-1001"


def test_bc_ds_24_a_newer_copy_of_the_sales_order_could_allow_the_invoice() -> None:
    assert refused(received(x.line(DROP_SHIPMENT)), "1").waits_for == (("sales-order", "S-1001"),)


def test_bc_ds_24_as_much_as_the_customer_was_ever_invoiced_may_be_invoiced() -> None:
    sold = x.sales_order(x.sales_line(x.COMPASS, 20000, DROP_SHIPMENT, ever_invoiced=Decimal(3)))
    done = invoiced(received(x.line(DROP_SHIPMENT)), "3", sold=sold)
    assert done is not None
    assert done.order.lines[0].quantity_invoiced == 3


def test_the_setup_may_allow_the_invoice_before_the_sale() -> None:
    assert invoiced(received(x.line(DROP_SHIPMENT)), "5", before_sale=True) is not None


def test_the_document_has_the_amounts_of_what_is_invoiced_after_discount() -> None:
    line = replace(x.line(), direct_unit_cost=Decimal("9.99"), line_discount_pct=Decimal("12.5"))
    done = invoiced(received(line), "3")
    assert done is not None
    assert (done.document.amount, done.document.lines[0].amount) == (Decimal("26.22"), Decimal("26.22"))


@pytest.mark.parametrize(("currency_code", "off"), [("JPY", "1"), ("EUR", "1.00"), ("KWD", "1.000")])
def test_money_off_a_line_is_shared_by_its_invoices_without_a_rest(currency_code: str, off: str) -> None:
    money = currency(currency_code)
    line = replace(x.line(), direct_unit_cost=Decimal(10), line_discount_amount=Decimal(off))
    parts = [line.amount_between(Decimal(n), Decimal(n + 1), money) for n in range(int(line.quantity))]
    assert sum(parts, Decimal(0)) == line.amount(money) == line.quantity * 10 - Decimal(off)


def test_the_document_names_its_order_and_the_vendors_number() -> None:
    done = invoiced(received(x.line()), None)
    assert done is not None
    document = done.document
    assert (document.vendor_no, document.vendor_invoice_no, document.currency_code) == ("V10", "CW-1", "EUR")
    assert (document.lines[0].purchase_order_no, document.lines[0].purchase_order_line_no) == (
        "P-1001",
        10000,
    )


def test_bc_ds_30_a_line_keeps_what_the_vendor_charged_for_it() -> None:
    first = invoiced(received(replace(x.line(), direct_unit_cost=Decimal("9.99"))), "3")
    assert first is not None
    assert first.order.lines[0].amount_invoiced == Decimal("29.97")
    last = invoiced(first.order, None)
    assert last is not None
    assert last.order.lines[0].amount_invoiced == Decimal("49.95")


def test_what_was_invoiced_before_amounts_were_kept_cost_what_was_ordered() -> None:
    first = invoiced(received(replace(x.line(), direct_unit_cost=Decimal(10))), "3")
    assert first is not None
    before = first.order.with_lines([replace(first.order.lines[0], amount_invoiced=None)])
    last = invoiced(before, None)
    assert last is not None
    assert last.order.lines[0].amount_invoiced == 50
