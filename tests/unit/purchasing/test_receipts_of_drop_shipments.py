"""What sales makes of a drop shipment's receipt is never refused: its sale and its room are looked at before."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.refusals import Refusal
from contracts.sales.orders import LineDemand, SalesOrder
from contracts.topics import MAX_EVENT_BYTES
from contracts.values import Posting
from domainkit.postings import ROOM_BYTES
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.posted_receipts import Delivery
from purchasing.domain.orders.receipts import LineToReceive, Received, receive
from tests.unit.purchasing import examples as x

DROP, SPECIAL = "drop_shipment", "special_order"
SOLD = x.sales_order(x.sales_line(x.COMPASS, 20000, DROP))
LINE = SOLD.lines[0]


def received(
    order: Order, sold: SalesOrder, base: Decimal | None = None, delivery: Delivery | None = None
) -> Received:
    wanted = [
        LineToReceive(line=line, quantity=Decimal(1), base=line.quantity_received if base is None else base)
        for line in order.lines
    ]
    context = x.context(sales_orders={sold.no: sold})
    return receive(order, wanted, delivery or x.delivery(), context)


def refused(order: Order, sold: SalesOrder, delivery: Delivery | None = None) -> list[str]:
    with pytest.raises(Refusal) as found:
        received(order, sold, delivery=delivery)
    assert {violation.reason.name for violation in found.value.violations} == {"CONFLICT"}
    return [violation.code for violation in found.value.violations]


GONE = [
    (replace(SOLD, deleted=True, lines=()), "sales-line-deleted"),
    (replace(SOLD, lines=()), "sales-line-deleted"),
    (replace(SOLD, status="cancelled"), "sales-line-cancelled"),
    (
        replace(SOLD, lines=(replace(LINE, demand=LineDemand(generation=1, quantity=Decimal(0))),)),
        "sales-line-cancelled",
    ),
    (replace(SOLD, lines=(replace(LINE, demand=None, drop_shipment=False),)), "sales-line-not-flagged"),
]


@pytest.mark.parametrize(("sold", "code"), GONE)
def test_nothing_is_delivered_for_a_sale_that_is_gone(sold: SalesOrder, code: str) -> None:
    """BC-DS-22: the shipment has no line to be posted on."""
    assert refused(x.order(x.line(DROP)), sold) == [code]


@pytest.mark.parametrize("sold", [sold for sold, _ in GONE])
def test_a_delivery_that_was_posted_before_is_answered_though_its_sale_is_gone(sold: SalesOrder) -> None:
    order = received(x.order(x.line(DROP)), SOLD).order
    again = received(order, sold, base=Decimal(0))
    assert again.document is None
    assert len(again.postings[order.lines[0].id]) == 1


@pytest.mark.parametrize("sold", [sold for sold, _ in GONE])
def test_goods_of_a_special_order_are_received_whatever_became_of_the_sale(sold: SalesOrder) -> None:
    """BC-SO-32: they become free stock."""
    assert received(x.order(x.line(SPECIAL)), sold).document is not None


def large(kind: str, lines: int, quantity: int = 1000) -> tuple[Order, SalesOrder]:
    ids = [UUID(int=5000 + i) for i in range(lines)]
    bought = (
        x.line(kind, sales_line_id=id_, line_no=(i + 1) * 10000, quantity=quantity)
        for i, id_ in enumerate(ids)
    )
    sold = (x.sales_line(id_, (i + 1) * 10000, kind, quantity=Decimal(quantity)) for i, id_ in enumerate(ids))
    return x.order(*bought), x.sales_order(*sold)


def until_refused(order: Order, sold: SalesOrder, delivery: Delivery) -> tuple[Order, int, list[str]]:
    for receipts in range(100):
        try:
            done = received(order, sold, delivery=delivery)
        except Refusal as refusal:
            return order, receipts, [violation.code for violation in refusal.violations]
        order = done.order.replaced(version=order.version + 1)
    raise AssertionError("the order grows without end")


@pytest.mark.parametrize(
    ("carrier", "at_least"),
    [("Northsea Logistics & Sons", 20), ("\N{DELIVERY TRUCK}" * 50, 14)],
    ids=["usual", "longest"],
)
def test_an_order_of_1000_lines_takes_many_receipts_of_all_lines_and_then_refuses_them(
    carrier: str, at_least: int
) -> None:
    """BC-DS-22: its event always fits a message."""
    delivery = replace(x.delivery(), carrier=carrier, tracking_no=carrier)
    order, receipts, codes = until_refused(*large(SPECIAL, MAX_LINES), delivery)
    assert set(codes) == {"too-many-postings"}
    assert receipts >= at_least
    assert len(msgspec.json.encode(order.snapshot("received"))) < MAX_EVENT_BYTES


def test_the_room_of_a_sales_order_is_shared_by_all_purchase_orders_that_deliver_for_it() -> None:
    """BC-DS-22: one line of 1,000 has a thousandth of it, though its purchase order has no other line."""
    _, sold = large(DROP, MAX_LINES)
    order = x.order(x.line(DROP, sales_line_id=UUID(int=5000), quantity=1000))
    order, receipts, codes = until_refused(order, sold, x.delivery())
    assert codes == ["too-many-postings"]
    postings = msgspec.convert(order.lines[0].receipts, tuple[Posting, ...], from_attributes=True)
    assert len(msgspec.json.encode(postings)) <= ROOM_BYTES // MAX_LINES
    assert receipts >= 20


def test_what_left_of_the_sales_line_before_takes_room_too() -> None:
    order, sold = large(DROP, 1, quantity=100_000)
    many = tuple(
        Posting(posting_id=UUID(int=i), quantity=Decimal(1), posting_date=x.TODAY, tracking_no="x" * 50)
        for i in range(90_000)
    )
    sold = replace(sold, lines=(replace(sold.lines[0], postings=many),))
    assert refused(order, sold) == ["too-many-postings"]


def test_lines_are_not_added_to_an_order_whose_receipts_need_their_room() -> None:
    order, sold = large(SPECIAL, 1)
    for _ in range(60):
        order = received(order, sold).order
    lines = [x.line(line_no=(i + 2) * 10000) for i in range(MAX_LINES - 1)]
    assert len(order.with_more_lines(lines[:100]).lines) == 101
    with pytest.raises(Refusal, match="no room for more lines"):
        order.with_more_lines(lines)
