"""Dates that planning promised are put on the lines of an order, all of a promise or none."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.planning.requests import OrderPromise, PromisedLine
from sales.domain.orders.order import OPEN, RELEASED, Order
from sales.domain.orders.promising import KEPT_MAX, decide_promise
from tests.unit.sales.samples import context, made, sold

DAY = date(2026, 4, 1)


def promise(order: Order, *line_ids: UUID) -> OrderPromise:
    chosen = line_ids or tuple(line.id for line in order.lines)
    lines = tuple(PromisedLine(sales_line_id=x, sales_order_line_no=10000, shipment_date=DAY) for x in chosen)
    return OrderPromise(version=1, id=uuid4(), sales_order_no=order.no, lines=lines)


def codes(order: Order) -> list[str]:
    return [error.code for error in order.promise_decisions[-1].errors]


def test_a_promised_line_leaves_and_arrives_as_promised() -> None:
    order = replace(made(sold("STOCK", "2")), status=OPEN)
    after = decide_promise(order, promise(order), context())
    (line,) = after.lines
    assert (line.shipment_date, codes(after)) == (DAY, [])
    assert line.promised_delivery_date == line.planned_delivery_date
    assert line.planned_delivery_date is not None
    assert line.planned_delivery_date >= DAY


def test_a_promise_is_decided_once() -> None:
    order = made(sold("STOCK", "2"))
    asked = promise(order)
    after = decide_promise(order, asked, context())
    assert decide_promise(after, asked, context()) is after


def test_a_promise_is_kept_whole_or_not_at_all() -> None:
    order = made(sold("STOCK", "2"))
    asked = promise(order, order.lines[0].id, uuid4())
    after = decide_promise(order, asked, context())
    assert (after.lines, codes(after)) == (order.lines, ["nothing-to-promise"])


def test_ordinary_lines_of_a_released_order_keep_their_dates() -> None:
    order = replace(made(sold("STOCK", "2")), status=RELEASED)
    after = decide_promise(order, promise(order), context())
    assert (after.lines, codes(after)) == (order.lines, ["order-not-open"])


def test_an_order_keeps_the_last_decisions() -> None:
    order = made(sold("STOCK", "2"))
    for _ in range(KEPT_MAX + 1):
        order = decide_promise(order, promise(order), context())
    assert len(order.promise_decisions) == KEPT_MAX
