"""Posting receipts: postings are records with the base that their author saw."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.purchasing import Vendor
from contracts.refusals import Refusal, Violations, conflict
from contracts.values import Model
from domainkit.decisions import DecisionContext
from domainkit.money import HUNDRED, ZERO
from domainkit.postings import covered
from purchasing.domain.orders.order import RELEASED, Line, Order, Receipt
from purchasing.domain.orders.posted_receipts import Delivery, PostedReceipt, posted_receipt


class LineToReceive(Model, frozen=True, kw_only=True):
    """One line to receive. `base`: the total its author saw before it (None: not a drop shipment)."""

    line: Line
    quantity: Decimal
    base: Decimal | None = None
    pointer: str = ""


class Received(msgspec.Struct, kw_only=True):
    """What a post did to one order. `document` is None if everything was posted before.

    `postings` holds the receipts that answer each line, by line id: new ones, or those that were there.
    """

    order: Order
    document: PostedReceipt | None
    postings: dict[UUID, tuple[Receipt, ...]]


def same_delivery(line: Line, base: Decimal, quantity: Decimal, *, pointer: str = "") -> bool:
    """Whether the other service has already posted this delivery; raises a conflict if it posted a different one.

    5 here and 5 there is the same 5; 2 here and 3 there cannot be matched, so a person decides.
    """
    total = line.quantity_received
    if base == total:
        return False
    if base < total and quantity == total - base:
        return True
    raise conflict(
        "received-meanwhile",
        f"line {line.line_no}: {total} are received now, while {base} were seen before posting {quantity}",
        pointer=pointer,
        line_no=line.line_no,
        quantity_received=total,
        posted_before=base,
        received_meanwhile=total - base,
        qty_to_receive=quantity,
    )


def receive(
    order: Order, wanted: Sequence[LineToReceive], delivery: Delivery, context: DecisionContext
) -> Received:
    """Receive lines of one order, all or nothing; receiving releases it (BC-DS-21).

    The order's version is raised by the caller that stores it.
    """
    vendor = context.references.find(Vendor, order.vendor_no)
    postings: dict[UUID, tuple[Receipt, ...]] = {}
    changed: list[Line] = []
    found = Violations()
    for each in wanted:
        try:
            if _posted_before(each):
                postings[each.line.id] = covering(each.line, each.base or ZERO)
                continue
            _check_outstanding(each, vendor)
        except Refusal as refusal:
            found.include(refusal)
            continue
        receipt = _receipt(order, each, delivery, context.new_id())
        postings[each.line.id] = (receipt,)
        changed.append(replace(each.line, receipts=(*each.line.receipts, receipt)))
    found.refuse_if_any()
    if not changed:
        return Received(order=order, document=None, postings=postings)
    after = order.with_lines(changed).replaced(status=RELEASED).settled()
    return Received(order=after, document=posted_receipt(after, changed, delivery), postings=postings)


def covering(line: Line, base: Decimal) -> tuple[Receipt, ...]:
    """The receipts posted after the line's total was `base`."""
    return covered(line.receipts, base, line.quantity_received - base)


def _posted_before(wanted: LineToReceive) -> bool:
    if not wanted.line.drop_shipment or wanted.base is None:
        return False
    return same_delivery(wanted.line, wanted.base, wanted.quantity, pointer=wanted.pointer)


def _check_outstanding(wanted: LineToReceive, vendor: Vendor | None) -> None:
    """No more than outstanding; other lines than drop shipments by the vendor's tolerance more (E4)."""
    line = wanted.line
    tolerance = ZERO
    if not line.drop_shipment and vendor is not None:
        tolerance = line.quantity * vendor.over_receipt_pct / HUNDRED
    remaining = line.quantity + tolerance - line.quantity_received
    if wanted.quantity > remaining:
        raise conflict(
            "quantity-exceeds-outstanding",
            f"line {line.line_no}: {wanted.quantity} to receive, {max(remaining, ZERO)} outstanding",
            pointer=wanted.pointer,
            line_no=line.line_no,
            qty_to_receive=wanted.quantity,
            outstanding_quantity=line.outstanding_quantity,
        )


def _receipt(order: Order, wanted: LineToReceive, delivery: Delivery, posting_id: UUID) -> Receipt:
    link = wanted.line.active_link
    return Receipt(
        posting_id=posting_id,
        link_id=link.link_id if link is not None else None,
        base=wanted.line.quantity_received,
        quantity=wanted.quantity,
        posting_date=delivery.posting_date,
        origin=delivery.origin,
        request_id=delivery.request_id,
        carrier=delivery.carrier,
        tracking_no=delivery.tracking_no,
        posted_at=delivery.posted_at,
        order_version=order.version + 1,
        document_id=delivery.document_id,
    )
