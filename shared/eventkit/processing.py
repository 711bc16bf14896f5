"""Applies records for one service; only `process` begins and commits a transaction of its own.

Everything else works in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventkit.batch_run import BatchRun, Outcome
from eventkit.consumer import Subscription
from eventkit.envelope import Record
from eventkit.errors import NotWholeError
from eventkit.offsets import Range
from eventkit.parking import Failed, failed_record
from eventkit.settings import VERSIONS_PER_DAY_MAX
from eventkit.transaction import Database, Transaction
from eventkit.waiting import WaitingEvent

_MAX_ROUNDS = 10
"""Of applying waiting events, each round freed by the one before; the rest is left to the sweep."""


class Processor:
    """Applies records and events with the subscriptions of a service. It reads no offsets."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription[Any]],
        cluster_id: str,
        *,
        versions_per_day_max: int = VERSIONS_PER_DAY_MAX,
    ) -> None:
        self._by_type = {s.kind.event_type: s for s in subscriptions}
        self._cluster_id = cluster_id
        self._versions_per_day_max = versions_per_day_max

    async def process(
        self,
        db: Database,
        records: Sequence[Record],
        ranges: Sequence[Range],
        *,
        take_up: bool = True,
    ) -> Outcome:
        """Apply a batch from the broker in one transaction, and the waiting events that it makes possible.

        Most batches take effect whole, so that is tried first; if an event fails or has to wait, the transaction is
        rolled back and every event is decided by itself. Records that do not count as events are parked; kinds of the
        topic that the service does not read are skipped.
        `take_up` False leaves waiting events to the sweep: then an exception can only come from these records. Raises
        PartitionLostError if another process read there.
        """
        rounds = _MAX_ROUNDS if take_up else 0
        try:
            async with db.begin() as tx:
                run = self._run(tx)
                await run.apply_whole(records, ranges)
                await run.take_up_waiting(rounds)
        except NotWholeError:
            async with db.begin() as tx:
                run = self._run(tx)
                await run.apply_each(records, ranges)
                await run.take_up_waiting(rounds)
        run.outcome.log_decisions()
        return run.outcome

    async def apply_parked(self, tx: Transaction, record: Record) -> Outcome:
        """Apply one record that was parked; its errors are raised."""
        run = self._run(tx)
        await run.apply_parked(record)
        await run.take_up_waiting(0)
        return run.outcome

    async def apply_waiting(self, tx: Transaction, kept: Sequence[WaitingEvent]) -> Outcome:
        """Apply events that waited; what they make possible in turn is left to the sweep."""
        run = self._run(tx)
        await run.apply_waiting(kept)
        await run.take_up_waiting(0)
        return run.outcome

    async def park(self, tx: Transaction, failed: Sequence[Failed]) -> Outcome:
        """Park records without trying them."""
        run = self._run(tx)
        await run.park(failed)
        return run.outcome

    def failure(self, record: Record, error: BaseException, reason: str = "error") -> Failed:
        """How a record is parked, with what its headers name."""
        return failed_record(record, error, self._by_type, reason)

    def _run(self, tx: Transaction) -> BatchRun:
        return BatchRun(tx, self._by_type, self._cluster_id, self._versions_per_day_max)
