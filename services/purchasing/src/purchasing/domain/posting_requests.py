"""Sales asks for receipts of drop-shipment lines: all or nothing, by the base rule (architecture 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.purchasing import RequestedPosting, RequestOutcome
from contracts.refusals import Refusal, Violation
from contracts.sales import PostingRequest, SalesOrder
from contracts.values import Posting, Problem
from purchasing.domain.known import Known, customer_violations, vendor_violations
from purchasing.domain.orders import Line, Order, stamped
from purchasing.domain.receipts import Delivery, PostedReceipt, Received, Wanted, receive

NewId = Callable[[], UUID]

POSTED = "posted"
ALREADY_POSTED = "already_posted"
REFUSED = "refused"


class LinkedLine(msgspec.Struct, frozen=True):
    """Where the purchase line of a sales line is."""

    order_no: str
    line_id: UUID


class Answered(msgspec.Struct, kw_only=True):
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

    def published(self, document_nos: dict[UUID, str]) -> RequestOutcome:
        """The outcome as sales is told, with the numbers of the receipts."""
        return RequestOutcome(
            version=1,
            happened=(self.outcome,),
            request_id=self.request.id,
            kind="posting_request",
            outcome=self.outcome,
            purchase_order_no=self.received[0].order.no if self.received else "",
            sales_order_no=self.sales_order_no,
            errors=self.errors,
            postings=tuple(p for r in self.received for p in _answers(r, document_nos)),
        )


def decide(  # noqa: PLR0913 - the request, the state, and what the domain may not make itself
    sales_order: SalesOrder,
    request: PostingRequest,
    orders: Mapping[str, Order],
    linked: Mapping[UUID, LinkedLine],
    known: Known,
    *,
    posted_at: datetime,
    posted_by: str,
    new_id: NewId,
) -> Answered:
    """Post one receipt per purchase order for all lines of the request, or nothing."""
    by_order, problems = _by_order(sales_order, request, orders, linked)
    received: list[Received] = []
    for no, wanted in by_order.items():
        order = orders[no]
        delivery = Delivery(
            document_id=new_id(),
            posting_date=request.posting_date,
            posted_at=posted_at,
            posted_by=posted_by,
            origin="sales",
            request_id=request.id,
        )
        try:
            received.append(receive(order, wanted, known.vendors.get(order.vendor_no), delivery, new_id))
        except Refusal as e:
            problems += _in_sales_words(order, e.violations)
    if problems or any(r.document is not None for r in received):
        # A delivery that stands there already is a fact: a block that came later does not refuse its answer.
        problems += _blocked(sales_order, [orders[no] for no in by_order], known)
    if problems:
        return Answered(request=request, sales_order_no=sales_order.no, errors=tuple(problems))
    return Answered(request=request, sales_order_no=sales_order.no, received=tuple(received))


def _by_order(
    sales_order: SalesOrder,
    request: PostingRequest,
    orders: Mapping[str, Order],
    linked: Mapping[UUID, LinkedLine],
) -> tuple[dict[str, list[Wanted]], list[Problem]]:
    by_order: dict[str, list[Wanted]] = {}
    problems: list[Problem] = []
    for wish in request.lines:
        place = linked.get(wish.sales_line_id)
        line = _linked_line(orders.get(place.order_no), wish.sales_line_id) if place is not None else None
        if place is None or line is None:
            problems.append(_not_associated(sales_order, wish.sales_line_id))
            continue
        by_order.setdefault(place.order_no, []).append(
            Wanted(line=line, quantity=wish.quantity, base=wish.base)
        )
    return by_order, problems


def _linked_line(order: Order | None, sales_line_id: UUID) -> Line | None:
    """The drop-shipment line that serves the sales line, as the locked order says."""
    if order is None:
        return None
    for line in order.linked_lines:
        link = line.active_link
        if link is not None and link.sales.sales_line_id == sales_line_id and line.drop_shipment:
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


def _blocked(sales_order: SalesOrder, orders: list[Order], known: Known) -> list[Problem]:
    customer_no = sales_order.customer_no
    found = list(customer_violations(customer_no, known.customers.get(customer_no), shipping=True))
    for vendor_no in sorted({o.vendor_no for o in orders}):
        found += vendor_violations(vendor_no, known.vendors.get(vendor_no))
    return [Problem(code=v.code, detail=v.detail) for v in found]


def _in_sales_words(order: Order, violations: tuple[Violation, ...]) -> list[Problem]:
    """Reasons with the sales line's number, which is the one that the asker knows."""
    sales_line_nos = {
        line.line_no: line.link.sales.sales_order_line_no for line in order.lines if line.link is not None
    }
    return [
        Problem(
            code=v.code,
            detail=f"purchase order {order.no} {v.detail}",
            line_no=sales_line_nos.get(v.members.get("line_no", 0)),
        )
        for v in violations
    ]


def _answers(received: Received, document_nos: dict[UUID, str]) -> list[RequestedPosting]:
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
