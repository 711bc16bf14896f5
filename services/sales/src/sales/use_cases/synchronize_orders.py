"""Synchronize orders: the job (and people by hand) turn pulled channel transactions into sales orders (POS-91)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from contracts.topics import KINDS
from eventkit.transaction import Database
from eventkit.transaction import Transaction as Tx
from sales.domain import channel as rules
from sales.domain.channel import Transaction
from sales.domain.masters import SETUP_NO, SalesSetup
from sales.store import channel, masters, synchronization
from sales.store.channel import Due, Kept
from sales.store.synchronization import Synchronization
from sales.use_cases.order_makers import Attempt, make_orders

CHANNEL_TRANSACTION = KINDS["channel-transaction"]
PAUSED_REASON = "number-series-exhausted"


class RunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did, and how many transactions still wait."""

    succeeded: int
    failed: int
    pending: int


class BatchDone(msgspec.Struct, frozen=True, kw_only=True):
    """One database transaction of a run."""

    taken: int
    succeeded: int = 0
    failed: int = 0
    paused: bool = False


async def synchronize(
    db: Database, batch_orders: int, *, by_hand: bool = False, stores: Sequence[str] | None = None
) -> RunAnswer:
    """Work off what is due (by hand: all that waits), batch by batch; each batch is one database transaction.

    A crash loses nothing: what was not committed is still due. Two runs at once share the work.
    """
    due = Due(before=datetime.now(UTC), by_hand=by_hand, stores=tuple(stores) if stores is not None else None)
    succeeded = failed = 0
    while True:
        async with db.begin() as tx:
            done = await synchronize_batch(tx, due, batch_orders)
        succeeded, failed = succeeded + done.succeeded, failed + done.failed
        if done.taken < batch_orders or done.paused:
            break
    if not by_hand:  # nobody reads the job's answer
        return RunAnswer(succeeded=succeeded, failed=failed, pending=0)
    async with db.read() as conn:
        waiting = await channel.pending(conn, stores)
    return RunAnswer(succeeded=succeeded, failed=failed, pending=waiting)


async def synchronize_batch(tx: Tx, due: Due, batch_orders: int) -> BatchDone:
    """One batch: orders made and released, transactions marked, all published."""
    kept = await channel.lock_due(tx, due, batch_orders)
    if not kept and not due.by_hand:
        return BatchDone(taken=0)
    attempt = await make_orders(tx, kept)
    ended = [after for each in kept if (after := _after(tx, each, attempt)) is not None]
    await channel.store(tx, ended)
    publish_transactions(tx, ended, kept)
    done = BatchDone(
        taken=len(kept),
        succeeded=len(attempt.made),
        failed=len(attempt.refused),
        paused=bool(attempt.unnumbered),
    )
    await synchronization.store(
        tx,
        Synchronization(
            state="paused" if done.paused else "running",
            reason=PAUSED_REASON if done.paused else "",
            succeeded=done.succeeded,
            failed=done.failed,
        ),
    )
    return done


def _after(tx: Tx, kept: Kept, attempt: Attempt) -> Transaction | None:
    """The transaction after the attempt; None for one that no number was left for: it waits, unharmed."""
    known = kept.transaction
    order = attempt.made.get(known.transaction_id)
    if order is not None:
        return rules.succeeded(known, order.no, order.customer_no, tx.now)
    refusal = attempt.refused.get(known.transaction_id)
    if refusal is None:
        return None
    return rules.failed(known, refusal, tx.now, random.random())  # noqa: S311 - jitter, no secret


def publish_transactions(tx: Tx, ended: Sequence[Transaction], kept: Sequence[Kept]) -> None:
    """Tell the gateway what became of its transactions."""
    contexts = {each.transaction.transaction_id: each.context for each in kept}
    for after in ended:
        told = rules.snapshot(after, after.status)
        tx.publish(CHANNEL_TRANSACTION, told.confirmation_no, told, contexts[after.transaction_id])


async def interval_s(db: Database) -> float:
    """How often the job runs, from the set-up; 0: only by hand."""
    async with db.read() as conn:
        setup = await masters.find(conn, "sales-setup", SETUP_NO)
    return float(
        (setup if isinstance(setup, SalesSetup) else SalesSetup(version=0)).synchronization_interval_s
    )
