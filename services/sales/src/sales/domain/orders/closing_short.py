"""Closing a line short: what will never be supplied is sold no more (G4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from contracts.sales.requests import RequestedChangeLine
from sales.domain.granted_goods import supplied_total
from sales.domain.orders.context import OrderContext
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import OPEN, RELEASED, Order, PendingChange, check_not_held, closed_if_done
from sales.domain.sourcing import Sourcing

CLOSE_SHORT: Final = "close_short"


def close_short(order: Order, line: Line, context: OrderContext) -> Order:
    """Ordinary lines are lowered to what has left; of a bought line purchasing is asked what was received."""
    if order.status not in {OPEN, RELEASED}:
        raise conflict("order-not-open", f"sales order {order.no} is {order.status}")
    found = Violations()
    check_not_held(found, order, line)
    if line.outstanding_quantity <= 0:
        detail = f"nothing of line {line.line_no} is outstanding"
        found.conflict("line-completely-shipped", detail, line_no=line.line_no)
    sourcing = context.sourcings.get(line.id)
    if line.flagged and (sourcing is None or sourcing.active is None):
        detail = f"line {line.line_no} is not associated with a purchase order"
        found.conflict("not-associated-with-purchase-order", detail, line_no=line.line_no)
    found.refuse_if_any()
    if not line.flagged:
        return closed_if_done(order.with_line(lowered(line, line.quantity_shipped)))
    asked = (RequestedChangeLine(sales_line_id=line.id),)
    pending = PendingChange(id=context.new_id(), kind=CLOSE_SHORT, lines=asked)
    return replace(order, requested_changes=(*order.requested_changes, pending))


def lowered(line: Line, quantity: Decimal) -> Line:
    """The line that sells no more than this, and never less than has left."""
    quantity = max(quantity, line.quantity_shipped)
    if quantity >= line.quantity:
        return line
    return with_demand(replace(line, quantity=quantity, qty_to_ship=None))


def follow_closed_short(order: Order, sourcing: Sourcing, received: Decimal | None = None) -> Order:
    """The order once purchasing expects nothing more for a line; `received`: as its answer says, if it is newer."""
    line = next((each for each in order.lines if each.id == sourcing.sales_line_id), None)
    link = sourcing.active
    if line is None or link is None or not line.flagged:
        return order
    total = supplied_total(line, sourcing, link, link.received if received is None else received)
    return closed_if_done(order.with_line(lowered(line, total)))
