"""Sales orders that ask for changes of linked lines, and those that answer purchasing's wish to take receipts back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from contracts.planning.masters import Location
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange, UndoDecision
from contracts.topics import KINDS
from domainkit.references import ReferenceQuery
from eventkit import operations
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from purchasing.domain.catalogue import need_terms
from purchasing.domain.orders.order import Order, PendingUndo
from purchasing.domain.orders.undoing import ended, undos_without_sale, without_receipts
from purchasing.domain.requests.requested_changes import (
    CHANGE,
    CORRECT_INVOICE,
    DecidedChange,
    decide_requested_change,
)
from purchasing.store import decided_requests, links, receipts, sales_orders
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.end_links import end_links
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders

OUTCOME = KINDS["request-outcome"]
_HAPPENED: Final[Mapping[str, str]] = {CHANGE: "line_changed", CORRECT_INVOICE: "allowance_lowered"}

Orders = Change[SalesOrder]


async def decide_changes(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Decide each requested change once, however often its order is published (G3, G4)."""
    asking = [change for change in batch if change.new.requested_changes]
    if not asking:
        return
    requested = [each for change in asking for each in change.new.requested_changes]
    known = await decided_requests.decided_for_sales(tx, (each.id for each in requested))
    if all(each.id in known for each in requested):
        return
    wanted = {line.sales_line_id for each in requested if each.id not in known for line in each.lines}
    # Read without a lock to find the orders to lock; the decision looks at the link on the locked order.
    linked = await links.linked_lines(tx, wanted)
    locked = await lock_orders(tx, (place.order_no for place in linked.values()))
    seen = await load_context(tx, _query(locked.by_no.values(), requested))
    decided: list[tuple[DecidedChange, Context]] = []
    for change in asking:
        with batch.deciding(change):
            for each in change.new.requested_changes:
                if each.id not in known:
                    one = decide_requested_change(change.new, each, locked.by_no, linked, seen)
                    for order in one.orders:
                        locked.put(order, change.context, _HAPPENED.get(each.kind, each.kind))
                    decided.append((one, change.context))
    await receipts.undo(tx, _undone_documents(locked, [one for one, _ in decided]))
    await end_links(
        tx,
        [row for one, _ in decided for row in one.ended],
        [row for one, _ in decided for row in one.fences],
    )
    await store_orders(tx, locked)
    outcomes: list[RequestOutcome] = []
    for one, context in decided:
        outcomes.append(one.event())
        tx.publish(OUTCOME, str(one.change.id), outcomes[-1], context)
    await decided_requests.remember_for_sales(tx, outcomes)


def _query(orders: Iterable[Order], requested: Iterable[RequestedChange]) -> ReferenceQuery:
    """What changes of quantity and location look up; the other kinds look up nothing."""
    query = ReferenceQuery()
    changes = [each for each in requested if each.kind == CHANGE]
    if not changes:
        return query
    query.need(Location, *(line.location_code for each in changes for line in each.lines))
    for order in orders:
        query.need_rates(order.currency_code, order.order_date)
        need_terms(query, order.vendor_no, *(line.item_no for line in order.live_lines))
    return query


def _undone_documents(locked: LockedOrders, decided: Sequence[DecidedChange]) -> dict[str, set[UUID]]:
    undone = frozenset().union(*(one.undone for one in decided))
    return documents_of(locked.by_no.values(), undone)


def documents_of(orders: Any, posting_ids: frozenset[UUID]) -> dict[str, set[UUID]]:
    """The posted documents that these receipts stand on."""
    found: dict[str, set[UUID]] = {}
    for order in orders:
        for line in order.lines:
            for receipt in line.receipts:
                if receipt.posting_id in posting_ids:
                    found.setdefault(receipt.document_no, set()).add(receipt.posting_id)
    return found


async def end_undos(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Sales agreed to receipts being taken back, or refused it; an answer that comes again finds nothing pending.

    A sales order that is deleted by now does not answer: nothing depends on its receipts, they are taken back.
    """
    answering = [change for change in batch if change.new.undo_decisions or change.new.deleted]
    if not answering:
        return
    nos = {d.purchase_order_no for change in answering for d in change.new.undo_decisions}
    ended_sales = [change.no for change in answering if change.new.deleted]
    served = await links.of_sales_orders(tx, ended_sales) if ended_sales else []
    locked = await lock_orders(tx, nos | {link.row.purchase_order_no for link in served})
    deleted = await sales_orders.deleted(tx, _asked(locked)) | set(ended_sales) if served else set()
    finished: list[Finished] = []
    undone: set[UUID] = set()
    for change in answering:
        with batch.deciding(change):
            for decision in change.new.undo_decisions:
                pending = _pending(locked.by_no.get(decision.purchase_order_no), decision)
                if pending is not None:
                    finished.append(_end(locked, decision, pending, change.context))
                    undone |= set() if decision.errors else set(pending.posting_ids)
            for order, pending in _without_sale(locked, change, deleted):
                finished.append(_carry_through(locked, order, pending, change.context))
                undone |= set(pending.posting_ids)
    await receipts.undo(tx, documents_of(locked.by_no.values(), frozenset(undone)))
    await store_orders(tx, locked)
    await operations.finish(tx, finished)


def _asked(locked: LockedOrders) -> set[str]:
    """The sales orders that pending undos ask."""
    pending = (request for order in locked.by_no.values() for request in order.undo_requests)
    return {line.sales_order_no for request in pending for line in request.lines}


def _without_sale(
    locked: LockedOrders, change: Change[SalesOrder], deleted: Collection[str]
) -> list[tuple[Order, PendingUndo]]:
    if not change.new.deleted:
        return []
    return [
        (order, pending) for order in locked.by_no.values() for pending in undos_without_sale(order, deleted)
    ]


def _pending(order: Order | None, decision: UndoDecision) -> PendingUndo | None:
    requests = order.undo_requests if order else ()
    return next((request for request in requests if request.id == decision.id), None)


def _end(locked: LockedOrders, decision: UndoDecision, pending: PendingUndo, context: Context) -> Finished:
    order = locked.by_no[decision.purchase_order_no]
    if not decision.errors:
        return _carry_through(locked, order, pending, context)
    locked.put(ended(order, pending.id), context, "undo_refused")
    errors = [{"code": p.code, "detail": p.detail, "line_no": p.line_no} for p in decision.errors]
    return Finished(pending.id, "refused", problem={"errors": errors})


def _carry_through(locked: LockedOrders, order: Order, pending: PendingUndo, context: Context) -> Finished:
    after = without_receipts(ended(locked.by_no[order.no], pending.id), pending.posting_ids)
    locked.put(after, context, "receipt_undone")
    result = {"receipt_no": pending.receipt_no, "purchase_order_no": order.no}
    return Finished(pending.id, "succeeded", result=result)
