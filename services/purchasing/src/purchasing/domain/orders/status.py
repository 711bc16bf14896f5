"""Release, reopen and delete purchase orders."""

from __future__ import annotations

from contracts.refusals import Violations, conflict
from domainkit.decisions import DecisionContext
from purchasing.domain.orders.discounts import check_discount_fits, lines_amount
from purchasing.domain.orders.lines import check_line_can_go
from purchasing.domain.orders.order import CLOSED, OPEN, RELEASED, Order, as_deleted
from purchasing.domain.orders.parties import vendor_to_buy_from


def released(order: Order, context: DecisionContext) -> Order:
    """Release for receiving. A released order stays as it is."""
    if order.status == RELEASED:
        return order
    order.must_be_open()
    if not order.live_lines:
        raise conflict("nothing-to-release", f"purchase order {order.no} has no lines")
    vendor_to_buy_from(context.references, order.vendor_no)
    found = Violations()
    check_discount_fits(found, order.invoice_discount_amount, lines_amount(order))
    found.refuse_if_any()
    return order.replaced(status=RELEASED)


def reopened(order: Order) -> Order:
    """Open for changes again. An open order stays as it is, a closed one is history."""
    if order.status == CLOSED:
        raise conflict("order-closed", f"purchase order {order.no} is closed")
    return order.replaced(status=OPEN)


def deleted(order: Order) -> Order:
    """The order gone, its links inactive; refused once anything was received."""
    if any(line.qty_rcd_not_invoiced > 0 for line in order.lines):
        raise conflict(
            "received-not-invoiced", f"purchase order {order.no} has receipts that are not invoiced"
        )
    if order.has_postings:
        raise conflict("has-postings", f"purchase order {order.no} has postings")
    return order.with_lines(as_deleted(line) for line in order.live_lines).replaced(deleted=True)


def without_line(order: Order, line_no: int) -> Order:
    """The order without this line: it stays as a deleted one, its link inactive."""
    line = order.line(line_no, addressed=True)
    check_line_can_go(order, line)
    return order.with_lines([as_deleted(line)])
