"""Dates that planning promised to the customer: put on the lines, all of a promise or none (BC-PL-30, BC-PL-31)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from contracts.planning.requests import OrderPromise
from contracts.refusals import Refusal, Violations
from contracts.sales.requests import PromiseDecision
from contracts.values import Problem
from sales.domain.orders.context import OrderContext
from sales.domain.orders.line_changes import changed
from sales.domain.orders.lines import with_demand
from sales.domain.orders.order import OPEN, RELEASED, Order, check_not_held, refuse_when_ended

KEPT_MAX: Final = 20
"""Decisions that an order keeps; planning has one promise of an order under way at a time."""


def decide_promise(order: Order, promise: OrderPromise, context: OrderContext) -> Order:
    """The order with the promised dates, or with the reasons against them; a promise is decided once."""
    if any(decision.id == promise.id for decision in order.promise_decisions):
        return order
    after, errors = order, tuple[Problem, ...]()
    try:
        after = _promised(order, promise, context)
    except Refusal as refusal:
        errors = refusal.problems()
    decision = PromiseDecision(id=promise.id, errors=errors)
    return replace(after, promise_decisions=(*order.promise_decisions, decision)[-KEPT_MAX:])


def _promised(order: Order, promise: OrderPromise, context: OrderContext) -> Order:
    refuse_when_ended(order)
    found = Violations()
    lines = {line.id: line for line in order.lines}
    after = order
    for promised in promise.lines:
        line, line_no = lines.get(promised.sales_line_id), promised.sales_order_line_no
        if line is None or line.outstanding_quantity <= 0:
            found.conflict("nothing-to-promise", f"line {line_no} has nothing to ship", line_no=line_no)
            continue
        if order.status not in ({OPEN, RELEASED} if line.flagged else {OPEN}):
            detail = f"{order.title} is {order.status}; only an open one changes what it sells from stock"
            found.conflict("order-not-open", detail, line_no=line_no)
        check_not_held(found, order, line)
        dates = {"shipment_date": promised.shipment_date}
        dated = changed(found, order, line, dates, context.references)
        promised_line = replace(dated, promised_delivery_date=dated.planned_delivery_date)
        after = after.with_line(with_demand(promised_line))
    found.refuse_if_any()
    return after
