"""Posted documents of sales: shipments and invoices. They never change but for what is undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import asdict, replace

from contracts import fields
from contracts.sales.documents import PostedSalesDocument, PostedSalesInvoiceLine, PostedSalesLine
from contracts.sales.fields import PostingDate, SalesInvoiceNoOrBlank, SalesLineId
from contracts.values import Carrier, PostingId, TrackingNo
from domainkit.money import ZERO, currency
from domainkit.structs import extended
from sales.domain.line_supply import costed
from sales.domain.orders.amounts import Amounts, amounts_between, discount_pct, discounted, remaining_net
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order
from sales.domain.posting.decisions import ItemMovement, PostingDecision
from sales.domain.sourcing import SupplyLink

Links = Mapping[UUID, SupplyLink]
"""The link of each sales line that has one."""


class PostedShipmentLine(PostedSalesLine, frozen=True, kw_only=True):
    """What left of one line of the order."""

    sales_line_id: SalesLineId
    posting_id: PostingId
    quantity: Annotated[fields.TotalQuantity, Meta(description="What left.")]
    base: Annotated[
        fields.TotalQuantity,
        Meta(description="The line's shipped total before this movement.", examples=["0"]),
    ] = ZERO
    undone: Annotated[bool, Meta(description="The movement was taken back.", examples=[False])] = False


class PostedDocument(PostedSalesDocument, frozen=True, kw_only=True):
    """The header that posted documents share; it is numbered last of all, so that no number is lost."""

    no: Annotated[
        fields.NoOrBlank, Meta(description="Number of the posted document.", examples=["SS-1001"])
    ] = ""
    version: fields.Version = 1
    sales_order_no: fields.SalesOrderNoOrBlank = ""
    sales_invoice_no: SalesInvoiceNoOrBlank = ""
    posting_date: PostingDate


class PostedShipment(PostedDocument, frozen=True, kw_only=True):
    """A posted sales shipment: what left, and where to."""

    consignment_no: Annotated[
        fields.ForeignNo, Meta(description="The carrier's number of the consignment.", examples=["4711"])
    ] = ""
    carrier: Carrier = ""
    tracking_no: TrackingNo = ""
    lines: Annotated[tuple[PostedShipmentLine, ...], Meta(description="What left.")] = ()


class PostedInvoiceLine(PostedSalesInvoiceLine, frozen=True, kw_only=True):
    """What was invoiced of one line."""

    amount: Annotated[fields.Amount, Meta(description="Amount without tax.")] = ZERO

    order_discount: Annotated[
        fields.Amount, Meta(description="What it took of the discount on its order.", examples=["0.00"])
    ] = ZERO

    @property
    def left_to_credit(self) -> Decimal:
        """What of it was not given back yet."""
        return self.quantity - self.quantity_credited


class PostedInvoice(PostedDocument, frozen=True, kw_only=True):
    """A posted sales invoice: what is owed for what was shipped."""

    amount: Annotated[fields.Amount, Meta(description="Amount of all lines without tax.")] = ZERO
    tax_amount: Annotated[fields.Amount, Meta(description="Tax on the amount.", examples=["23.75"])] = ZERO
    lines: Annotated[tuple[PostedInvoiceLine, ...], Meta(description="What was invoiced.")] = ()

    correcting: Annotated[
        bool, Meta(description="A correction of it waits for purchasing.", examples=[False])
    ] = False
    credit_memo_no: Annotated[
        fields.NoOrBlank,
        Meta(description="The credit memo that corrected it; empty if none did.", examples=["SC-1001"]),
    ] = ""

    def line(self, line_no: int) -> PostedInvoiceLine | None:
        """The line with this number; None if there is none."""
        return next((line for line in self.lines if line.line_no == line_no), None)

    @property
    def invoice_discount(self) -> Decimal:
        """What it takes of the order's discount."""
        return sum((line.invoice_discount_amount for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """Amount and tax: what the customer owes."""
        return self.amount + self.tax_amount


class PostingResult(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of the documents that a post made; None without one."""

    shipment_no: str | None = None
    invoice_no: str | None = None


def shipment_of(order: Order, decision: PostingDecision, links: Links) -> PostedShipment:
    """The shipment of the movements that were decided, as the order is before them."""
    by_id = {line.id: line for line in order.lines}
    tracked = next((m for m in decision.movements if m.tracking_no or m.carrier), None)
    return extended(
        PostedShipment,
        order,
        no="",
        version=1,
        sales_order_no=order.order_no,
        posting_date=decision.posting_date,
        carrier=tracked.carrier if tracked else "",
        tracking_no=tracked.tracking_no if tracked else "",
        lines=tuple(
            _shipment_line(order.order_no, by_id[m.sales_line_id], m, links) for m in decision.movements
        ),
    )


def _shipment_line(order_no: str, line: Line, moved: ItemMovement, links: Links) -> PostedShipmentLine:
    link = links.get(line.id)
    return extended(
        PostedShipmentLine,
        costed(line, link),
        **asdict(line.ordered(order_no)),
        posting_id=moved.posting_id,
        quantity=moved.quantity,
        line_discount_pct=discount_pct(line),
        purchase_order_no=moved.purchase_order_no or (link.purchase_order_no if link else ""),
        purchase_order_line_no=moved.purchase_order_line_no
        or (link.purchase_order_line_no if link else None),
        base=line.quantity_shipped,
    )


def invoice_of(
    order: Order, decision: PostingDecision, quantities: Mapping[UUID, Decimal], links: Links
) -> PostedInvoice:
    """The invoice of these quantities, as the order is before it.

    Of the order's discount it takes its part of what is left to invoice; the last invoice takes what remains.
    """
    billed = [line for line in order.lines if line.id in quantities]
    gross = [
        amounts_between(x, x.invoiced, x.invoiced + quantities[x.id], order.currency_code) for x in billed
    ]
    net = discounted(billed, gross, _discount(order, billed, gross), order.currency_code)
    lines = tuple(
        _invoice_line(order, line, quantities[line.id], links.get(line.id), before, after)
        for line, before, after in zip(billed, gross, net, strict=True)
    )
    zero = currency(order.currency_code).rounded(ZERO)
    return extended(
        PostedInvoice,
        order,
        no="",
        version=1,
        sales_order_no=_only([line.sales_order_no for line in lines]),
        posting_date=decision.posting_date,
        amount=sum((line.amount for line in lines), zero),
        tax_amount=sum((line.tax_amount for line in lines), zero),
        lines=lines,
    )


def _only(nos: Sequence[str]) -> str:
    """The one number; "" if they differ."""
    return nos[0] if len(set(nos)) == 1 else ""


def _discount(order: Order, billed: Sequence[Line], gross: Sequence[Amounts]) -> Decimal:
    left = order.invoice_discount_amount - order.discount_invoiced
    if left <= 0:
        return ZERO
    code = order.currency_code
    items = (amount.net for line, amount in zip(billed, gross, strict=True) if line.type == "item")
    return currency(code).part_of(left, sum(items, ZERO), remaining_net(order.lines, code))


def _invoice_line(
    order: Order, line: Line, quantity: Decimal, link: SupplyLink | None, gross: Amounts, amount: Amounts
) -> PostedInvoiceLine:
    _, billed = line.billed(quantity)
    return extended(
        PostedInvoiceLine,
        costed(line, link),
        **asdict(line.ordered(order.order_no)),
        quantity=quantity,
        posting_id=next(iter(billed), None),
        posting_ids=billed,
        line_discount_pct=discount_pct(line),
        amount=amount.net,
        tax_amount=amount.tax,
        shipment=line.own_shipment,
        invoice_discount_amount=(gross.net - amount.net) or ZERO,
        purchase_order_no=link.purchase_order_no if link else "",
        purchase_order_line_no=link.purchase_order_line_no if link else None,
    )


def undone_shipment(shipment: PostedShipment, posting_ids: Collection[UUID]) -> PostedShipment:
    """The document once movements of it were taken back; the same ones again change nothing."""
    lines = tuple(
        replace(line, undone=True) if line.posting_id in posting_ids else line for line in shipment.lines
    )
    if lines == shipment.lines:
        return shipment
    return replace(shipment, lines=lines, version=shipment.version + 1)


def numbered_order(order: Order, shipment_nos: Mapping[UUID, str]) -> Order:
    """The order whose postings carry the number of their shipment; `shipment_nos` by posting id."""

    def numbered(line: Line) -> Line:
        if all(posting.posting_id not in shipment_nos for posting in line.postings):
            return line
        postings = (
            replace(p, document_no=shipment_nos.get(p.posting_id, p.document_no)) for p in line.postings
        )
        return replace(line, postings=tuple(postings))

    return order.map_lines(numbered)


def numbered_invoice(invoice: PostedInvoice, invoice_no: str, shipment_no: str) -> PostedInvoice:
    """The invoice with its number; what left with it itself carries the number of its shipment."""
    lines = tuple(
        replace(line, shipment=replace(line.shipment, document_no=shipment_no)) if line.shipment else line
        for line in invoice.lines
    )
    return replace(invoice, no=invoice_no, lines=lines)
