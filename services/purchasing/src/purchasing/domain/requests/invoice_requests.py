"""Sales asks for a purchase invoice of a sales document's lines: full quantity, the vendor's price (BC-PI-01..07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.planning.masters import Item
from contracts.purchasing.masters import Vendor
from contracts.purchasing.outcomes import RequestOutcome
from contracts.refusals import Refusal, Violations
from contracts.sales.documents import UnpostedSalesInvoice
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.sales.requests import PurchaseInvoiceRequest
from contracts.values import Problem
from domainkit.decisions import DecisionContext
from domainkit.parties import check_vendor
from domainkit.references import CopyMissing, ReferenceData, ReferenceQuery
from domainkit.structs import extended
from purchasing.domain.catalogue import need_terms, order_currency
from purchasing.domain.invoices.commands import NewInvoiceLine
from purchasing.domain.invoices.invoice import (
    COMMENT,
    INVOICE_DEMAND,
    ITEM,
    Demand,
    Invoice,
    InvoiceLine,
)
from purchasing.domain.invoices.lines import new_invoice_line
from purchasing.domain.links import ASSOCIATED, LinkState

KIND: Final = "purchase_invoice_request"
CREATED: Final = "created"
REFUSED: Final = "refused"


class InvoiceRequestContext(DecisionContext, frozen=True, kw_only=True):
    """What such requests are decided by besides the sales order."""

    linked: Mapping[UUID, LinkState]
    """Links to purchase orders, by sales line."""
    made: Sequence[Invoice]
    """Invoices that were made for the sales order before, the first one first."""


class SoldDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The sales document whose lines are bought: an order, or an invoice without one."""

    sales_order_no: str = ""
    sales_invoice_no: str = ""
    location_code: str
    external_reference: str
    lines: tuple[SalesLine, ...]

    @property
    def no(self) -> str:
        """Number of the sales document that the purchase is for."""
        return self.sales_order_no or self.sales_invoice_no


def of_order(order: SalesOrder) -> SoldDocument:
    """An order as the document that is bought for."""
    return extended(SoldDocument, order, sales_order_no=order.no)


def of_invoice(invoice: UnpostedSalesInvoice) -> SoldDocument:
    """An invoice as the document that is bought for."""
    return extended(SoldDocument, invoice, sales_invoice_no=invoice.no)


class DecidedInvoice(msgspec.Struct, kw_only=True):
    """What became of a request: an invoice, whose number is given last, or every reason why not."""

    request: PurchaseInvoiceRequest
    document: SoldDocument
    invoice: Invoice | None = None
    errors: tuple[Problem, ...] = ()

    def event(self) -> RequestOutcome:
        """The outcome as it is published."""
        outcome = REFUSED if self.invoice is None else CREATED
        return RequestOutcome(
            version=1,
            happened=(outcome,),
            request_id=self.request.id,
            kind=KIND,
            outcome=outcome,
            sales_order_no=self.document.sales_order_no,
            sales_invoice_no=self.document.sales_invoice_no,
            errors=self.errors,
            purchase_invoice_no=self.invoice.no if self.invoice is not None else "",
        )


def wanted_lines(document: SoldDocument, request: PurchaseInvoiceRequest) -> list[SalesLine]:
    """The lines to buy: those that are named, or all (BC-PI-02)."""
    return [line for line in document.lines if not request.line_nos or line.line_no in request.line_nos]


def vendor_no_of(
    lines: Sequence[SalesLine], request: PurchaseInvoiceRequest, references: ReferenceData
) -> str:
    """The vendor that was chosen, else the one that all items share; "" if they do not (BC-PI-03)."""
    if request.vendor_no:
        return request.vendor_no
    found = {item.vendor_no for line in lines if (item := references.find(Item, line.item_no)) is not None}
    return found.pop() if len(found) == 1 else ""


def need_for_lines(
    query: ReferenceQuery,
    document: SoldDocument,
    request: PurchaseInvoiceRequest,
    references: ReferenceData,
) -> None:
    """Ask for what the vendor takes; `references` has the items already."""
    lines = wanted_lines(document, request)
    need_terms(query, vendor_no_of(lines, request, references), *(line.item_no for line in lines))
    query.need_rates("", references.today)


def decide_invoice_request(
    document: SoldDocument, request: PurchaseInvoiceRequest, context: InvoiceRequestContext
) -> DecidedInvoice:
    """One unposted invoice of all lines, or none with every reason. CopyMissing if an item's copy has not come yet."""
    lines = wanted_lines(document, request)
    references = context.references
    missing = next((x for x in lines if x.type == ITEM and not references.has_come(Item, x.item_no)), None)
    if missing is not None:
        raise CopyMissing("item", missing.item_no)
    try:
        made = _invoice(document, lines, request, context)
    except Refusal as refusal:
        return DecidedInvoice(request=request, document=document, errors=refusal.problems())
    return DecidedInvoice(request=request, document=document, invoice=made)


def _invoice(
    document: SoldDocument,
    lines: Sequence[SalesLine],
    request: PurchaseInvoiceRequest,
    context: InvoiceRequestContext,
) -> Invoice:
    references = context.references
    found = Violations()
    _check_lines(found, lines, context)
    if not request.allow_repeat:
        _check_repeated(found, lines, context.made)
    vendor_no = vendor_no_of(lines, request, references)
    vendor = references.find(Vendor, vendor_no)
    if vendor_no:
        check_vendor(found, vendor_no, vendor)
    else:
        detail = "the items have no vendor in common: choose one"
        found.conflict("vendor-required", detail, "/vendor_no")
    found.refuse_if_any()
    assert vendor is not None  # noqa: S101 - check_vendor has noted a missing one
    header = Invoice(
        version=1,
        vendor_no=vendor_no,
        vendor_name=vendor.name,
        currency_code=order_currency(references, vendor, "", [x.item_no for x in lines if x.item_no]),
        location_code=document.location_code,
        document_date=references.today,
        sales_document_no=document.no,
        external_reference=document.external_reference,
    )
    return header.with_more_lines(_lines(found, header, document, lines, context))


def _check_lines(found: Violations, lines: Sequence[SalesLine], context: InvoiceRequestContext) -> None:
    """Items and comments alone (BC-PI-04), and nothing that a purchase order brings already (BC-PI-06)."""
    if not any(line.type == ITEM for line in lines):
        found.conflict("nothing-to-create", "no line can be bought")
    for line in lines:
        if line.type not in {ITEM, COMMENT}:
            detail = f"type {line.type} of line {line.line_no} is not supported"
            found.conflict("line-type-not-supported", detail, line_no=line.line_no)
        link = context.linked.get(line.id)
        if link is not None and link.active_order_no:
            detail = f"line {line.line_no} is already associated with purchase order {link.active_order_no}"
            found.conflict(ASSOCIATED, detail, line_no=line.line_no)


def _check_repeated(found: Violations, lines: Sequence[SalesLine], made: Sequence[Invoice]) -> None:
    wanted = {line.line_no for line in lines if line.type == ITEM}
    for invoice in made:
        before = {demand.sales_order_line_no for line in invoice.lines for demand in line.demand} & wanted
        if before:
            detail = f"purchase invoice {invoice.no} was made of line {min(before)} already"
            found.conflict("already-purchased", detail, line_no=min(before))
            return


def _lines(
    found: Violations,
    header: Invoice,
    document: SoldDocument,
    lines: Sequence[SalesLine],
    context: InvoiceRequestContext,
) -> list[InvoiceLine]:
    made: list[InvoiceLine] = []
    for line in lines:
        if line.type == COMMENT:
            text = InvoiceLine(
                id=context.new_id(), line_no=line.line_no, type=COMMENT, description=line.description
            )
            made.append(text)
            continue
        try:
            made.append(_line(header, document, line, context))
        except Refusal as refusal:
            found.include(refusal)
    found.refuse_if_any()
    return made


def _line(
    header: Invoice, document: SoldDocument, line: SalesLine, context: InvoiceRequestContext
) -> InvoiceLine:
    """The full quantity, in the sales line's unit and at its location; the cost is the vendor's (BC-PI-05)."""
    wanted = NewInvoiceLine(
        item_no=line.item_no,
        quantity=line.quantity,
        description=line.description,
        unit_of_measure_code=line.unit_of_measure_code or None,
        location_code=line.location_code,
    )
    demand = Demand(
        kind=INVOICE_DEMAND,
        sales_order_no=document.sales_order_no,
        sales_invoice_no=document.sales_invoice_no,
        sales_order_line_no=line.line_no,
        quantity=line.quantity,
    )
    bought = new_invoice_line(header, wanted, line.line_no, context)
    return extended(InvoiceLine, bought, demand=(demand,))
