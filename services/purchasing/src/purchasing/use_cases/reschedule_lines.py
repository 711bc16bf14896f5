"""Planning's wishes to move, enlarge, cut or cancel purchase lines, each decided once and alone (BC-PL-11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.planning.requests import PurchaseRequest, Reschedule
from contracts.topics import KINDS
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.requests.reschedules import DecidedReschedule, decide_reschedule, need_for_change
from purchasing.store import decided_requests
from purchasing.store.decided_requests import DecidedPurchase
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders

OUTCOME: Final = KINDS["request-outcome"]


async def reschedule_lines(
    tx: Transaction, batch: Batch[PurchaseRequest], asked: Sequence[Change[PurchaseRequest]]
) -> None:
    """Change the lines, or say why not; a request that comes again was decided before (G17)."""
    known = await decided_requests.decided_for_planning(tx, (change.new.id for change in asked))
    todo = [
        (change, wanted)
        for change in asked
        if change.new.id not in known and (wanted := change.new.reschedule) is not None
    ]
    locked = await lock_orders(tx, (wanted.purchase_order_no for _, wanted in todo))
    references = await _references(tx, locked, [wanted for _, wanted in todo])
    decided: list[tuple[DecidedReschedule, Context]] = []
    for change, wanted in todo:
        with batch.deciding(change):
            order = locked.by_no.get(wanted.purchase_order_no)
            one = decide_reschedule(change.new, wanted, order, references)
            if one.order is not None:
                locked.put(one.order, change.context, _happened(wanted))
            decided.append((one, change.context))
    await store_orders(tx, locked)
    await decided_requests.remember_for_planning(tx, [_row(one) for one, _ in decided])
    for one, context in decided:
        tx.publish(OUTCOME, str(one.request.id), one.event(), context)


async def _references(tx: Transaction, locked: LockedOrders, asked: Sequence[Reschedule]) -> ReferenceData:
    """What the vendors take for other quantities; a move alone costs no round trip."""
    if all(wanted.quantity is None for wanted in asked):
        return ReferenceData(now=tx.now)
    query = ReferenceQuery()
    for wanted in asked:
        order = locked.by_no.get(wanted.purchase_order_no)
        if order is not None:
            need_for_change(query, order, wanted)
    return (await load_context(tx, query)).references


def _happened(wanted: Reschedule) -> str:
    if wanted.quantity is None:
        return "rescheduled"
    return "changed" if wanted.quantity > 0 else "line_deleted"


def _row(decided: DecidedReschedule) -> DecidedPurchase:
    event = decided.event()
    return DecidedPurchase(
        id=decided.request.id,
        outcome=decided.outcome,
        purchase_order_no=event.purchase_order_no,
        body=event,
        sales_line_ids=None,
    )
