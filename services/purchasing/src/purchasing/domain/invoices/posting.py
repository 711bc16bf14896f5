"""Posting a purchase invoice: it bills receipts, and receives what came with the invoice alone (BC-PI-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from contracts.planning import Item
from contracts.purchasing import PostedPurchaseInvoice, PostedPurchaseInvoiceLine, Vendor
from contracts.refusals import Violations, conflict
from contracts.sales import SalesOrder
from contracts.values import Posting
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO, Currency, currency
from domainkit.parties import check_item, check_vendor
from domainkit.structs import extended
from purchasing.domain.invoices.commands import InvoicePosting
from purchasing.domain.invoices.invoice import COMMENT, POSTED, Invoice, InvoiceLine
from purchasing.domain.orders.invoices import BilledLine, LineToInvoice, bill, with_amounts
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
    lines = _lines(invoice, posting_date, billed, context)
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
        invoice=invoice.replaced(status=POSTED, posting_date=posting_date), orders=orders, document=document
    )


def _check(found: Violations, invoice: Invoice, context: InvoicePostingContext) -> None:
    """Vendor and items may be bought from, and the vendor's invoice was not posted before."""
    references = context.references
    check_vendor(found, invoice.vendor_no, references.find(Vendor, invoice.vendor_no))
    check_duplicate(found, invoice.vendor_no, invoice.vendor_invoice_no, context.duplicate_of, references)
    for i, line in enumerate(invoice.lines):
        if line.type != COMMENT and not line.of_receipt:
            check_item(found, references.find(Item, line.item_no), f"/lines/{i}/item_no")


def _bill(
    found: Violations, invoice: Invoice, context: InvoicePostingContext
) -> tuple[tuple[Order, ...], dict[int, tuple[Order, BilledLine]]]:
    """The orders after their receipts were billed, and what was billed by line of the invoice."""
    before_sale = setup_of(context.references).allow_purchase_invoice_before_sales_invoice
    orders: dict[str, Order] = dict(context.orders)
    billed: dict[int, tuple[Order, BilledLine]] = {}
    changed: dict[str, Order] = {}
    for i, line in enumerate(invoice.lines):
        if not line.of_receipt:
            continue
        order = orders[line.purchase_order_no]
        wanted = _to_bill(order, line, f"/lines/{i}/quantity")
        done = bill(found, order, [wanted], context.sales_orders, before_sale=before_sale)
        amounts = [line.amount_in(currency(invoice.currency_code)) for _ in done.lines]
        orders[order.no] = changed[order.no] = with_amounts(done.order, done.lines, amounts)
        if done.lines:
            billed[line.line_no] = (order, done.lines[0])
    return tuple(changed.values()), billed


def _to_bill(order: Order, line: InvoiceLine, pointer: str) -> LineToInvoice:
    order_line = order.line(line.purchase_order_line_no or 0)
    return LineToInvoice(
        line_id=order_line.id, quantity=line.quantity, posting_id=line.posting_id, pointer=pointer
    )


def _lines(
    invoice: Invoice,
    posting_date: date,
    billed: Mapping[int, tuple[Order, BilledLine]],
    context: InvoicePostingContext,
) -> tuple[PostedPurchaseInvoiceLine, ...]:
    money = currency(invoice.currency_code)
    made: list[PostedPurchaseInvoiceLine] = []
    for line in invoice.lines:
        if line.line_no in billed:
            made.append(_billing_line(line, *billed[line.line_no], money))
        else:
            made.append(_receiving_line(line, posting_date, context, money))
    return tuple(made)


def _billing_line(
    line: InvoiceLine, order: Order, billed: BilledLine, money: Currency
) -> PostedPurchaseInvoiceLine:
    bought = billed.line
    return extended(
        PostedPurchaseInvoiceLine,
        line,
        **source_of(order, bought),
        purchasing_code=bought.purchasing_code,
        drop_shipment=bought.drop_shipment,
        special_order=bought.special_order,
        amount=line.amount_in(money),
        posting_id=line.posting_id,
        posting_ids=billed.posting_ids,
    )


def _receiving_line(
    line: InvoiceLine, posting_date: date, context: InvoicePostingContext, money: Currency
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
        amount=line.amount_in(money),
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
