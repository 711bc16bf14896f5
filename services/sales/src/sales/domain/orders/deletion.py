"""Deleting lines and orders: postings and purchases of a line prevent it."""

from __future__ import annotations

from msgspec.structs import replace

from contracts.refusals import Refusal, Violations, conflict
from sales.domain.orders.context import OrderContext
from sales.domain.orders.line_changes import link_members
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order, check_not_held, refuse_unless_open, refuse_while_posting
from sales.domain.sourcing import Sourcing


def delete_line(order: Order, line: Line, context: OrderContext) -> Order:
    """The order without the line; refused if postings or purchases refer to it (BC-SO-41, BC-DS-35)."""
    found = Violations()
    check_deletable(found, order, line, context.sourcings.get(line.id))
    _check_open(found, order)
    found.refuse_if_any()
    return replace(order, lines=tuple(each for each in order.lines if each.id != line.id))


def delete_order(order: Order, context: OrderContext) -> Order:
    """The order marked deleted; its number and version stay, so that nothing old overtakes it."""
    # A document that something was posted of stays (BC-SD-10 as chosen here).
    if any(line.postings or line.ever_invoiced for line in order.lines):
        raise conflict("has-postings", f"sales order {order.no} has postings")
    refuse_while_posting(order)
    found = Violations()
    for line in order.lines:
        check_deletable(found, order, line, context.sourcings.get(line.id))
    _check_open(found, order)
    found.refuse_if_any()
    return replace(order, deleted=True, lines=())


def check_deletable(found: Violations, order: Order, line: Line, sourcing: Sourcing | None) -> None:
    """Postings, a purchase line, or a purchase request that is under way keep a line."""
    line_no = line.line_no
    if line.postings or line.ever_invoiced:
        found.conflict("has-postings", f"line {line_no} has postings", line_no=line_no)
    check_not_held(found, order, line)
    link = sourcing.active if sourcing else None
    if sourcing and link:
        where = f"purchase order {link.purchase_order_no} line {link.purchase_order_line_no}"
        detail = f"line {line_no} is associated with {where}"
        found.conflict("line-linked-to-purchase-order", detail, line_no=line_no, **link_members(sourcing))
    elif sourcing and line.released_once and sourcing.state == "requested":
        detail = f"the purchase request of line {line_no} is under way"
        found.conflict("change-pending", detail, line_no=line_no)
        found.may_change_with("demand", order.no)


def _check_open(found: Violations, order: Order) -> None:
    """The last reason: what keeps a line keeps it in a reopened order too."""
    try:
        refuse_unless_open(order)
    except Refusal as refusal:
        found.include(refusal)
