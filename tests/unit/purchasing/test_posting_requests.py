"""Sales asks for receipts of drop shipments."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from contracts.purchasing.masters import Vendor
from contracts.sales.masters import Customer
from contracts.sales.requests import PostingRequest, PostingRequestLine
from domainkit.references import ReferenceData
from domainkit.structs import extended
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.receipts import LineToReceive, receive
from purchasing.domain.requests.posting_requests import (
    DecidedPosting,
    LinkedLine,
    PostingRequestContext,
    decide_posting_request,
)
from tests.unit.purchasing import examples as x

DROP = "drop_shipment"
SOLD = x.sales_order(x.sales_line(x.COMPASS, 20000, DROP), x.sales_line(x.KAYAK, 30000, DROP))


def asked(*lines: tuple[UUID, int, int]) -> PostingRequest:
    return PostingRequest(
        id=x.new_id(),
        posting_date=x.TODAY,
        lines=tuple(
            PostingRequestLine(sales_line_id=i, base=Decimal(b), quantity=Decimal(q)) for i, b, q in lines
        ),
    )


def decided(request: PostingRequest, *orders: Order, found: ReferenceData | None = None) -> DecidedPosting:
    linked = {
        line.link.sales.sales_line_id: LinkedLine(order.no, line.id)
        for order in orders
        for line in order.linked_lines
        if line.link
    }
    context = extended(PostingRequestContext, x.context(found), linked=linked, posted_at=x.NOW)
    return decide_posting_request(SOLD, request, {order.no: order for order in orders}, context)


def bought(no: str, sales_line_id: UUID, received: int = 0) -> Order:
    order = x.order(x.line(DROP, sales_line_id=sales_line_id), no=no)
    if not received:
        return order
    wanted = LineToReceive(line=order.lines[0], quantity=Decimal(received), base=Decimal(0))
    done = receive(order, [wanted], x.delivery(), x.context())
    return done.order.replaced(version=2)


def numbers(answered: DecidedPosting, *orders: Order) -> dict[UUID, str]:
    old = [r.document_id for o in orders for line in o.lines for r in line.receipts]
    return {d.id: f"PR-{i}" for i, d in enumerate(answered.documents)} | dict.fromkeys(old, "PR-OLD")


def test_bc_ds_21_one_receipt_per_purchase_order_for_all_lines_of_the_request() -> None:
    orders = bought("P-1", x.COMPASS), bought("P-2", x.KAYAK)
    answered = decided(asked((x.COMPASS, 0, 2), (x.KAYAK, 0, 5)), *orders)
    outcome = answered.event(numbers(answered))
    assert (outcome.outcome, len(answered.documents)) == ("posted", 2)
    assert [(p.purchase_order_no, p.posting.quantity) for p in outcome.postings] == [("P-1", 2), ("P-2", 5)]
    assert {p.posting.origin for p in outcome.postings} == {"sales"}
    assert {p.posting.request_id for p in outcome.postings} == {answered.request.id}
    assert all(o.status == "released" for r in answered.received for o in [r.order])


def test_what_purchasing_posted_already_is_answered_with_those_postings() -> None:
    order = bought("P-1", x.COMPASS, received=5)
    answered = decided(asked((x.COMPASS, 0, 5)), order)
    outcome = answered.event(numbers(answered, order))
    assert (outcome.outcome, answered.documents) == ("already_posted", ())
    assert outcome.postings[0].posting.posting_id == order.lines[0].receipts[0].posting_id


def test_one_line_already_posted_and_one_new_is_posted_with_both() -> None:
    orders = bought("P-1", x.COMPASS, received=5), bought("P-2", x.KAYAK)
    answered = decided(asked((x.COMPASS, 0, 5), (x.KAYAK, 0, 1)), *orders)
    assert (answered.outcome, len(answered.documents)) == ("posted", 1)
    assert len(answered.event(numbers(answered, *orders)).postings) == 2


def test_one_line_refused_refuses_all_with_every_reason_in_the_sales_lines_numbers() -> None:
    answered = decided(asked((x.COMPASS, 0, 3), (x.KAYAK, 0, 1)), bought("P-1", x.COMPASS, received=2))
    assert (answered.outcome, answered.documents) == ("refused", ())
    assert [(e.code, e.line_no) for e in answered.errors] == [
        ("not-associated-with-purchase-order", 30000),
        ("received-meanwhile", 20000),
    ]


def test_no_over_receipt_of_a_drop_shipment() -> None:
    answered = decided(asked((x.COMPASS, 0, 6)), bought("P-1", x.COMPASS))
    assert [e.code for e in answered.errors] == ["quantity-exceeds-outstanding"]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (x.references(vendors=[Vendor(version=1, no="V10", blocked="all")]), "vendor-blocked"),
        (
            x.references(customers=[Customer(version=1, no="C100", name="A", blocked="ship")]),
            "customer-blocked",
        ),
    ],
)
def test_bc_md_17_18_blocked_after_linking_stops_a_new_delivery_only(found: ReferenceData, code: str) -> None:
    fresh = decided(asked((x.COMPASS, 0, 5)), bought("P-1", x.COMPASS), found=found)
    assert [e.code for e in fresh.errors] == [code]
    delivered = decided(asked((x.COMPASS, 0, 5)), bought("P-1", x.COMPASS, received=5), found=found)
    assert delivered.outcome == "already_posted"
