"""Reads the service's partitions: one transaction per batch holds effects, copies, own events and offsets.

Failures that may pass are retried in place; what fails for good is bisected down to the event and parked.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from eventkit import failpoints, metrics, offsets
from eventkit.attempts import Attempts
from eventkit.batch_run import Outcome
from eventkit.envelope import Record
from eventkit.errors import PartitionLostError, is_too_slow, is_transient
from eventkit.offsets import Progress, Range
from eventkit.ports import Partition, Source
from eventkit.processing import Processor
from eventkit.settings import EventSettings
from eventkit.transaction import Database

MAX_DEATHS = 2
"""An event that was alone when its process died so often is parked as killed."""
_FIRST_BACKOFF_S = 0.05
_GROUP_COMMIT_INTERVAL_S = 1.0
_log = structlog.get_logger(__name__)


class Reader:
    """One member of the service's consumer group.

    Crash anywhere: the transaction is whole or absent, the next process reads on from the offsets in the database.
    Redelivery, replay, reordering: the copies' versions decide. Two members with one batch: one wins the offset claim.
    """

    def __init__(
        self,
        *,
        db: Database,
        source: Source,
        processor: Processor,
        cluster_id: str,
        settings: EventSettings,
    ) -> None:
        self._db = db
        self._source = source
        self._processor = processor
        self._cluster_id = cluster_id
        self._settings = settings
        self._attempts = Attempts(db.url, settings.attempts_noted_s)
        self._progress: dict[Partition, Progress] = {}
        self._group_commit = _GroupCommit(source)
        self._tried_at = time.monotonic()

    @property
    def stuck_s(self) -> float:
        """Seconds since it last began to poll, or tried a batch: every attempt has its deadlines."""
        return time.monotonic() - self._tried_at

    async def run(self) -> None:
        """Read until cancelled. Raises RebuildNeededError, BrokerError, and errors that no retry can help."""
        try:
            while True:
                await self._retrying(self._step)
        finally:
            await self._attempts.close()
            await self._source.stop()

    async def _step(self) -> None:
        """One poll, and applying what it returned."""
        if self._source.reassigned() is not None:
            await self._load_offsets()
        wait_s = self._settings.poll_timeout_s if self._progress else _FIRST_BACKOFF_S
        records = await self._source.poll(self._settings.batch_max_events, wait_s)
        records = [r for r in records if self._is_next(r)]
        if records:
            await self._take_or_give_way(records)
        self._group_commit.commit_now_and_then({p: known.next for p, known in self._progress.items()})

    async def _take_or_give_way(self, records: Sequence[Record]) -> None:
        try:
            await self._take(records)
        except PartitionLostError as e:
            _log.warning("another process reads here, offsets loaded again", partitions=str(e))
            await self._load_offsets()

    def _is_next(self, record: Record) -> bool:
        """False for what was fetched before a `seek`, or of a partition that was taken away."""
        known = self._progress.get(Partition(record.topic, record.partition))
        return known is not None and record.offset >= known.next

    async def _load_offsets(self) -> None:
        """Read on where the database says; partitions never read begin at the first event that the broker has."""
        assigned = self._source.reassigned()
        partitions = frozenset(self._progress) if assigned is None else assigned
        known = await offsets.load(self._db, partitions, self._cluster_id)
        new = partitions - known.keys()
        if new:
            beginnings = await self._source.beginning_offsets(new)
            await offsets.begin_at(self._db, beginnings, self._cluster_id)
            known |= await offsets.load(self._db, new, self._cluster_id)
        self._progress = known
        self._attempts.restart()
        await self._source.seek({p: progress.next for p, progress in known.items()})

    async def _take(self, records: Sequence[Record]) -> None:
        """The whole batch; event by event where an earlier process did not finish."""
        if any(self._progress[p].careful for p in {Partition(r.topic, r.partition) for r in records}):
            for record in records:
                await self._take_alone(record)
        else:
            await self._take_batch(records)

    async def _take_alone(self, record: Record) -> None:
        where = Partition(record.topic, record.partition)
        if self._progress[where].attempts >= MAX_DEATHS:
            await self._park(record, RuntimeError(f"its process died {MAX_DEATHS} times"), "killed")
        else:
            await self._take_batch([record])

    async def _take_batch(self, records: Sequence[Record], *, take_up: bool = True) -> None:
        """Apply records in one transaction; what fails for good is bisected down to the event that causes it.

        Halves leave waiting events to the sweep, so that an event is never parked for another one's error.
        """
        try:
            await self._retrying(lambda: self._apply(records, take_up=take_up), patient=len(records) == 1)
        except PartitionLostError:
            raise
        except Exception as e:  # noqa: BLE001 - of a handler or the database: find the event that causes it
            if len(records) == 1 and not take_up:
                await self._park(records[0], e, "error")
                return
            _log.warning("a batch failed, bisected", events=len(records), error=repr(e))
            for half in _halves(records):
                await self._take_batch(half, take_up=False)

    async def _apply(self, records: Sequence[Record], *, take_up: bool) -> None:
        ranges = self._ranges(records)
        began = time.perf_counter()
        await self._note_attempt(ranges, alone=len(records) == 1)
        outcome = await self._processor.process(self._db, records, ranges, take_up=take_up)
        failpoints.reach("after_db_commit_before_offset")
        self._ended(ranges, outcome)
        metrics.BATCH_EVENTS.observe(len(records))
        metrics.BATCH_SECONDS.observe(time.perf_counter() - began)

    async def _note_attempt(self, ranges: Sequence[Range], *, alone: bool) -> None:
        """Skipped in steady state; after a crash the next process notes its attempts."""
        everything = self._attempts.all_noted
        noted = [r for r in ranges if everything or self._progress[Partition(r.topic, r.partition)].careful]
        await self._attempts.begin(noted, alone=alone)

    async def _park(self, record: Record, error: BaseException, reason: str) -> None:
        ranges = self._ranges([record])
        failed = self._processor.failure(record, error, reason)

        async def park() -> None:
            async with self._db.begin() as tx:
                await offsets.claim(tx, ranges)
                outcome = await self._processor.park(tx, [failed])
            self._ended(ranges, outcome)

        await self._retrying(park)

    def _ranges(self, records: Sequence[Record]) -> list[Range]:
        """From the last offset of each partition up to the end of these records; compaction leaves gaps."""
        ends: dict[Partition, int] = {}
        for record in records:
            ends[Partition(record.topic, record.partition)] = record.offset + 1
        return [Range(p.topic, p.partition, self._progress[p].next, end) for p, end in sorted(ends.items())]

    def _ended(self, ranges: Sequence[Range], outcome: Outcome) -> None:
        for r in ranges:
            progress = self._progress[Partition(r.topic, r.partition)]
            progress.next = r.new
            progress.attempts = 0
        self._attempts.ended()
        self._group_commit.moved = True
        for (topic, name), n in outcome.counts.items():
            metrics.EVENTS.labels(topic, name).inc(n)

    async def _retrying(self, act: Callable[[], Awaitable[None]], *, patient: bool = True) -> None:
        """Repeat after transient errors, with bounded backoff; the process stays in the consumer group.

        Not `patient`: a statement that was too slow is raised, since a smaller batch may be fast enough.
        """
        backoff_s = _FIRST_BACKOFF_S
        while True:
            self._tried_at = time.monotonic()
            try:
                return await act()
            except Exception as e:
                if not is_transient(e) or (is_too_slow(e) and not patient):
                    raise
                _log.warning("trying again", error=repr(e), backoff_s=backoff_s)
            metrics.RETRIES.inc()
            await asyncio.sleep(backoff_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            backoff_s = min(backoff_s * 2, self._settings.retry_backoff_max_s)
            with suppress(OSError, TimeoutError):
                await self._source.keep_alive()
            if self._source.reassigned() is not None and act != self._step:
                raise PartitionLostError("reassigned while trying again")

    @property
    def partitions(self) -> int:
        """How many partitions this member reads."""
        return len(self._progress)

    def lag(self) -> dict[str, int]:
        """Events not yet read, by topic."""
        lag: dict[str, int] = {}
        for p, end in self._source.end_offsets().items():
            progress = self._progress.get(p)
            if progress is not None:
                lag[p.topic] = lag.get(p.topic, 0) + max(0, end - progress.next)
        return lag


class _GroupCommit:
    """Commits the group's offsets for tools that show the lag: rarely, never awaited, errors are only logged."""

    def __init__(self, source: Source) -> None:
        self.moved = False
        self._source = source
        self._task: asyncio.Task[None] | None = None
        self._committed_at = 0.0

    def commit_now_and_then(self, nexts: dict[Partition, int]) -> None:
        """Commit if something moved and the last time is long enough ago."""
        now = time.monotonic()
        busy = self._task is not None and not self._task.done()
        if not self.moved or busy or now - self._committed_at < _GROUP_COMMIT_INTERVAL_S:
            return
        self._committed_at = now
        self.moved = False
        self._task = asyncio.create_task(self._commit(nexts))

    async def _commit(self, nexts: dict[Partition, int]) -> None:
        try:
            await self._source.commit(nexts)
        except (OSError, TimeoutError) as e:
            _log.info("group offsets not committed", error=repr(e))


def _halves(records: Sequence[Record]) -> list[Sequence[Record]]:
    """Two halves in order, each a prefix of what remains of its partitions; a single event is its own half."""
    middle = len(records) // 2
    return [half for half in (records[:middle], records[middle:]) if half]
