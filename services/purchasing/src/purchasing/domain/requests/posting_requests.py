"""Sales asks for receipts of drop-shipment lines: all or nothing, by the rule of the same delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.purchasing.masters import Vendor
from contracts.purchasing.outcomes import RequestedPosting, RequestOutcome
from contracts.refusals import Refusal, Violations
from contracts.sales.masters import Customer
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PostingRequest
from contracts.values import Posting, Problem
from domainkit.parties import SHIPPING, check_customer, check_vendor
from domainkit.references import ReferenceData
from purchasing.domain.orders.order import Line, Order, stamped
from purchasing.domain.orders.posted_receipts import Delivery, PostedReceipt
from purchasing.domain.orders.receipts import LineToReceive, Received, ReceivingContext, receive

POSTED = "posted"
ALREADY_POSTED = "already_posted"
REFUSED = "refused"


class LinkedLine(msgspec.Struct, frozen=True):
    """Where the purchase line of a sales line is."""

    order_no: str
    line_id: UUID


class PostingRequestContext(ReceivingContext, frozen=True, kw_only=True):
    """What posting requests are decided by besides the purchase orders."""

    linked: Mapping[UUID, LinkedLine]
    """The purchase lines of sales lines, by sales line."""
    posted_at: datetime


class DecidedPosting(msgspec.Struct, kw_only=True):
    """What became of a posting request: receipts by order, or the reasons why not."""

    request: PostingRequest
    sales_order_no: str
    received: tuple[Received, ...] = ()
    errors: tuple[Problem, ...] = ()

    @property
    def documents(self) -> tuple[PostedReceipt, ...]:
        """The receipts that were posted for it."""
        return tuple(r.document for r in self.received if r.document is not None)

    @property
    def outcome(self) -> str:
        """One of `posted`, `already_posted`, `refused`."""
        if self.errors:
            return REFUSED
        return POSTED if self.documents else ALREADY_POSTED

    def event(self, document_nos: Mapping[UUID, str]) -> RequestOutcome:
        """The outcome as it is published, with the numbers of the receipts."""
        return RequestOutcome(
            version=1,
            happened=(self.outcome,),
            request_id=self.request.id,
            kind="posting_request",
            outcome=self.outcome,
            purchase_order_no=self.received[0].order.no if self.received else "",
            sales_order_no=self.sales_order_no,
            errors=self.errors,
            postings=tuple(p for r in self.received for p in _postings(r, document_nos)),
        )


def decide_posting_request(
    sales_order: SalesOrder,
    request: PostingRequest,
    orders: Mapping[str, Order],
    context: PostingRequestContext,
) -> DecidedPosting:
    """Post one receipt per purchase order for all lines of the request, or nothing."""
    by_order, problems = _by_order(sales_order, request, orders, context.linked)
    received: list[Received] = []
    for no, wanted in by_order.items():
        try:
            received.append(receive(orders[no], wanted, _delivery(request, context), context))
        except Refusal as refusal:
            problems += _with_sales_line_numbers(orders[no], refusal)
    if problems or any(r.document is not None for r in received):
        # A delivery that was posted before is a fact: a block that came later does not refuse its answer.
        problems += _blocked(sales_order, [orders[no] for no in by_order], context.references)
    if problems:
        return DecidedPosting(request=request, sales_order_no=sales_order.no, errors=tuple(problems))
    return DecidedPosting(request=request, sales_order_no=sales_order.no, received=tuple(received))


def _delivery(request: PostingRequest, context: PostingRequestContext) -> Delivery:
    return Delivery(
        document_id=context.new_id(),
        posting_date=request.posting_date,
        posted_at=context.posted_at,
        posted_by=context.by,
        origin="sales",
        request_id=request.id,
    )


def _by_order(
    sales_order: SalesOrder,
    request: PostingRequest,
    orders: Mapping[str, Order],
    linked: Mapping[UUID, LinkedLine],
) -> tuple[dict[str, list[LineToReceive]], list[Problem]]:
    by_order: dict[str, list[LineToReceive]] = {}
    problems: list[Problem] = []
    for asked in request.lines:
        place = linked.get(asked.sales_line_id)
        line = linked_line(orders.get(place.order_no), asked.sales_line_id) if place is not None else None
        if place is None or line is None or not line.drop_shipment:
            problems.append(_not_associated(sales_order, asked.sales_line_id))
            continue
        wanted = LineToReceive(line=line, quantity=asked.quantity, base=asked.base)
        by_order.setdefault(place.order_no, []).append(wanted)
    return by_order, problems


def linked_line(order: Order | None, sales_line_id: UUID) -> Line | None:
    """The line that serves the sales line, as the locked order says."""
    if order is None:
        return None
    for line in order.linked_lines:
        link = line.active_link
        if link is not None and link.sales.sales_line_id == sales_line_id:
            return line
    return None


def _not_associated(sales_order: SalesOrder, sales_line_id: UUID) -> Problem:
    line = next((x for x in sales_order.lines if x.id == sales_line_id), None)
    line_no = line.line_no if line is not None else None
    return Problem(
        code="not-associated-with-purchase-order",
        detail=f"sales order {sales_order.no} line {line_no} is a drop shipment without a purchase order",
        line_no=line_no,
    )


def _blocked(sales_order: SalesOrder, orders: list[Order], references: ReferenceData) -> list[Problem]:
    found = Violations()
    check_customer(found, references.find(Customer, sales_order.customer_no), SHIPPING, pointer="")
    for vendor_no in sorted({order.vendor_no for order in orders}):
        check_vendor(found, vendor_no, references.find(Vendor, vendor_no), pointer="")
    refusal = found.refusal()
    return list(refusal.problems()) if refusal is not None else []


def _with_sales_line_numbers(order: Order, refusal: Refusal) -> list[Problem]:
    """Reasons with the sales line's number, which is the one that sales knows."""
    sales_line_nos = {
        line.line_no: line.link.sales.sales_order_line_no for line in order.lines if line.link is not None
    }
    return [
        Problem(
            code=problem.code,
            detail=f"purchase order {order.no} {problem.detail}",
            line_no=sales_line_nos.get(problem.line_no or 0),
        )
        for problem in refusal.problems()
    ]


def _postings(received: Received, document_nos: Mapping[UUID, str]) -> list[RequestedPosting]:
    lines = {line.id: line for line in received.order.lines}
    found = []
    for line_id, receipts in received.postings.items():
        line = lines[line_id]
        if line.link is None:
            continue
        found += [
            RequestedPosting(
                sales_line_id=line.link.sales.sales_line_id,
                purchase_order_no=received.order.no,
                purchase_order_line_no=line.line_no,
                posting=msgspec.convert(stamped(r, document_nos), Posting, from_attributes=True),
            )
            for r in receipts
        ]
    return found
