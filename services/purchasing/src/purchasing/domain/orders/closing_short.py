"""Closing short: what the vendor will never deliver is ordered no more, on both sides at once (G4)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from contracts.refusals import Violations, conflict
from purchasing.domain.orders.order import CLOSED, Line, Order


def close_short(order: Order, line_nos: Sequence[int] | None) -> Order:
    """The order with lines lowered to what was received; linked sales lines follow."""
    if order.status == CLOSED:
        raise conflict("order-not-open", f"purchase order {order.no} is closed")
    lines = (
        [line for line in order.live_lines if line.outstanding_quantity]
        if line_nos is None
        else [order.line(line_no, pointer=f"/lines/{i}") for i, line_no in enumerate(line_nos)]
    )
    found = Violations()
    for line in lines:
        check_closable(found, order, line)
    found.refuse_if_any()
    if not lines:
        raise conflict("nothing-outstanding", f"nothing of purchase order {order.no} is outstanding")
    return shortened(order, lines)


def check_closable(found: Violations, order: Order, line: Line) -> None:
    """Something is outstanding, and no receipt of the line is being taken back."""
    if order.is_being_undone(line):
        detail = f"line {line.line_no} of purchase order {order.no} is being taken back"
        found.conflict("change-pending", detail, line_no=line.line_no)
    elif not line.outstanding_quantity and not line.closed_short:
        detail = f"nothing of line {line.line_no} of purchase order {order.no} is outstanding"
        found.conflict("nothing-outstanding", detail, line_no=line.line_no)


def shortened(order: Order, lines: Sequence[Line]) -> Order:
    """The order that expects nothing more of these lines."""
    after = order.with_lines(
        replace(line, quantity=line.quantity_received, closed_short=True) for line in lines
    )
    return after.settled()
