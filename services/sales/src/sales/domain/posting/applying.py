"""Applying a decided post: shipments as records on the lines, invoices over what has left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domainkit.money import ZERO
from domainkit.postings import BilledPosting
from domainkit.structs import extended
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order, PlannedLine, closed_if_done
from sales.domain.posting.decisions import ItemMovement, PostingDecision
from sales.domain.posting.documents import Links, PostedInvoice, PostedShipment, invoice_of, shipment_of


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """The order afterwards with its documents, still without numbers; what special orders took of their grants."""

    order: Order
    shipment: PostedShipment | None = None
    invoice: PostedInvoice | None = None
    taken_from_grants: Mapping[UUID, Decimal] = {}
    happened: tuple[str, ...] = ()


def apply_posting(before: Order, decision: PostingDecision, links: Links, posted_at: datetime) -> Posted:
    """Apply the decision: postings on the lines, the documents, and status `closed` if nothing is left."""
    order, happened = without_pending(before, decision.ends), list[str]()
    taken: dict[UUID, Decimal] = {}
    shipment = invoice = None
    # The shipment is made of the order before it, the invoice of the order after it: it bills what has just left too.
    if decision.movements:
        shipment = shipment_of(order, decision, links)
        taken = _special_quantities(order, decision.movements)
        order = _shipped(order, decision, posted_at)
        happened.append("shipped")
    quantities = billable(order, decision.invoiced)
    if quantities:
        invoice = invoice_of(order, decision, quantities, links)
        order = _invoiced(order, quantities, invoice.invoice_discount)
        happened.append("invoiced")
    closed = closed_if_done(order)
    if closed is not order:
        happened.append("closed")
    return Posted(
        order=closed, shipment=shipment, invoice=invoice, taken_from_grants=taken, happened=tuple(happened)
    )


def without_pending(order: Order, ended: UUID | None) -> Order:
    """The order without a pending post that came to its end."""
    if ended is None:
        return order
    return replace(order, pending_posts=tuple(post for post in order.pending_posts if post.id != ended))


def billable(order: Order, planned: Iterable[PlannedLine]) -> dict[UUID, Decimal]:
    """What of the plan can be invoiced after the goods left: never more than is shipped and not invoiced."""
    by_id = {line.id: line for line in order.lines}
    capped = {
        p.sales_line_id: min(p.invoice, by_id[p.sales_line_id].qty_shipped_not_invoiced)
        for p in planned
        if p.sales_line_id in by_id
    }
    return {line_id: quantity for line_id, quantity in capped.items() if quantity > 0}


def _shipped(order: Order, decision: PostingDecision, posted_at: datetime) -> Order:
    moved = {movement.sales_line_id: movement for movement in decision.movements}

    def after(line: Line) -> Line:
        movement = moved.get(line.id)
        if movement is None:
            return line
        posting = extended(BilledPosting, movement, posting_date=decision.posting_date, posted_at=posted_at)
        return replace(line, postings=(*line.postings, posting), qty_to_ship=None)

    return order.map_lines(after)


def _special_quantities(order: Order, movements: Iterable[ItemMovement]) -> dict[UUID, Decimal]:
    special = {line.id for line in order.lines if line.special_order}
    return {m.sales_line_id: m.quantity for m in movements if m.sales_line_id in special}


def _invoiced(order: Order, quantities: Mapping[UUID, Decimal], discount: Decimal) -> Order:
    def after(line: Line) -> Line:
        quantity = quantities.get(line.id, ZERO)
        return line.billed(quantity)[0] if quantity > 0 else line

    if discount:
        order = replace(order, discount_invoiced=order.discount_invoiced + discount)
    return order.map_lines(after)
