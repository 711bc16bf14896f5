"""Planning's wishes to put purchase lines on other days, each decided once and alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.planning import PurchaseRequest
from contracts.topics import KINDS
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.requests.reschedules import DecidedReschedule, decide_reschedule
from purchasing.store import decided_requests
from purchasing.store.decided_requests import DecidedPurchase
from purchasing.use_cases.locked_orders import lock_orders, store_orders

OUTCOME: Final = KINDS["request-outcome"]


async def reschedule_lines(
    tx: Transaction, batch: Batch[PurchaseRequest], asked: Sequence[Change[PurchaseRequest]]
) -> None:
    """Move the lines, or say why not; a request that comes again was decided before (G17)."""
    known = await decided_requests.decided_for_planning(tx, (change.new.id for change in asked))
    todo = [
        (change, wanted)
        for change in asked
        if change.new.id not in known and (wanted := change.new.reschedule) is not None
    ]
    locked = await lock_orders(tx, (wanted.purchase_order_no for _, wanted in todo))
    decided: list[tuple[DecidedReschedule, Context]] = []
    for change, wanted in todo:
        with batch.deciding(change):
            one = decide_reschedule(change.new, wanted, locked.by_no.get(wanted.purchase_order_no))
            if one.order is not None:
                locked.put(one.order, change.context, "rescheduled")
            decided.append((one, change.context))
    await store_orders(tx, locked)
    await decided_requests.remember_for_planning(tx, [_row(one) for one, _ in decided])
    for one, context in decided:
        tx.publish(OUTCOME, str(one.request.id), one.event(), context)


def _row(decided: DecidedReschedule) -> DecidedPurchase:
    event = decided.event()
    return DecidedPurchase(
        id=decided.request.id,
        outcome=decided.outcome,
        purchase_order_no=event.purchase_order_no,
        body=event,
        sales_line_ids=None,
    )
