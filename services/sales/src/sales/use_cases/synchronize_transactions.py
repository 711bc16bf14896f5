"""Turn pulled till transactions into sales orders, one batch in one database transaction (POS-91)."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
import structlog

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.channel.transactions import (
    TillTransaction,
    failed,
    failed_on_defect,
    succeeded,
    systemic_fault,
)
from sales.store import channel_transactions, synchronization
from sales.store.channel_transactions import Due, KeptTransaction
from sales.store.synchronization import Synchronization
from sales.use_cases.carry_out_acts import store_ended
from sales.use_cases.make_till_orders import Attempt, make_orders

EXHAUSTED = "number-series-exhausted"
_log = structlog.get_logger(__name__)


class SynchronizationRun(msgspec.Struct, frozen=True, kw_only=True):
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


async def synchronize_batch(tx: Transaction, due: Due, batch_orders: int) -> BatchDone:
    """One batch: orders made and released, transactions marked, all published."""
    kept = await channel_transactions.lock_due(tx, due, batch_orders)
    if not kept and not due.by_hand:
        return BatchDone(taken=0)
    attempt = await make_orders(tx, kept)
    ended = [after for each in kept if (after := _after(tx, each, attempt)) is not None]
    await store_ended(tx, ended, kept)
    reason = EXHAUSTED if attempt.unnumbered else systemic_fault([*attempt.refused.values()], len(kept))
    done = BatchDone(
        taken=len(kept),
        succeeded=len(attempt.made),
        failed=len(attempt.refused) + len(attempt.defects),
        paused=bool(reason),
    )
    state = Synchronization(
        state="paused" if done.paused else "running",
        reason=reason,
        succeeded=done.succeeded,
        failed=done.failed,
    )
    await synchronization.store(tx, state)
    return done


def _after(tx: Transaction, kept: KeptTransaction, attempt: Attempt) -> TillTransaction | None:
    """The transaction after the attempt; None for one that no number was left for: it waits unchanged."""
    transaction = kept.transaction
    made = attempt.made.get(transaction.transaction_id)
    if made is not None:
        return succeeded(transaction, made, tx.now)
    jitter = random.random()  # noqa: S311 - no secret
    refusal = attempt.refused.get(transaction.transaction_id)
    if refusal is not None:
        return failed(transaction, refusal, tx.now, jitter)
    defect = attempt.defects.get(transaction.transaction_id)
    if defect is not None:
        _log.error(
            "a transaction failed on an internal error",
            confirmation_no=transaction.confirmation_no,
            exc_info=defect,
        )
        return failed_on_defect(transaction, tx.now, jitter)
    return None


async def note_runs(_: Transaction, commands: Sequence[Command[SynchronizationRun]]) -> list[Done | Refusal]:
    """The last step of a manual run: its figures are stored as the answer of the request's key."""
    return [Done("order-synchronization", "", answer=command.data) for command in commands]
