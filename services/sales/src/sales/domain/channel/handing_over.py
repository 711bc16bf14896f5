"""Acts on the sales order of a till's order: goods that a customer has picked up, and cancellations."""

from __future__ import annotations

from contracts.channel import ChannelAct
from contracts.refusals import conflict
from sales.domain.channel.acts import CANCEL_REMAINING
from sales.domain.orders.cancelling import cancel, settled_at_till
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import CANCELLED, CLOSED, Order
from sales.domain.orders.releasing import as_released
from sales.domain.posting.commands import LineToPost, PostingOptions
from sales.domain.posting.decisions import PostingDecision, needs_purchasing, posting_from_plan
from sales.domain.posting.plans import plan_fact


def posting_of_pickup(order: Order, act: ChannelAct, context: OrderContext) -> PostingDecision:
    """Shipment and invoice of what was picked up, on the till's business day (POS-74).

    Of a special order only what was received for it. A drop shipment cannot be picked up: its vendor delivers it.
    """
    lines = tuple(
        LineToPost(line_no=line.line_no, qty_to_ship=line.quantity, qty_to_invoice=line.quantity)
        for line in act.lines
    )
    released = as_released(order)
    plan = plan_fact(released, PostingOptions(ship=True, invoice=True, lines=lines), context)
    if needs_purchasing(released, plan):
        dropped = next(x.line_no for x in order.lines if x.drop_shipment and x.line_no in _line_nos(act))
        detail = f"line {dropped} is a drop shipment: its vendor delivers it"
        raise conflict("line-linked-to-purchase-order", detail, line_no=dropped)
    return posting_from_plan(act.transaction.business_date, plan, context.new_id)


def _line_nos(act: ChannelAct) -> set[int]:
    return {line.line_no for line in act.lines}


def withdrawn(order: Order, act: ChannelAct, context: OrderContext) -> Order:
    """The order that a till has cancelled, or what was left of it; what the back office has cancelled stays as it is.

    Then the till still gives the deposit back, so the act is done. Where something is bought for the order, purchasing
    decides about these lines; for the till the act is done too.
    """
    remaining = act.operation == CANCEL_REMAINING
    if not _is_withdrawn(order, remaining=remaining):
        order = cancel(order, remaining=remaining, context=context)
    return settled_at_till(order)


def _is_withdrawn(order: Order, *, remaining: bool) -> bool:
    """Whether the cancellation has happened, or purchasing is being asked for it."""
    if order.cancellation is not None:
        return order.cancellation.remaining == remaining
    return order.status == CANCELLED or (remaining and order.status == CLOSED)
