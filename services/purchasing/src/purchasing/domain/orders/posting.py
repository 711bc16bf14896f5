"""Posting a purchase order: receive, invoice, or both, in one act."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations, conflict, stale
from contracts.sales.masters import Customer
from domainkit.money import ZERO
from domainkit.parties import SHIPPING, check_customer, check_vendor
from domainkit.references import ReferenceData
from purchasing.domain.orders.commands import LineToPost, OrderPosting
from purchasing.domain.orders.invoices import Invoiced, LineToInvoice, VendorInvoice, invoice
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.posted_receipts import Delivery
from purchasing.domain.orders.receipts import LineToReceive, Received, ReceivingContext, receive
from purchasing.domain.setup import setup_of


class PostingContext(ReceivingContext, frozen=True, kw_only=True):
    """What a post is decided by besides the order and the request."""

    delivery: Delivery
    duplicate_of: str = ""
    """The posted invoice that has this vendor's invoice number already."""


class Posted(msgspec.Struct, kw_only=True):
    """The order after the post. `already_posted`: all of it was received before, as the same delivery."""

    order: Order
    received: Received | None
    invoiced: Invoiced | None
    already_posted: bool


def post(order: Order, posting: OrderPosting, seen_version: int | None, context: PostingContext) -> Posted:
    """Post an order, all or nothing. `seen_version` is the version that the caller looked at (If-Match)."""
    if not posting.receive:
        _check_version(order, [], seen_version)
    _check_request(order, posting, context)
    received = _receive(order, posting, seen_version, context) if posting.receive else None
    after = received.order if received is not None else order
    invoiced = _invoice(after, posting, context) if posting.invoice else None
    moved = received is not None and received.document is not None
    if not moved and invoiced is None and (received is None or not received.postings):
        raise conflict("nothing-to-post", f"purchase order {order.no} has nothing to post")
    if moved or invoiced is not None:
        _check_blocked(order, received, context.references)
    return Posted(
        order=invoiced.order if invoiced is not None else after,
        received=received,
        invoiced=invoiced,
        already_posted=received is not None and bool(received.postings) and not moved,
    )


def _check_request(order: Order, posting: OrderPosting, context: PostingContext) -> None:
    if not posting.receive and not posting.invoice:
        raise conflict("nothing-to-post", "neither receive nor invoice is asked for")
    if posting.lines is not None and not posting.lines:
        raise conflict("nothing-to-post", "no line is named", pointer="/lines")
    found = Violations()
    _check_lines(found, order, posting)
    if posting.invoice:
        number, posted_as = posting.vendor_invoice_no, context.duplicate_of
        check_duplicate(found, order.vendor_no, number, posted_as, context.references)
    found.refuse_if_any()


def check_duplicate(
    found: Violations,
    vendor_no: str,
    vendor_invoice_no: str,
    posted_as: str,
    references: ReferenceData,
) -> None:
    """A vendor's invoice number is posted once, unless the setup allows it again."""
    if not posted_as or setup_of(references).allow_duplicate_vendor_invoice_no:
        return
    found.conflict(
        "duplicate-vendor-invoice",
        f"vendor {vendor_no}'s invoice {vendor_invoice_no} was posted as {posted_as}",
        "/vendor_invoice_no",
        invoice_no=posted_as,
    )


def _check_lines(found: Violations, order: Order, posting: OrderPosting) -> None:
    """Each line at most once, and every one on the order."""
    existing = {line.line_no for line in order.live_lines}
    seen: set[int] = set()
    for i, wanted in enumerate(posting.lines or ()):
        pointer = f"/lines/{i}/line_no"
        if wanted.line_no not in existing:
            detail = f"purchase order {order.no} has no line {wanted.line_no}"
            found.invalid("unknown-line", detail, pointer)
        elif wanted.line_no in seen:
            found.invalid("duplicate-line", f"line {wanted.line_no} is named twice", pointer)
        seen.add(wanted.line_no)


def _receive(
    order: Order, posting: OrderPosting, seen_version: int | None, context: PostingContext
) -> Received | None:
    wanted = _to_receive(order, posting, seen_version)
    _check_version(order, wanted, seen_version)
    return receive(order, wanted, context.delivery, context) if wanted else None


def _check_version(order: Order, wanted: list[LineToReceive], seen_version: int | None) -> None:
    """For drop shipments a stale version is judged by the same-delivery rule; otherwise it is refused."""
    judged_by_delivery = bool(wanted) and all(each.line.drop_shipment for each in wanted)
    if seen_version is None or seen_version == order.version:
        return
    if not judged_by_delivery or seen_version > order.version:
        raise stale(order.no, order.version)


def _to_receive(order: Order, posting: OrderPosting, seen_version: int | None) -> list[LineToReceive]:
    if posting.lines is not None:
        wanted = [
            _line_to_receive(order.line(line.line_no), line, seen_version, f"/lines/{i}/qty_to_receive")
            for i, line in enumerate(posting.lines)
        ]
    else:
        wanted = [
            _line_to_receive(line, LineToPost(line_no=line.line_no), seen_version, "")
            for line in order.live_lines
        ]
    return [each for each in wanted if each.quantity > 0]


def _line_to_receive(line: Line, wanted: LineToPost, seen_version: int | None, pointer: str) -> LineToReceive:
    """The line to receive; an omitted quantity means what was outstanding in the version that the author saw."""
    quantity = wanted.qty_to_receive
    if not line.drop_shipment:
        quantity = line.outstanding_quantity if quantity is None else quantity
        return LineToReceive(line=line, quantity=quantity, pointer=pointer)
    base = _seen_total(line, seen_version) if wanted.posted_before is None else wanted.posted_before
    if quantity is None:
        quantity = max(line.quantity - base, ZERO)
    return LineToReceive(line=line, quantity=quantity, base=base, pointer=pointer)


def _seen_total(line: Line, seen_version: int | None) -> Decimal:
    return line.quantity_received if seen_version is None else line.received_at(seen_version)


def _invoice(order: Order, posting: OrderPosting, context: PostingContext) -> Invoiced | None:
    setup = setup_of(context.references)
    vendor_invoice = VendorInvoice(
        vendor_invoice_no=posting.vendor_invoice_no,
        posting_date=context.delivery.posting_date,
        lines=_to_invoice(order, posting),
        before_sale=setup.allow_purchase_invoice_before_sales_invoice,
    )
    return invoice(order, vendor_invoice, context.sales_orders)


def _to_invoice(order: Order, posting: OrderPosting) -> list[LineToInvoice]:
    if posting.lines is None:
        return [LineToInvoice(line_id=line.id) for line in order.live_lines]
    return [
        LineToInvoice(
            line_id=order.line(line.line_no).id,
            quantity=line.qty_to_invoice,
            pointer=f"/lines/{i}/qty_to_invoice",
        )
        for i, line in enumerate(posting.lines)
    ]


def _check_blocked(order: Order, received: Received | None, references: ReferenceData) -> None:
    """A blocked vendor, or for a drop shipment a blocked customer, stops posting."""
    found = Violations()
    check_vendor(found, order.vendor_no, references.find(Vendor, order.vendor_no))
    moved = received.postings.keys() if received is not None else ()
    if any(line.drop_shipment and line.id in moved for line in order.lines):
        check_customer(found, references.find(Customer, order.sell_to_customer_no), SHIPPING)
    found.refuse_if_any()


class PostedDocuments(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of what a post made; None: nothing of that kind."""

    receipt_no: str | None
    invoice_no: str | None
    already_posted: bool
    """The receipt had been posted before, as the same delivery."""


def posted_documents(
    posted: Posted, receipt_nos: Mapping[UUID, str], invoice_no: str | None
) -> PostedDocuments:
    """The numbers of a post; of a delivery that was posted before, the newest receipt's."""
    receipt_no = _receipt_no(posted.received, receipt_nos) if posted.received is not None else None
    return PostedDocuments(receipt_no=receipt_no, invoice_no=invoice_no, already_posted=posted.already_posted)


def _receipt_no(received: Received, receipt_nos: Mapping[UUID, str]) -> str | None:
    if received.document is not None:
        return receipt_nos[received.document.id]
    before = [receipt for receipts in received.postings.values() for receipt in receipts]
    newest = max(before, key=lambda receipt: receipt.order_version, default=None)
    if newest is None:
        return None
    return newest.document_no or receipt_nos[newest.document_id]
