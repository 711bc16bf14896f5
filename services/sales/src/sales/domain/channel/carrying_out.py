"""Goods that the customer carries out of the store have left before sales learns of them (POS-30, POS-40)."""

from __future__ import annotations

from contracts.channel import ChannelOrder
from domainkit.decisions import NewId
from sales.domain.channel.orders import CARRY_OUT
from sales.domain.orders.order import Order, PlannedLine
from sales.domain.posting.decisions import PostingDecision, posting_from_plan


def posting_of_carried_out(order: Order, payload: ChannelOrder, new_id: NewId) -> PostingDecision | None:
    """The shipment and invoice of what was carried out, on the till's business day; None if nothing was.

    Whatever holds a posting by a user back does not hold this one back: neither missing stock, nor a block of the
    customer, nor its wish for complete deliveries brings the goods back.
    """
    carried_out = {line.line_no for line in payload.lines if line.mode == CARRY_OUT}
    plan = tuple(
        PlannedLine(sales_line_id=line.id, ship=line.quantity, invoice=line.quantity)
        for line in order.lines
        if line.line_no in carried_out
    )
    return posting_from_plan(payload.transaction.business_date, plan, new_id) if plan else None
