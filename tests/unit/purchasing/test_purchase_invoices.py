"""Purchase invoices before they are posted: their lines, the receipts they bill, and posting them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.purchasing.fields import DROP_SHIPMENT
from contracts.refusals import Refusal
from domainkit.references import ReferenceData
from domainkit.structs import extended
from purchasing.domain.invoices.commands import (
    InvoiceLineChanges,
    InvoicePosting,
    NewInvoiceLine,
    NewPurchaseInvoice,
    ReceiptLinesToGet,
)
from purchasing.domain.invoices.invoice import COMMENT, POSTED, Invoice, InvoiceLine
from purchasing.domain.invoices.lines import changed_invoice_line, deleted, new_invoice, without_line
from purchasing.domain.invoices.posting import InvoicePostingContext, PostedInvoice, post_invoice
from purchasing.domain.invoices.receipt_lines import with_receipt_lines
from purchasing.domain.orders.billing import not_invoiced
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.posted_receipts import PostedReceipt
from purchasing.domain.orders.receipts import LineToReceive, receive
from purchasing.domain.setup import PurchasingSetup
from tests.unit.purchasing import examples as x


def made(*lines: NewInvoiceLine, found: ReferenceData | None = None) -> Invoice:
    data = NewPurchaseInvoice(no="PIV-1", vendor_no="V10", vendor_invoice_no="CW-1", lines=lines)
    return new_invoice(data, x.context(found))


def rope(quantity: int = 2) -> NewInvoiceLine:
    return NewInvoiceLine(item_no="1100", quantity=Decimal(quantity))


def received(order: Order, quantity: int) -> tuple[Order, PostedReceipt]:
    """The order after so much of each line came, and the receipt."""
    wanted = [LineToReceive(line=line, quantity=Decimal(quantity)) for line in order.lines]
    done = receive(order, wanted, x.delivery(), x.context())
    assert done.document is not None
    return done.order, replace(done.document, no="PR-1")


def with_receipt(
    invoice: Invoice, order: Order, receipt: PostedReceipt, line_nos: tuple[int, ...] | None = None
) -> Invoice:
    wanted = ReceiptLinesToGet(receipt_no=receipt.no, line_nos=line_nos)
    return with_receipt_lines(invoice, receipt, wanted, {order.no: order}, x.context())


def posted(
    invoice: Invoice, *orders: Order, duplicate_of: str = "", found: ReferenceData | None = None
) -> PostedInvoice:
    context = extended(
        InvoicePostingContext,
        x.context(found),
        orders={order.no: order for order in orders},
        duplicate_of=duplicate_of,
        posted_at=x.NOW,
    )
    return post_invoice(invoice, InvoicePosting(), context)


def codes(refusal: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [violation.code for violation in refusal.value.violations]


def test_a_line_takes_what_is_left_out_from_item_and_vendor() -> None:
    (line,) = made(rope()).lines
    assert (line.line_no, line.unit_of_measure_code, line.direct_unit_cost) == (10000, "PCS", 7)


def test_bc_pi_07_a_blocked_vendor_gets_no_invoice() -> None:
    """BC-PI-07: a vendor blocked for all is an error."""
    blocked = x.references(vendors=[replace(x.VENDOR, blocked="all")])
    with pytest.raises(Refusal) as refusal:
        made(rope(), found=blocked)
    assert codes(refusal) == ["vendor-blocked"]


def test_bc_pi_08_quantities_are_changed_on_the_invoice_before_it_is_posted() -> None:
    """BC-PI-08: quantity changes are made on the purchase invoice afterwards."""
    invoice = made(rope())
    changed = changed_invoice_line(
        invoice, invoice.lines[0], InvoiceLineChanges(quantity=Decimal(3)), x.context()
    )
    assert (changed.quantity, changed.id) == (3, invoice.lines[0].id)


def test_bc_pi_08_goods_without_a_receipt_are_received_with_the_invoice() -> None:
    """BC-PI-08: posting receives into stock."""
    done = posted(made(rope()))
    (line,) = done.document.lines
    assert line.receipt is not None
    assert (line.receipt.quantity, line.posting_ids, done.document.amount) == (
        2,
        (line.receipt.posting_id,),
        14,
    )
    assert done.invoice.status == POSTED


def test_a_line_of_a_receipt_bills_it_and_moves_nothing_again() -> None:
    order, receipt = received(x.order(x.line()), 2)
    done = posted(with_receipt(made(), order, receipt), order)
    (line,) = done.document.lines
    assert (line.receipt, line.purchase_order_no, line.quantity) == (None, order.no, 2)
    assert done.orders[0].lines[0].quantity_invoiced == 2


def test_each_receipt_of_a_line_is_invoiced_by_itself_and_once() -> None:
    order, first = received(x.order(x.line()), 2)
    order, second = received(order, 3)
    invoice = with_receipt(made(), order, second)
    order = posted(invoice, order).orders[0]
    line = order.lines[0]
    assert [not_invoiced(line, r.posting_id) for r in line.receipts] == [2, 0]
    with pytest.raises(Refusal) as refusal:
        posted(invoice, order)
    assert codes(refusal) == ["already-invoiced"]
    assert with_receipt(made(), order, first).lines[0].quantity == 2


def test_a_named_receipt_line_that_is_invoiced_is_refused_and_a_whole_receipt_has_nothing_left() -> None:
    order, receipt = received(x.order(x.line()), 2)
    order = posted(with_receipt(made(), order, receipt), order).orders[0]
    with pytest.raises(Refusal) as refusal:
        with_receipt(made(), order, receipt, (10000,))
    assert codes(refusal) == ["already-invoiced"]
    with pytest.raises(Refusal) as refusal:
        with_receipt(made(), order, receipt)
    assert codes(refusal) == ["no-lines-to-retrieve"]


def test_a_receipt_is_put_onto_an_invoice_once() -> None:
    order, receipt = received(x.order(x.line()), 2)
    with pytest.raises(Refusal) as refusal:
        with_receipt(with_receipt(made(), order, receipt), order, receipt)
    assert codes(refusal) == ["no-lines-to-retrieve"]


def test_only_lines_of_the_receipt_can_be_named() -> None:
    order, receipt = received(x.order(x.line()), 2)
    with pytest.raises(Refusal) as refusal:
        with_receipt(made(), order, receipt, (10000, 10000, 70000))
    assert codes(refusal) == ["duplicate-line", "unknown-line"]


def test_another_vendors_receipt_is_refused() -> None:
    order, receipt = received(x.order(x.line()), 2)
    with pytest.raises(Refusal) as refusal:
        with_receipt(made(), order, replace(receipt, vendor_no="V20"))
    assert codes(refusal) == ["vendor-mismatch"]


def test_more_than_came_with_the_receipt_cannot_be_invoiced() -> None:
    order, receipt = received(x.order(x.line()), 2)
    invoice = with_receipt(made(), order, receipt)
    more = invoice.with_line(replace(invoice.lines[0], quantity=Decimal(3)))
    with pytest.raises(Refusal) as refusal:
        posted(more, order)
    assert codes(refusal) == ["quantity-exceeds-received"]


def test_what_a_billed_line_stands_for_cannot_change() -> None:
    order, receipt = received(x.order(x.line()), 2)
    invoice = with_receipt(made(), order, receipt)
    changes = InvoiceLineChanges(item_no="1200", location_code="NORTH")
    with pytest.raises(Refusal) as refusal:
        changed_invoice_line(invoice, invoice.lines[0], changes, x.context())
    assert set(codes(refusal)) == {"has-postings"}


def test_the_vendors_own_price_of_a_receipt_is_what_is_invoiced() -> None:
    order, receipt = received(x.order(x.line()), 2)
    invoice = with_receipt(made(), order, receipt)
    dearer = InvoiceLineChanges(direct_unit_cost=Decimal(9))
    line = changed_invoice_line(invoice, invoice.lines[0], dearer, x.context())
    assert posted(invoice.with_line(line), order).document.amount == 18


def test_bc_ds_24_a_drop_shipments_receipt_is_not_billed_before_its_sale_and_the_setup_lifts_it() -> None:
    """BC-DS-24: the error names the sales order to invoice first; the setting allows it (G2)."""
    line = x.line(DROP_SHIPMENT)
    sold = x.sales_order(x.sales_line(x.COMPASS, 20000, DROP_SHIPMENT))
    context = x.context(sales_orders={sold.no: sold})
    done = receive(x.order(line), [LineToReceive(line=line, quantity=Decimal(1))], x.delivery(), context)
    assert done.document is not None
    order, receipt = done.order, replace(done.document, no="PR-1")
    invoice = with_receipt(made(), order, receipt)
    with pytest.raises(Refusal) as refusal:
        posted(invoice, order)
    (violation,) = refusal.value.violations
    assert (violation.code, violation.members["sales_order_no"]) == ("sales-order-not-invoiced", "S-1001")
    setup = PurchasingSetup(version=1, allow_purchase_invoice_before_sales_invoice=True)
    lines = posted(invoice, order, found=x.references(setup=setup)).document.lines
    assert (lines[0].drop_shipment, lines[0].receipt) == (True, None)


def test_every_reason_against_a_post_is_named_at_once() -> None:
    found = x.references(
        vendors=[replace(x.VENDOR, blocked="all")], items=[x.item("1100", purchasing_blocked=True)]
    )
    with pytest.raises(Refusal) as refusal:
        posted(made(rope()), duplicate_of="PI-7", found=found)
    assert codes(refusal) == ["vendor-blocked", "duplicate-vendor-invoice", "item-blocked"]


def test_comments_alone_are_nothing_to_post() -> None:
    text = InvoiceLine(id=x.new_id(), line_no=10000, type=COMMENT, description="Thank you")
    with pytest.raises(Refusal) as refusal:
        posted(made().with_more_lines([text]))
    assert codes(refusal) == ["nothing-to-post"]


def test_a_posted_invoice_is_history() -> None:
    invoice = posted(made(rope())).invoice
    for act in (lambda: posted(invoice), lambda: deleted(invoice), lambda: without_line(invoice, 10000)):
        with pytest.raises(Refusal) as refusal:
            act()
        assert codes(refusal)[0] in {"already-invoiced", "has-postings"}


def test_line_numbers_are_never_used_twice() -> None:
    invoice = without_line(made(rope(), rope()), 20000)
    assert invoice.next_line_no == 30000
