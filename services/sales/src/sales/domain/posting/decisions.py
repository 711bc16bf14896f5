"""What a post does to one order, however it was decided: by sales, by purchasing's outcome, by a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.values import Posting
from domainkit.decisions import NewId
from sales.domain.orders.order import Order, PendingPost, PlannedLine


class ItemMovement(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one line leave: `base` is the total its author saw; `posting_id` identifies the record for good."""

    sales_line_id: UUID
    posting_id: UUID
    quantity: Decimal
    base: Decimal
    origin: str = "sales"
    link_id: UUID | None = None
    request_id: UUID | None = None
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None
    carrier: str = ""
    tracking_no: str = ""


class PostingDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that leave and quantities to invoice, on which day. `ends`: the pending post that it completes."""

    posting_date: date
    ends: UUID | None = None
    movements: tuple[ItemMovement, ...] = ()
    invoiced: tuple[PlannedLine, ...] = ()
    send_to: str = ""
    """Where what is posted goes by mail; "" if it shall not."""


def needs_purchasing(order: Order, plan: Iterable[PlannedLine]) -> bool:
    """Whether the plan ships a drop-shipment line: then purchasing posts the receipt first (BC-DS-21)."""
    dropped = {line.id for line in order.lines if line.drop_shipment}
    return any(planned.ship > 0 and planned.sales_line_id in dropped for planned in plan)


def posting_from_plan(
    posting_date: date, plan: tuple[PlannedLine, ...], new_id: NewId, send_to: str = ""
) -> PostingDecision:
    """A post without drop shipments: sales decides it alone."""
    movements = tuple(_own_movement(planned, new_id()) for planned in plan if planned.ship > 0)
    return PostingDecision(posting_date=posting_date, movements=movements, invoiced=plan, send_to=send_to)


def posting_from_outcome(
    order: Order, pending: PendingPost, outcome: RequestOutcome, new_id: NewId
) -> PostingDecision:
    """A pending post that purchasing granted: its receipts with their ids, all other lines of the plan beside them.

    A receipt that became a shipment already (the same delivery, started in purchasing) moves nothing again.
    """
    posted = _posted_ids(order)
    received = {answered.sales_line_id: answered for answered in outcome.postings}
    dropped = {line.id for line in order.lines if line.drop_shipment}
    movements: list[ItemMovement] = []
    for planned in pending.lines:
        if planned.ship <= 0:
            continue
        if planned.sales_line_id not in dropped:
            movements.append(_own_movement(planned, new_id()))
            continue
        answered = received[planned.sales_line_id]
        # Purchasing's snapshot may arrive before its outcome: then the receipt has its shipment already.
        if answered.posting.posting_id not in posted:
            where = (answered.purchase_order_no, answered.purchase_order_line_no)
            movements.append(_movement_of_receipt(planned.sales_line_id, answered.posting, *where))
    return PostingDecision(
        posting_date=pending.posting_date,
        ends=pending.id,
        movements=tuple(movements),
        invoiced=pending.lines,
        send_to=pending.send_to,
    )


def postings_from_receipts(order: Order, purchase: PurchaseOrder) -> list[PostingDecision]:
    """Receipts of drop-shipment lines that were posted in purchasing: one shipment per receipt, never refused.

    Postings asked for by sales are left to the outcome of their request; known ones have their shipment.
    """
    posted = _posted_ids(order)
    ours = {line.id for line in order.lines}
    receipts: dict[str, list[tuple[PurchaseLine, Posting]]] = {}
    for line in purchase.lines:
        link = line.link
        if link is None or link.kind != "drop_shipment" or link.sales.sales_line_id not in ours:
            continue
        for posting in line.receipts:
            if is_posted_in_purchasing(posting) and posting.posting_id not in posted:
                receipts.setdefault(posting.document_no, []).append((line, posting))
    return [_posting_from_receipt(purchase.no, receipt) for receipt in receipts.values()]


def is_posted_in_purchasing(receipt: Posting) -> bool:
    """A receipt that purchasing's users posted and that stands; those that sales asked for have another origin."""
    return receipt.origin == "purchasing" and not receipt.undone


def earlier_shipment_no(order: Order, outcome: RequestOutcome) -> str:
    """The shipment that a receipt of the outcome became before; it is answered instead of a new one."""
    asked = {answered.posting.posting_id for answered in outcome.postings}
    return next((p.document_no for line in order.lines for p in line.postings if p.posting_id in asked), "")


def _posted_ids(order: Order) -> set[UUID]:
    return {posting.posting_id for line in order.lines for posting in line.postings}


def _posting_from_receipt(
    purchase_order_no: str, lines: Sequence[tuple[PurchaseLine, Posting]]
) -> PostingDecision:
    movements = tuple(
        _movement_of_receipt(line.link.sales.sales_line_id, posting, purchase_order_no, line.line_no)
        for line, posting in lines
        if line.link is not None
    )
    return PostingDecision(posting_date=lines[0][1].posting_date, movements=movements)


def _own_movement(planned: PlannedLine, posting_id: UUID) -> ItemMovement:
    return ItemMovement(
        sales_line_id=planned.sales_line_id, posting_id=posting_id, quantity=planned.ship, base=planned.base
    )


def _movement_of_receipt(
    sales_line_id: UUID, receipt: Posting, purchase_order_no: str, purchase_order_line_no: int
) -> ItemMovement:
    """The shipment's side of a receipt: the same posting id, so both sides can be compared."""
    return ItemMovement(
        sales_line_id=sales_line_id,
        posting_id=receipt.posting_id,
        quantity=receipt.quantity,
        base=receipt.base,
        origin=receipt.origin,
        link_id=receipt.link_id,
        request_id=receipt.request_id,
        purchase_order_no=purchase_order_no,
        purchase_order_line_no=purchase_order_line_no,
        carrier=receipt.carrier,
        tracking_no=receipt.tracking_no,
    )
