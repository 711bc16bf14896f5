"""How much of a line is done: what the gateway knows itself, with what sales reports (POS-124)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from contracts.channel import LineProgress
from domainkit.money import ZERO
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.stage import Stage


class LineQuantities(msgspec.Struct, frozen=True, kw_only=True):
    """Of one line, in its unit: ordered = picked up + shipped + cancelled + open, each at least 0."""

    ordered: Decimal
    picked_up: Decimal
    """At a till, what was carried out too."""
    shipped: Decimal
    """By the back office."""
    cancelled: Decimal
    open: Decimal
    invoiced: Decimal
    returned: Decimal
    received: Decimal
    """For the line of a special order, over its life."""

    @property
    def handed_over(self) -> Decimal:
        """What has left: picked up or shipped."""
        return self.picked_up + self.shipped


def quantities_of(line: OrderLine, stage: Stage) -> LineQuantities:
    """The line's quantities.

    A till's pick-up is a fact before sales reports it, so the larger count holds. What sales shipped beyond it, the
    back office has handed over. What had left for the customer before the till cancelled it is not cancelled.
    """
    progress = stage.progress.line(line.line_no) if stage.progress else None
    carried_out = line.mode == "carry_out"
    picked_up = line.quantity if carried_out else line.quantity_picked_up
    shipped = max(ZERO, _of(progress, "quantity_shipped") - picked_up)
    cancelled = max(line.quantity_cancelled, _of(progress, "quantity_cancelled"))
    cancelled = min(cancelled, max(ZERO, line.quantity - picked_up - shipped))
    invoiced = _of(progress, "quantity_invoiced")
    if progress is None and carried_out and stage.invoice_no:
        invoiced = line.quantity
    return LineQuantities(
        ordered=line.quantity,
        picked_up=picked_up,
        shipped=shipped,
        cancelled=cancelled,
        open=max(ZERO, line.quantity - picked_up - shipped - cancelled),
        invoiced=invoiced,
        returned=_of(progress, "quantity_returned"),
        received=_of(progress, "quantity_received"),
    )


def quantities_by_line(order: CustomerOrder, stage: Stage) -> dict[int, LineQuantities]:
    """The quantities of all lines, by line number."""
    return {line.line_no: quantities_of(line, stage) for line in order.lines}


def _of(progress: LineProgress | None, field: str) -> Decimal:
    return getattr(progress, field) if progress is not None else ZERO
