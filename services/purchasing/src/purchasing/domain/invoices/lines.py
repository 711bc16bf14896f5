"""Lines of purchase invoices that people write: the rules of price and change are those of purchase orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import UNSET

from contracts.planning.masters import Location
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, Violations, invalid
from domainkit.decisions import DecisionContext
from domainkit.documents import check_line_count
from domainkit.money import currency
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from purchasing.domain.catalogue import need_terms, order_currency
from purchasing.domain.invoices.commands import (
    InvoiceLineChanges,
    NewInvoiceLine,
    NewPurchaseInvoice,
    PurchaseInvoiceChanges,
)
from purchasing.domain.invoices.invoice import COMMENT, Invoice, InvoiceLine, check_quantity_of_receipt
from purchasing.domain.locations import check_location
from purchasing.domain.orders.commands import PurchaseLineChanges
from purchasing.domain.orders.discounts import check_invoice_discount
from purchasing.domain.orders.lines import changed_line, need_for_line, new_line
from purchasing.domain.orders.order import LINE_NO_STEP
from purchasing.domain.orders.parties import vendor_to_buy_from


def need_for_new_invoice(query: ReferenceQuery, data: NewPurchaseInvoice, vendor: Vendor | None) -> None:
    """Ask for what a new invoice of the vendor refers to."""
    query.need(Vendor, data.vendor_no)
    query.need_rates(data.currency_code, data.document_date)
    location = (
        data.location_code if data.location_code is not None else vendor.location_code if vendor else ""
    )
    query.need(Location, location, *(line.location_code for line in data.lines if line.location_code))
    need_terms(query, data.vendor_no, *(line.item_no for line in data.lines))


def need_for_invoice(
    query: ReferenceQuery, invoice: Invoice, asked: NewInvoiceLine | InvoiceLineChanges | None = None
) -> None:
    """Ask for what the invoice's lines and the written one refer to."""
    need_terms(query, invoice.vendor_no, *(line.item_no for line in invoice.lines if line.item_no))
    query.need(Location, *(line.location_code for line in invoice.lines if line.location_code))
    if isinstance(asked, NewInvoiceLine):
        need_for_line(query, invoice.as_order, asked.as_purchase_line)
    elif asked is not None:
        need_for_line(query, invoice.as_order, _as_purchase_changes(asked))


def new_invoice(data: NewPurchaseInvoice, context: DecisionContext) -> Invoice:
    """A new invoice, whose number is given last; refused with the reasons of header and lines at once (BC-MD-18)."""
    references = context.references
    found = Violations()
    check_line_count(found, len(data.lines))
    found.refuse_if_any()
    vendor = vendor_to_buy_from(references, data.vendor_no)
    location_code = vendor.location_code if data.location_code is None else data.location_code
    check_location(found, references, location_code)
    currency_code = order_currency(
        references, vendor, data.currency_code, [line.item_no for line in data.lines]
    )
    header = extended(
        Invoice,
        data,
        version=1,
        vendor_name=vendor.name,
        location_code=location_code,
        currency_code=currency_code,
        document_date=data.document_date or references.today,
        lines=(),
    )
    made = header
    try:
        made = with_new_lines(header, data.lines, context)
    except Refusal as refusal:
        found.include(refusal)
    else:
        _check_discount(found, made)
    found.refuse_if_any()
    return made


def _check_discount(found: Violations, invoice: Invoice) -> None:
    discount = invoice.invoice_discount_amount
    check_invoice_discount(found, discount, invoice.lines_amount, invoice.currency_code)


def with_new_lines(invoice: Invoice, lines: Sequence[NewInvoiceLine], context: DecisionContext) -> Invoice:
    """The invoice with these lines; refused with the reasons of all lines at once."""
    found = Violations()
    made: list[InvoiceLine] = []
    for i, line in enumerate(lines):
        try:
            made.append(new_invoice_line(invoice, line, invoice.next_line_no + i * LINE_NO_STEP, context))
        except Refusal as refusal:
            found.include(refusal, at=f"/lines/{i}")
    found.refuse_if_any()
    return invoice.with_more_lines(made)


def new_invoice_line(
    invoice: Invoice, line: NewInvoiceLine, line_no: int, context: DecisionContext
) -> InvoiceLine:
    """A line with what its author left out taken from item, vendor and header."""
    made = new_line(invoice.as_order, line.as_purchase_line, line_no, context)
    return extended(InvoiceLine, made)


def changed_invoice_line(
    invoice: Invoice, line: InvoiceLine, changes: InvoiceLineChanges, context: DecisionContext
) -> InvoiceLine:
    """The line after a change (BC-PI-08); of a comment only the text changes."""
    invoice.must_be_open()
    given = {name: value for name, value in changes.given().items() if value != getattr(line, name)}
    if line.type == COMMENT:
        if given.keys() - {"description"}:
            raise invalid("line-type-not-supported", f"line {line.line_no} is a comment: it has a text alone")
        return extended(InvoiceLine, line, **given)
    found = Violations()
    if line.of_receipt:
        check_quantity_of_receipt(found, line, given)
    found.refuse_if_any()
    changed = changed_line(invoice.as_order, line.as_purchase_line, _as_purchase_changes(changes), context)
    # Demand and receipt are the invoice's own; the rest is what a purchase order's line would be.
    own = {name: getattr(line, name) for name in _OWN}
    return extended(
        InvoiceLine, changed, **own, invoice_discount_amount=_share(invoice, line, changed.quantity)
    )


def _share(invoice: Invoice, line: InvoiceLine, quantity: Decimal) -> Decimal:
    """The share of the order's discount that another quantity of the receipt takes."""
    share = line.invoice_discount_amount
    if not share or quantity == line.quantity:
        return share
    return currency(invoice.currency_code).rounded(share * quantity / line.quantity)


_OWN = ("type", "receipt_no", "posting_id", "purchase_order_no", "purchase_order_line_no", "demand")


def _as_purchase_changes(changes: InvoiceLineChanges) -> PurchaseLineChanges:
    return PurchaseLineChanges(**changes.given())


def changed_invoice(invoice: Invoice, changes: PurchaseInvoiceChanges, context: DecisionContext) -> Invoice:
    """The invoice after a change of its header; lines keep what they copied from it."""
    invoice.must_be_open()
    found = Violations()
    if changes.location_code is not UNSET:
        check_location(found, context.references, changes.location_code)
    after = invoice.replaced(**changes.given())
    if changes.invoice_discount_amount is not UNSET:
        _check_discount(found, after)
    found.refuse_if_any()
    return after


def without_line(invoice: Invoice, line_no: int) -> Invoice:
    """The invoice without this line; the receipt that it billed can be invoiced again."""
    invoice.must_be_open()
    line = invoice.line(line_no)
    return invoice.replaced(lines=tuple(each for each in invoice.lines if each is not line))


def deleted(invoice: Invoice) -> Invoice:
    """The invoice gone; a posted one stays (`has-postings`)."""
    invoice.must_be_open()
    return invoice.replaced(deleted=True)
