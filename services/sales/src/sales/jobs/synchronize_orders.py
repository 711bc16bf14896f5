"""Synchronize orders: the job, or a person's request, works off the till transactions that wait (POS-91)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from eventkit.transaction import Database
from recordkit import records
from sales.domain.masters import SETUP_NO, SalesSetup
from sales.store import channel_acts, channel_transactions
from sales.store.channel_transactions import Due
from sales.store.kinds import KINDS_OF_SALES
from sales.use_cases.carry_out_acts import carry_out_open
from sales.use_cases.synchronize_transactions import SynchronizationRun, synchronize_batch


async def synchronize_orders(
    database: Database, batch_orders: int, *, by_hand: bool = False, stores: Sequence[str] | None = None
) -> SynchronizationRun:
    """Work off what is due (by hand: all that waits), batch by batch; each batch is one database transaction.

    A crash loses nothing: what was not committed is still due. Two runs at once share the work.
    """
    due = Due(before=datetime.now(UTC), by_hand=by_hand, stores=tuple(stores) if stores is not None else None)
    succeeded = failed = 0
    while True:
        async with database.begin() as tx:
            done = await synchronize_batch(tx, due, batch_orders)
        succeeded, failed = succeeded + done.succeeded, failed + done.failed
        if done.taken < batch_orders or done.paused:
            break
    await _carry_out_failed(database, due, batch_orders)
    if not by_hand:  # the job's answer is not read
        return SynchronizationRun(succeeded=succeeded, failed=failed, pending=0)
    async with database.read() as conn:
        waiting = await channel_transactions.pending(conn, stores)
    return SynchronizationRun(succeeded=succeeded, failed=failed, pending=waiting)


async def _carry_out_failed(database: Database, due: Due, batch_orders: int) -> None:
    """Try acts of tills again that failed on orders which were made before; by hand also those not due yet."""
    while True:
        async with database.begin() as tx:
            ids = await channel_acts.with_acts_due(tx, due, batch_orders)
            if ids:
                await carry_out_open(tx, ids)
        if len(ids) < batch_orders:
            break


async def interval_s(database: Database) -> float:
    """How often the job runs, from the set-up; 0: only by hand."""
    async with database.read() as conn:
        setup = await records.find(conn, KINDS_OF_SALES, SalesSetup, SETUP_NO)
    return float((setup or SalesSetup(version=0)).synchronization_interval_s)
