"""Cancelling an order, or what is left of it. What is bought for it is given up by purchasing first (G22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from contracts.refusals import conflict
from domainkit.money import ZERO, currency
from sales.domain.orders.context import OrderContext, Sourcings
from sales.domain.orders.lines import Line
from sales.domain.orders.order import (
    CANCELLED,
    CANCELLING,
    OPEN,
    RELEASED,
    Cancellation,
    Order,
    closed_if_done,
    refuse_while_posting,
)
from sales.domain.sourcing import Sourcing

NONE_RECEIVED: Final[Mapping[UUID, Decimal]] = {}


def cancel(order: Order, *, remaining: bool, context: OrderContext) -> Order:
    """The cancelled order; or the order that asks purchasing, where lines are bought for it.

    `remaining`: what was shipped stays, the outstanding quantities become 0. Else an order with postings is refused.
    """
    _refuse_unless_cancellable(order, remaining=remaining)
    bought = tuple(line.id for line in order.lines if _may_be_bought(line, context.sourcings))
    if not bought:
        return _ended(order, NONE_RECEIVED, remaining=remaining)
    cancellation = Cancellation(
        id=context.new_id(), remaining=remaining, was=order.status, sales_line_ids=bought
    )
    return replace(order, status=CANCELLING, cancellation=cancellation)


def _refuse_unless_cancellable(order: Order, *, remaining: bool) -> None:
    if order.status == CANCELLING:
        raise conflict("change-pending", f"sales order {order.no} is being cancelled")
    if order.status not in {OPEN, RELEASED}:
        raise conflict("order-not-open", f"sales order {order.no} is {order.status}")
    refuse_while_posting(order)
    if remaining:
        if not any(line.has_quantity and line.outstanding_quantity > 0 for line in order.lines):
            raise conflict("nothing-to-cancel", f"nothing of sales order {order.no} is outstanding")
    elif any(line.quantity_shipped > 0 or line.ever_invoiced > 0 for line in order.lines):
        raise conflict(
            "has-postings", f"sales order {order.no} has postings: cancel what remains of it instead"
        )


def _may_be_bought(line: Line, sourcings: Sourcings) -> bool:
    """A flagged line whose purchase may exist or be on its way."""
    known = line.id in sourcings and sourcings[line.id].generation > 0
    return line.flagged and line.outstanding_quantity > 0 and (line.released_once or known)


def cancelled(order: Order, received: Mapping[UUID, Decimal]) -> Order:
    """The order after purchasing gave its lines up; `received`: what had been received for them."""
    cancellation = order.cancellation
    if cancellation is None:
        return order
    return _ended(order, received, remaining=cancellation.remaining)


def not_cancelled(order: Order) -> Order:
    """The order after purchasing refused: as it was before."""
    if order.cancellation is None:
        return order
    return closed_if_done(replace(order, status=order.cancellation.was, cancellation=None))


def rest_given_up(order: Order, context: OrderContext) -> Order:
    """The order after purchasing refused a cancellation that a till has settled: what is left of it is given up.

    Some was delivered to the customer before purchasing was asked: that stays sold, and the back office bills it.
    """
    stands = not_cancelled(order)
    if not any(line.has_quantity and line.outstanding_quantity > 0 for line in stands.lines):
        return stands
    return settled_at_till(cancel(stands, remaining=True, context=context))


def settled_at_till(order: Order) -> Order:
    """The order with its cancellation, if purchasing is asked for one, as a till's: its customer has the money back."""
    if order.cancellation is None:
        return order
    return replace(order, cancellation=replace(order.cancellation, at_till=True))


def _ended(order: Order, received: Mapping[UUID, Decimal], *, remaining: bool) -> Order:
    if not remaining:
        return replace(order.map_lines(_without_demand), status=CANCELLED, cancellation=None)
    after = order.map_lines(lambda line: _without_outstanding(order, line, received.get(line.id, ZERO)))
    has_left = any(line.quantity > 0 for line in after.lines)
    return closed_if_done(replace(after, status=RELEASED if has_left else CANCELLED, cancellation=None))


def _without_demand(line: Line) -> Line:
    if line.demand is None:
        return line
    return replace(line, demand=replace(line.demand, quantity=ZERO))


def _without_outstanding(order: Order, line: Line, received: Decimal) -> Line:
    """The line with the quantity that has left; goods of a drop shipment that were delivered count as having left."""
    if not line.has_quantity:
        return line
    quantity = max(line.quantity_shipped, received if line.drop_shipment else ZERO)
    if quantity >= line.quantity:
        return line
    off = line.line_discount_amount
    if off is not None:
        off = currency(order.currency_code).rounded(off * quantity / line.quantity)
    demand = None if line.demand is None else replace(line.demand, quantity=quantity)
    return replace(
        line,
        quantity=quantity,
        line_discount_amount=off,
        demand=demand,
        qty_to_ship=None,
        qty_to_invoice=None,
    )


def given_up(sourcings: Sourcings, line_ids: Iterable[UUID]) -> dict[UUID, Sourcing]:
    """What is known of these lines, noted as given up: the end of their purchases is no exception."""
    return {id_: replace(sourcings[id_], is_given_up=True) for id_ in line_ids if id_ in sourcings}
