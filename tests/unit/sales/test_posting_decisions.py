"""What a post moves when purchasing decided it: outcomes of requests, and receipts posted there."""

from __future__ import annotations

import itertools
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.purchasing.outcomes import RequestedPosting, RequestOutcome
from contracts.values import Posting, SalesLineRef
from domainkit.postings import BilledPosting
from domainkit.structs import extended
from sales.domain.orders.order import Order, PendingPost, PlannedLine
from sales.domain.posting.applying import without_pending
from sales.domain.posting.decisions import (
    earlier_shipment_no,
    needs_purchasing,
    posting_from_outcome,
    postings_from_receipts,
)
from tests.unit.sales.samples import DAY, made, sold

REQUEST = UUID(int=77)


def receipt(number: int, *, origin: str = "purchasing", undone: bool = False) -> Posting:
    return Posting(
        posting_id=UUID(int=number),
        quantity=Decimal(5),
        posting_date=DAY,
        document_no=f"R-{number}",
        origin=origin,
        undone=undone,
    )


def pending(order: Order) -> PendingPost:
    lines = tuple(PlannedLine(sales_line_id=line.id, ship=line.quantity) for line in order.lines)
    return PendingPost(id=REQUEST, posting_date=DAY, ship=True, invoice=False, lines=lines)


def outcome(order: Order, posting: Posting) -> RequestOutcome:
    dropped = next(line for line in order.lines if line.drop_shipment)
    answered = RequestedPosting(
        sales_line_id=dropped.id, purchase_order_no="P-1", purchase_order_line_no=10000, posting=posting
    )
    return RequestOutcome(
        version=1,
        request_id=REQUEST,
        kind="posting_request",
        outcome="posted",
        sales_order_no=order.no,
        postings=(answered,),
    )


def purchase(order: Order, *receipts: Posting, kind: str = "drop_shipment") -> PurchaseOrder:
    line = order.lines[0]
    ref = SalesLineRef(
        sales_order_no=order.no, sales_order_line_no=10000, sales_line_id=line.id, generation=1
    )
    bought = PurchaseLine(
        id=UUID(int=50),
        line_no=10000,
        item_no=line.item_no,
        quantity=line.quantity,
        unit_of_measure_code="PCS",
        link=PurchaseLink(link_id=UUID(int=1), kind=kind, sales=ref),
        receipts=receipts,
    )
    return PurchaseOrder(version=1, no="P-1", status="open", vendor_no="V1", order_date=DAY, lines=(bought,))


def with_posting(order: Order, posting: Posting) -> Order:
    return order.with_line(replace(order.lines[0], postings=(extended(BilledPosting, posting),)))


def test_only_drop_shipments_that_ship_need_purchasing() -> None:
    """BC-DS-21."""
    order = made(sold("DROPPED"), sold("STOCK"))
    dropped, stock = pending(order).lines
    assert needs_purchasing(order, [dropped])
    assert not needs_purchasing(order, [stock, replace(dropped, ship=Decimal(0))])


def test_a_granted_post_moves_all_its_lines_under_the_receipt_s_id() -> None:
    """BC-DS-21."""
    order = made(sold("DROPPED"), sold("STOCK"))
    ids = itertools.count(1000)
    decision = posting_from_outcome(
        order, pending(order), outcome(order, receipt(1)), lambda: UUID(int=next(ids))
    )
    assert [m.posting_id for m in decision.movements] == [UUID(int=1), UUID(int=1000)]
    assert decision.movements[0].purchase_order_no == "P-1"
    assert decision.ends == REQUEST


def test_a_delivery_that_was_shipped_already_moves_nothing_again() -> None:
    order = with_posting(made(sold("DROPPED")), replace(receipt(1), document_no="SS-1"))
    answered = outcome(order, receipt(1))
    assert posting_from_outcome(order, pending(order), answered, lambda: REQUEST).movements == ()
    assert earlier_shipment_no(order, answered) == "SS-1"


def test_each_receipt_posted_in_purchasing_is_one_shipment() -> None:
    """BC-DS-22."""
    order = made(sold("DROPPED"))
    found = postings_from_receipts(order, purchase(order, receipt(1), receipt(2)))
    assert [[m.posting_id for m in decision.movements] for decision in found] == [
        [UUID(int=1)],
        [UUID(int=2)],
    ]


def test_receipts_that_are_known_undone_or_asked_for_ship_nothing() -> None:
    order = with_posting(made(sold("DROPPED")), receipt(1))
    told = purchase(order, receipt(1), receipt(2, undone=True), receipt(3, origin="sales"))
    assert postings_from_receipts(order, told) == []


def test_receipts_of_special_orders_ship_nothing() -> None:
    order = made(sold("SPECIAL"))
    assert postings_from_receipts(order, purchase(order, receipt(1), kind="special_order")) == []


def test_a_pending_post_asks_purchasing_for_its_drop_shipments_alone() -> None:
    order = made(sold("DROPPED"), sold("STOCK"))
    asking = replace(order, pending_posts=(pending(order),))
    (request,) = asking.posting_requests
    assert [line.sales_line_id for line in request.lines] == [order.lines[0].id]
    assert asking.under_way == {line.id for line in order.lines}
    assert without_pending(asking, REQUEST) == order
