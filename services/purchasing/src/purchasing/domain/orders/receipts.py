"""Posting receipts: postings are records with the base that their author saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.purchasing.masters import Vendor
from contracts.purchasing.orders import PurchaseLink
from contracts.refusals import Refusal, Violations, conflict, invalid
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Model, Problem
from domainkit.decisions import DecisionContext
from domainkit.money import HUNDRED, ZERO
from domainkit.postings import check_room, covered
from purchasing.domain.links import link_problem, linked_sales_order
from purchasing.domain.orders.order import RELEASED, Line, Order, Receipt
from purchasing.domain.orders.posted_receipts import Delivery, PostedReceipt, posted_receipt


class ReceivingContext(DecisionContext, frozen=True, kw_only=True):
    """What a receipt is decided by besides the order."""

    sales_orders: Mapping[str, SalesOrder]
    """Those that the order's drop shipments are for, as far as their copies have come."""


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
    order: Order, wanted: Sequence[LineToReceive], delivery: Delivery, context: ReceivingContext
) -> Received:
    """Receive lines of one order, all or nothing; receiving releases it (BC-DS-21).

    A delivery that was posted before is a fact and is answered, also if it would be refused now.

    The order's version is raised by the caller that stores it.
    """
    vendor = context.references.find(Vendor, order.vendor_no)
    postings: dict[UUID, tuple[Receipt, ...]] = {}
    changed: list[Line] = []
    found = Violations()
    sales = {no: _Sale.of(sold) for no, sold in context.sales_orders.items()}
    for each in wanted:
        try:
            if _posted_before(each):
                postings[each.line.id] = covering(each.line, each.base or ZERO)
                continue
            _check_outstanding(each, vendor)
        except Refusal as refusal:
            found.include(refusal)
            continue
        check_room(found, each.line.line_no, each.line.receipts, len(order.lines), each.pointer)
        if each.line.drop_shipment:
            _check_sale(found, order, each, sales)
        receipt = _receipt(order, each, delivery, context.new_id())
        postings[each.line.id] = (receipt,)
        changed.append(replace(each.line, receipts=(*each.line.receipts, receipt)))
    found.refuse_if_any()
    if not changed:
        return Received(order=order, document=None, postings=postings)
    after = order.with_lines(changed).replaced(status=RELEASED).settled()
    return Received(order=after, document=posted_receipt(after, changed, delivery), postings=postings)


class _Sale(msgspec.Struct, frozen=True):
    """A sales order with its lines by id: an order of 1,000 lines is looked into for each of them."""

    order: SalesOrder
    lines: dict[UUID, SalesLine]

    @classmethod
    def of(cls, order: SalesOrder) -> Self:
        return cls(order, {line.id: line for line in order.lines})

    def problem(self, link: PurchaseLink) -> Problem | None:
        """Why nothing may be delivered over the link."""
        line = self.lines.get(link.sales.sales_line_id)
        sold = replace(self.order, lines=(line,) if line is not None else ())
        return link_problem(link, linked_sales_order(sold))


def _check_sale(found: Violations, order: Order, wanted: LineToReceive, sales: Mapping[str, _Sale]) -> None:
    """The shipment that sales makes of the receipt needs its line there, and room beside the line's other postings.

    Sales records it in any case, so both are decided here.
    """
    line = wanted.line
    link = line.active_link
    if link is None:
        return
    sold = sales.get(link.sales.sales_order_no)
    if sold is not None and (problem := sold.problem(link)) is not None:
        found.conflict(
            problem.code,
            f"line {line.line_no} delivers to a customer: {problem.detail}",
            wanted.pointer,
            line_no=line.line_no,
            sales_order_no=link.sales.sales_order_no,
        )
        if not sold.order.deleted:
            found.may_change_with("sales-order", link.sales.sales_order_no)
        return
    line_sold = sold.lines.get(link.sales.sales_line_id) if sold is not None else None
    postings = line_sold.postings if line_sold is not None else ()
    before = [posting for posting in postings if posting.link_id != link.link_id]
    lines = len(sold.lines) if sold is not None else MAX_LINES
    if before or lines > len(order.lines):
        check_room(found, line.line_no, (*before, *line.receipts), lines, wanted.pointer)


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
        raise invalid(
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
