"""Posting a purchase invoice: it bills receipts, and receives what came with the invoice alone (BC-PI-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from contracts.planning.masters import Item
from contracts.purchasing.documents import PostedPurchaseInvoice, PostedPurchaseInvoiceLine
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations, conflict
from contracts.sales.orders import SalesOrder
from contracts.values import Posting
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO, currency
from domainkit.parties import check_item, check_vendor
from domainkit.structs import extended
from purchasing.domain.invoices.commands import InvoicePosting
from purchasing.domain.invoices.invoice import COMMENT, POSTED, Invoice, InvoiceLine
from purchasing.domain.orders.discounts import check_discount_fits, part_of_discount
from purchasing.domain.orders.invoices import (
    BilledLine,
    LineToInvoice,
    bill,
    gross_amount,
    with_amounts,
    with_discount_taken,
)
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.posted_receipts import source_of
from purchasing.domain.orders.posting import check_duplicate
from purchasing.domain.setup import setup_of


class InvoicePostingContext(DecisionContext, frozen=True, kw_only=True):
    """What posting an invoice is decided by besides the invoice."""

    orders: Mapping[str, Order]
    """The orders whose receipts it bills."""
    sales_orders: Mapping[str, SalesOrder]
    """Those of drop shipments that it bills, as far as their copies have come."""
    duplicate_of: str = ""
    posted_at: datetime


class PostedInvoice(msgspec.Struct, kw_only=True):
    """The invoice and the orders after it was posted, and the posted document, whose number is given last."""

    invoice: Invoice
    orders: tuple[Order, ...]
    document: PostedPurchaseInvoice


class BilledReceipt(msgspec.Struct, kw_only=True):
    """A receipt that a line bills. `order` is the order before, `discount` what the line takes of its discount."""

    order: Order
    billed: BilledLine
    discount: Decimal


class LineAmounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a line costs, and what was taken off it of the discounts of whole documents."""

    net: Decimal
    discount: Decimal


def post_invoice(invoice: Invoice, posting: InvoicePosting, context: InvoicePostingContext) -> PostedInvoice:
    """Post the whole invoice or nothing; every reason against it is named at once."""
    if invoice.status == POSTED:
        detail = f"purchase invoice {invoice.no} was posted as {invoice.posted_invoice_no}"
        raise conflict("already-invoiced", detail, invoice_no=invoice.posted_invoice_no)
    if not any(line.type != COMMENT for line in invoice.lines):
        raise conflict("nothing-to-post", f"purchase invoice {invoice.no} has no lines to post")
    found = Violations()
    _check(found, invoice, context)
    orders, billed = _bill(found, invoice, context)
    found.refuse_if_any()
    posting_date = posting.posting_date or invoice.posting_date or context.references.today
    amounts = _amounts(invoice, billed)
    lines = tuple(_posted_line(line, posting_date, billed, amounts, context) for line in invoice.lines)
    document = extended(
        PostedPurchaseInvoice,
        invoice,
        version=1,
        happened=("posted",),
        no="",
        order_date=invoice.document_date,
        posting_date=posting_date,
        amount=sum((line.amount for line in lines), ZERO),
        lines=lines,
    )
    return PostedInvoice(
        invoice=invoice.replaced(status=POSTED, posting_date=posting_date),
        orders=_with_amounts(orders, billed, amounts),
        document=document,
    )


def _check(found: Violations, invoice: Invoice, context: InvoicePostingContext) -> None:
    """Vendor and items may be bought from, and the vendor's invoice was not posted before."""
    references = context.references
    check_vendor(found, invoice.vendor_no, references.find(Vendor, invoice.vendor_no))
    check_duplicate(found, invoice.vendor_no, invoice.vendor_invoice_no, context.duplicate_of, references)
    check_discount_fits(found, invoice.invoice_discount_amount, invoice.lines_amount)
    for i, line in enumerate(invoice.lines):
        if line.type != COMMENT and not line.of_receipt:
            check_item(found, references.find(Item, line.item_no), f"/lines/{i}/item_no")


def _bill(
    found: Violations, invoice: Invoice, context: InvoicePostingContext
) -> tuple[dict[str, Order], dict[int, BilledReceipt]]:
    """The orders after their receipts were billed, and what was billed by line of the invoice."""
    before_sale = setup_of(context.references).allow_purchase_invoice_before_sales_invoice
    money = currency(invoice.currency_code)
    orders: dict[str, Order] = dict(context.orders)
    billed: dict[int, BilledReceipt] = {}
    changed: dict[str, Order] = {}
    for i, line in enumerate(invoice.lines):
        if not line.of_receipt:
            continue
        order = orders[line.purchase_order_no]
        wanted = _to_bill(order, line, f"/lines/{i}/quantity")
        done = bill(found, order, [wanted], context.sales_orders, before_sale=before_sale)
        after = done.order
        if done.lines:
            # Asked again: other invoices may have taken of the order's discount since the line was written.
            share = part_of_discount(order, gross_amount(done.lines[0], money))
            share = min(share, line.gross_in(money))
            billed[line.line_no] = BilledReceipt(order=order, billed=done.lines[0], discount=share)
            after = with_discount_taken(after, share)
        orders[order.no] = changed[order.no] = after
    return changed, billed


def _amounts(invoice: Invoice, billed: Mapping[int, BilledReceipt]) -> dict[int, LineAmounts]:
    """What each line costs by number: less its share of its order's discount, and of the invoice's own."""
    money = currency(invoice.currency_code)
    gross = [line.gross_in(money) for line in invoice.lines]
    of_order = [billed[line.line_no].discount if line.line_no in billed else ZERO for line in invoice.lines]
    nets = [amount - share for amount, share in zip(gross, of_order, strict=True)]
    of_invoice = money.spread(invoice.invoice_discount_amount, nets)
    return {
        line.line_no: LineAmounts(net=net - share, discount=(first + share) or ZERO)
        for line, net, first, share in zip(invoice.lines, nets, of_order, of_invoice, strict=True)
    }


def _with_amounts(
    orders: Mapping[str, Order], billed: Mapping[int, BilledReceipt], amounts: Mapping[int, LineAmounts]
) -> tuple[Order, ...]:
    """The orders, their lines with what the vendor charged for them."""
    after = dict(orders)
    for line_no, each in billed.items():
        no = each.order.no
        after[no] = with_amounts(after[no], [each.billed], [amounts[line_no].net])
    return tuple(after.values())


def _to_bill(order: Order, line: InvoiceLine, pointer: str) -> LineToInvoice:
    order_line = order.line(line.purchase_order_line_no or 0)
    return LineToInvoice(
        line_id=order_line.id, quantity=line.quantity, posting_id=line.posting_id, pointer=pointer
    )


def _posted_line(
    line: InvoiceLine,
    posting_date: date,
    billed: Mapping[int, BilledReceipt],
    amounts: Mapping[int, LineAmounts],
    context: InvoicePostingContext,
) -> PostedPurchaseInvoiceLine:
    amount = amounts[line.line_no]
    if line.line_no in billed:
        made = _billing_line(line, billed[line.line_no])
    else:
        made = _receiving_line(line, posting_date, context)
    return extended(
        PostedPurchaseInvoiceLine, made, amount=amount.net, invoice_discount_amount=amount.discount
    )


def _billing_line(line: InvoiceLine, receipt: BilledReceipt) -> PostedPurchaseInvoiceLine:
    bought = receipt.billed.line
    return extended(
        PostedPurchaseInvoiceLine,
        line,
        **source_of(receipt.order, bought),
        purchasing_code=bought.purchasing_code,
        drop_shipment=bought.drop_shipment,
        special_order=bought.special_order,
        amount=ZERO,
        posting_id=line.posting_id,
        posting_ids=receipt.billed.posting_ids,
    )


def _receiving_line(
    line: InvoiceLine, posting_date: date, context: InvoicePostingContext
) -> PostedPurchaseInvoiceLine:
    """Goods that no order announced enter stock with the invoice; a comment moves nothing."""
    receipt = None
    if line.type != COMMENT:
        receipt = Posting(
            posting_id=context.new_id(),
            quantity=line.quantity,
            posting_date=posting_date,
            origin="purchasing",
            posted_at=context.posted_at,
        )
    sales = line.demand[0] if line.demand else None
    return extended(
        PostedPurchaseInvoiceLine,
        line,
        purchase_order_line_no=0,
        sales_order_no=sales.sales_order_no if sales is not None else "",
        sales_order_line_no=sales.sales_order_line_no if sales is not None else None,
        amount=ZERO,
        posting_id=receipt.posting_id if receipt is not None else None,
        posting_ids=(receipt.posting_id,) if receipt is not None else (),
        receipt=receipt,
    )


def numbered(posted: Sequence[PostedInvoice], documents: Sequence[PostedPurchaseInvoice]) -> list[Invoice]:
    """The invoices with the numbers of their posted documents."""
    return [
        each.invoice.replaced(posted_invoice_no=document.no)
        for each, document in zip(posted, documents, strict=True)
    ]
