"""Money that is taken from the card of a till's order counts as paid on the sales order (POS-72)."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.captures import Capture, CaptureOutcome
from sales.domain.orders.order import Order

EXECUTED: Final = "executed"


def with_capture(order: Order, outcome: CaptureOutcome) -> Order:
    """The order with what was taken for it; the same order if the card was declined, or if it has the capture."""
    known = {capture.instruction_id for capture in order.captures}
    if outcome.outcome != EXECUTED or outcome.instruction_id in known:
        return order
    capture = msgspec.convert(outcome, Capture, from_attributes=True)
    return replace(order, captures=(*order.captures, capture))
