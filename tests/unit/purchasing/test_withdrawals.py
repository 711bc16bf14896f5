"""Sales gives lines up: what becomes of their purchases."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from contracts.sales.requests import WithdrawalRequest
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.receipts import LineToReceive, receive
from purchasing.domain.requests.posting_requests import LinkedLine
from purchasing.domain.requests.withdrawals import DecidedWithdrawal, decide_withdrawal
from tests.unit.purchasing import examples as x

DROP, SPECIAL = "drop_shipment", "special_order"


def bought(kind: str, sales_line_id: UUID = x.COMPASS, received: int = 0, no: str = "P-1") -> Order:
    order = x.order(x.line(kind, sales_line_id=sales_line_id), no=no)
    if not received:
        return order
    wanted = [LineToReceive(line=order.lines[0], quantity=Decimal(received), base=Decimal(0))]
    return receive(order, wanted, x.delivery(), x.context()).order


def withdrawn(kind: str, *orders: Order, remaining: bool = False) -> DecidedWithdrawal:
    sold = x.sales_order(x.sales_line(x.COMPASS, 20000, kind), x.sales_line(x.KAYAK, 30000, kind))
    linked = {
        line.link.sales.sales_line_id: LinkedLine(order.no, line.id)
        for order in orders
        for line in order.linked_lines
        if line.link
    }
    request = WithdrawalRequest(id=x.new_id(), remaining=remaining, sales_line_ids=(x.COMPASS, x.KAYAK))
    return decide_withdrawal(sold, request, {order.no: order for order in orders}, linked, x.new_id)


def test_g22_a_purchase_of_which_nothing_came_is_deleted_with_its_order() -> None:
    decided = withdrawn(DROP, bought(DROP))
    (order,) = decided.orders
    assert (order.deleted, order.lines[0].deleted, order.linked_lines) == (True, True, ())
    assert [row.sales_line_id for row in decided.ended] == [x.COMPASS]
    assert decided.event().outcome == "withdrawn"


def test_g22_other_lines_of_the_purchase_order_stay() -> None:
    order = bought(DROP)
    more = order.with_more_lines([x.line(line_no=20000)])
    (after,) = withdrawn(DROP, more).orders
    assert (after.deleted, len(after.live_lines)) == (False, 1)


def test_g22_a_line_without_purchase_gets_a_fence_against_one_that_comes_late() -> None:
    decided = withdrawn(DROP, bought(DROP))
    assert [(row.sales_line_id, row.generation, row.purchase_order_no) for row in decided.fences] == [
        (x.KAYAK, 1, "")
    ]


def test_g22_goods_delivered_to_the_customer_refuse_all_lines() -> None:
    decided = withdrawn(DROP, bought(DROP, received=1), bought(DROP, x.KAYAK, no="P-2"))
    assert (decided.event().outcome, decided.orders, decided.fences) == ("refused", (), ())
    assert [(e.code, e.line_no) for e in decided.errors] == [("has-postings", 20000)]


def test_received_goods_of_a_special_order_become_free_stock() -> None:
    decided = withdrawn(SPECIAL, bought(SPECIAL, received=1))
    (line,) = decided.orders[0].lines
    assert (line.deleted, line.quantity, line.active_link) == (False, 1, None)
    assert {w.sales_line_id: w.quantity_received for w in decided.withdrawn} == {x.COMPASS: 1, x.KAYAK: 0}


def test_of_what_remains_a_delivered_part_stays_bought() -> None:
    decided = withdrawn(DROP, bought(DROP, received=1), remaining=True)
    (line,) = decided.orders[0].lines
    assert (line.quantity, line.outstanding_quantity, line.active_link is None) == (1, 0, False)
    assert decided.ended == ()
