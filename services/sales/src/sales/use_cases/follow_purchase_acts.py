"""What a purchase order asks of sales orders besides its receipts: consent to an undo, and to close lines short."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseLink, PurchaseOrder, UndoRequest
from contracts.sales.requests import UndoDecision
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.domain.orders.closing_short import follow_closed_short
from sales.domain.orders.order import Order
from sales.domain.posting.consent import Consent, decide_undo
from sales.domain.sourcing import Sourcing
from sales.store import sourcings
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.undo_shipments import UndoBatch


def orders_concerned(purchase: PurchaseOrder) -> set[str]:
    """The sales orders that follow the purchase order's wishes to take receipts back, and its lines closed short."""
    asked = {line.sales_order_no for request in purchase.undo_requests for line in request.lines}
    return asked | {link.sales.sales_order_no for link in _closed_short(purchase)}


def _closed_short(purchase: PurchaseOrder) -> list[PurchaseLink]:
    return [line.link for line in purchase.lines if line.closed_short and line.link and line.link.active]


async def follow_purchase_acts(tx: Transaction, batch: Batch[PurchaseOrder], orders: LockedOrders) -> None:
    """Agree to undo, and lower the lines of which no more will come; the same snapshot again changes nothing."""
    if not any(orders_concerned(change.new) for change in batch):
        return
    undos = UndoBatch(tx, orders)
    given: dict[UUID, Sourcing] = {}
    for change in batch:
        with batch.deciding(change):
            given |= _consent_to_undo(change.new, orders, undos, change.context)
            _close_short(change.new, orders, change.context)
    await sourcings.store(tx, list(given.values()))
    await undos.store()
    await orders.store(tx)


def _close_short(purchase: PurchaseOrder, orders: LockedOrders, context: Context) -> None:
    for link in _closed_short(purchase):
        order = orders.by_no.get(link.sales.sales_order_no)
        sourcing = orders.sourcings.get(link.sales.sales_line_id)
        if order is not None and sourcing is not None:
            orders.put(follow_closed_short(order, sourcing), context, "closed_short")


def _consent_to_undo(
    purchase: PurchaseOrder, orders: LockedOrders, undos: UndoBatch, context: Context
) -> dict[UUID, Sourcing]:
    """Decide what was not decided before; every order concerned keeps and publishes the decision.

    Returned are the special orders that gave a grant back.
    """
    given: dict[UUID, Sourcing] = {}
    for request in purchase.undo_requests:
        concerned = _undecided(request, orders)
        if not concerned:
            continue
        consent = decide_undo(request, orders.by_no, orders.sourcings)
        decision = UndoDecision(id=request.id, purchase_order_no=purchase.no, errors=consent.errors)
        for order in concerned:
            _keep(orders, undos, order, decision, consent, context)
        orders.sourcings.update(consent.sourcings)
        given.update(consent.sourcings)
    return given


def _undecided(request: UndoRequest, orders: LockedOrders) -> list[Order]:
    found = (orders.by_no.get(no) for no in sorted({line.sales_order_no for line in request.lines}))
    return [
        order
        for order in found
        if order is not None and all(decision.id != request.id for decision in order.undo_decisions)
    ]


def _keep(
    orders: LockedOrders,
    undos: UndoBatch,
    order: Order,
    decision: UndoDecision,
    consent: Consent,
    context: Context,
) -> None:
    decided = replace(order, undo_decisions=(*order.undo_decisions, decision))
    ids = consent.posting_ids.get(order.no, frozenset())
    if not ids:
        orders.put(decided, context, "undo_decided")
        return
    by_shipment: dict[str, frozenset[UUID]] = {}
    for line in order.lines:
        for posting in line.postings:
            if posting.posting_id in ids:
                of_shipment = by_shipment.get(posting.document_no, frozenset())
                by_shipment[posting.document_no] = of_shipment | {posting.posting_id}
    undos.undo(decided, by_shipment, context)
