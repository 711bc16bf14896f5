"""The vendor's answer to an order: how much comes and when, or that a line is not delivered (E2)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from contracts.refusals import Violations
from purchasing.domain.orders.order import CLOSED, Line, Order

REFUSED: Final = "line_refused"


def refused(order: Order, line_no: int, reason: str) -> Order:
    """The order without this line's goods: nothing of it is expected any more, and its link ends.

    The sales line that it served shows an exception with the vendor's reason (G21). What was delivered in part is
    closed short instead.
    """
    line = order.line(line_no, addressed=True)
    _check_refusable(order, line, reason)
    link = replace(line.link, active=False) if line.link is not None else None
    given_up = replace(
        line,
        quantity=line.quantity_received,
        refused_quantity=line.quantity,
        refusal_reason=reason.strip(),
        confirmed_quantity=None,
        confirmed_date=None,
        link=link,
    )
    return order.with_lines([given_up]).settled()


def _check_refusable(order: Order, line: Line, reason: str) -> None:
    found = Violations()
    if not reason.strip():
        found.invalid("reason-required", "say why the vendor does not deliver", "/reason")
    if order.status == CLOSED:
        found.conflict("order-not-open", f"purchase order {order.no} is closed")
    must_not_be_refused(found, order, line)
    if line.quantity_received or line.quantity_invoiced:
        detail = f"line {line.line_no}: {line.quantity_received} are received; close the rest short"
        found.conflict("has-postings", detail, line_no=line.line_no)
    found.refuse_if_any()


def must_not_be_refused(found: Violations, order: Order, line: Line) -> None:
    """A line that the vendor has refused is history."""
    if line.is_refused:
        detail = f"the vendor has refused line {line.line_no} of purchase order {order.no}"
        found.conflict("line-refused", detail, line_no=line.line_no)


def what_happened(before: Line, after: Line) -> tuple[str, ...]:
    """What a change of a line is called in timelines (G10)."""
    words = []
    if (before.confirmed_quantity, before.confirmed_date) != (after.confirmed_quantity, after.confirmed_date):
        words.append("confirmed" if after.is_confirmed else "confirmation_withdrawn")
    if before.delivery_date != after.delivery_date:
        words.append("dates_changed")
    return tuple(words) or ("changed",)
