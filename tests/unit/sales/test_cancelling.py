"""Cancelling orders, and what remains of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from sales.domain.orders.cancelling import cancel, cancelled, given_up, not_cancelled, rest_given_up
from sales.domain.orders.commands import LineChanges
from sales.domain.orders.line_changes import change_line
from sales.domain.orders.order import Order, snapshot
from sales.domain.orders.releasing import release, reopen
from tests.unit.sales.samples import REFERENCES, context, linked, made, shipped, sold


def released(*lines: object) -> Order:
    return release(made(*lines), REFERENCES).order  # type: ignore[arg-type]


def asked(order: Order, *, remaining: bool = False) -> Order:
    return cancel(order, remaining=remaining, context=context())


def code(order: Order, *, remaining: bool = False) -> str:
    with pytest.raises(Refusal) as refused:
        asked(order, remaining=remaining)
    return refused.value.code


def with_shipment(order: Order, index: int = 0, quantity: str = "2") -> Order:
    return order.with_line(shipped(order.lines[index], quantity))


def test_g22_an_order_without_purchases_is_cancelled_at_once() -> None:
    after = asked(released(sold("STOCK")))
    assert (after.status, after.cancellation) == ("cancelled", None)


def test_g22_a_released_flagged_line_asks_purchasing_in_the_orders_snapshot() -> None:
    order = released(sold("STOCK"), sold("SPECIAL"), sold("DROPPED"))
    after = asked(order)
    (request,) = snapshot(after).withdrawal_requests
    assert (after.status, request.remaining) == ("cancelling", False)
    assert request.sales_line_ids == tuple(line.id for line in order.lines[1:])


def test_g22_a_line_that_purchasing_linked_before_its_release_asks_too() -> None:
    order = made(sold("SPECIAL"))
    assert asked(order).status == "cancelled"
    assert cancel(order, remaining=False, context=context(linked(order))).status == "cancelling"


def test_an_order_with_postings_is_not_cancelled_but_what_remains_of_it_is() -> None:
    order = with_shipment(released(sold("STOCK"), sold("NEVER")))
    assert code(order) == "has-postings"
    after = asked(order, remaining=True)
    assert after.status == "released"
    assert [(line.quantity, line.outstanding_quantity) for line in after.lines] == [(2, 0), (0, 0)]


def test_what_remains_of_an_order_that_shipped_nothing_is_the_whole_order() -> None:
    assert asked(released(sold("STOCK")), remaining=True).status == "cancelled"


def test_an_order_that_is_shipped_and_invoiced_closes_with_its_rest() -> None:
    order = with_shipment(released(sold("STOCK")))
    invoiced = order.map_lines(lambda line: replace(line, invoiced=Decimal(2), ever_invoiced=Decimal(2)))
    assert asked(invoiced, remaining=True).status == "closed"


def test_nothing_outstanding_is_nothing_to_cancel() -> None:
    order = with_shipment(released(sold("STOCK")), quantity="5")
    assert code(order, remaining=True) == "nothing-to-cancel"


def test_money_off_a_line_shrinks_with_its_quantity() -> None:
    order = with_shipment(released(sold("STOCK", line_discount_amount=Decimal(5))))
    assert asked(order, remaining=True).lines[0].line_discount_amount == 2


def test_an_order_is_cancelled_once() -> None:
    pending = asked(released(sold("SPECIAL")))
    assert code(pending) == "change-pending"
    assert code(cancelled(pending, {})) == "order-not-open"


def test_nothing_is_done_with_an_order_that_is_being_cancelled() -> None:
    pending = asked(released(sold("SPECIAL")))
    with pytest.raises(Refusal) as reopened:
        reopen(pending)
    with pytest.raises(Refusal) as changed:
        change_line(pending, pending.lines[0], LineChanges(qty_to_ship=Decimal(1)), context())
    assert (reopened.value.code, changed.value.code) == ("change-pending", "change-pending")


def test_g22_a_refusal_leaves_the_order_as_it_was() -> None:
    order = released(sold("SPECIAL"))
    assert not_cancelled(asked(order)) == order


def test_g22_of_what_a_till_has_cancelled_the_rest_is_given_up_after_a_refusal() -> None:
    """Its customer has the money back: purchasing is asked for what is left, which it never refuses."""
    refused = asked(released(sold("DROPPED"), sold("STOCK")))
    after = rest_given_up(refused, context())
    assert after.cancellation is not None
    assert (after.cancellation.remaining, after.cancellation.at_till, after.status) == (
        True,
        True,
        "cancelling",
    )
    ended = cancelled(after, {after.lines[0].id: Decimal(3)})
    assert [line.quantity for line in ended.lines] == [3, 0]


def test_nothing_is_given_up_of_an_order_that_was_delivered_as_a_whole() -> None:
    order = asked(released(sold("DROPPED")))
    gone = replace(order, lines=(shipped(order.lines[0]),))
    assert rest_given_up(gone, context()) == not_cancelled(gone)


def test_g22_the_lines_of_a_cancelled_order_want_nothing() -> None:
    after = cancelled(asked(released(sold("SPECIAL"))), {})
    assert (after.status, after.lines[0].demand and after.lines[0].demand.quantity) == ("cancelled", 0)


def test_goods_delivered_to_the_customer_stay_sold_also_before_their_shipment_is_known() -> None:
    order = released(sold("DROPPED"))
    after = cancelled(asked(order, remaining=True), {order.lines[0].id: Decimal(3)})
    assert (after.status, after.lines[0].quantity, after.lines[0].outstanding_quantity) == ("released", 3, 3)


def test_the_end_of_a_purchase_that_was_given_up_is_no_exception() -> None:
    order = released(sold("SPECIAL"))
    known = linked(order)
    line_id = order.lines[0].id
    gone = replace(known[line_id], links=(replace(known[line_id].links[0], deleted=True, active=False),))
    assert (gone.state, gone.problem is None) == ("exception", False)
    after = given_up({line_id: gone}, [line_id])[line_id]
    assert (after.state, after.problem) == ("none", None)
