"""Applies events within one transaction: handlers, copies, waiting and parked events.

One object holds what all steps need: the transaction, the outcome counted so far, and which stored copies are awaited.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog

from eventkit import copying, failpoints, waiting
from eventkit.consumer import Batch, Subscription
from eventkit.copying import Copy
from eventkit.envelope import AggregateKey, Event, Record, described, published_at, published_by
from eventkit.errors import NotWholeError
from eventkit.incoming import Incoming
from eventkit.offsets import Range
from eventkit.parking import Failed, failed_event, failed_record, park
from eventkit.plausible import VersionBound
from eventkit.transaction import Transaction
from eventkit.waiting import WaitingEvent

Settle = Callable[[Subscription[Any], Sequence[Event], Batch[Any]], Awaitable[None]]
"""What follows the decisions on new events of one kind."""
_log = structlog.get_logger(__name__)


class Outcome(msgspec.Struct):
    """What became of the events of one transaction, counted by (topic, outcome); metrics take it after the commit."""

    counts: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    decided: list[tuple[Record, str]] = msgspec.field(default_factory=list)

    def count(self, records: Iterable[Record], outcome: str) -> None:
        """Count records under the outcome that they had."""
        for record in records:
            self.counts[record.topic, outcome] += 1
            self.decided.append((record, outcome))

    def log_decisions(self) -> None:
        """Say for each event what was decided, at the level debug; to be called after the commit."""
        if logging.root.isEnabledFor(logging.DEBUG):
            for record, outcome in self.decided:
                _log.debug("event decided", outcome=outcome, **described(record))


class BatchRun:
    """The work of one transaction. `by_type` has the subscriptions in the order in which kinds are handled."""

    def __init__(
        self,
        tx: Transaction,
        by_type: Mapping[str, Subscription[Any]],
        cluster_id: str,
        versions_per_day_max: int,
    ) -> None:
        self.outcome = Outcome()
        self._tx = tx
        self._by_type = by_type
        self._cluster_id = cluster_id
        self._bound = VersionBound(versions_per_day_max, tx.now)
        self._awaited: list[AggregateKey] = []
        """Copies stored here for which other events wait."""
        self._known: set[AggregateKey] = set()
        """Copies that were there when they were locked."""
        self._waited_since: dict[AggregateKey, datetime] = {}

    async def apply_whole(self, records: Sequence[Record], ranges: Sequence[Range]) -> None:
        """Claim the offsets, store all copies, then decide.

        One statement instead of one and one per kind, but a copy must not stay if its event fails or waits: then
        NotWholeError is raised, and the transaction has to be rolled back.
        """
        incoming = Incoming(records, self._by_type)
        copies, awaited = await copying.claim_and_store(self._tx, ranges, incoming.newest)
        incoming.compare(copies, self._bound)
        if incoming.implausible:
            raise NotWholeError(f"{len(incoming.implausible)} implausible")
        self._awaited += awaited
        await self._apply(incoming, self._require_whole)

    async def apply_each(self, records: Sequence[Record], ranges: Sequence[Range]) -> None:
        """Claim the offsets, decide, then store the copies of those events that took effect."""
        incoming = Incoming(records, self._by_type)
        self._compare(incoming, await copying.claim(self._tx, ranges, incoming.newest), self._bound)
        await self._apply(incoming, self._store_decided)

    async def apply_parked(self, record: Record) -> None:
        """Apply a record that was parked; its errors are raised. A person redrives it: its version is believed."""
        incoming = await self._locked([record], None)
        for _, error in incoming.undecodable:
            raise error
        await self._apply(incoming, self._store_or_raise)

    async def apply_waiting(self, kept: Sequence[WaitingEvent]) -> None:
        """Apply events that waited here; one that has to wait again keeps its age."""
        self._waited_since |= {(k.kind, k.no): k.since for k in kept}
        incoming = await self._locked([k.record for k in kept], self._bound)
        await self._apply(incoming, self._store_decided)

    async def take_up_waiting(self, rounds: int) -> None:
        """Apply the events that wait for copies stored here, then those that wait for theirs, so many times.

        What is left after that is due for the sweep at once.
        """
        while self._awaited and rounds:
            awaited, self._awaited = self._awaited, []
            await self.apply_waiting(await waiting.take_up(self._tx, awaited))
            rounds -= 1
        await waiting.hasten(self._tx, self._awaited)

    async def park(self, failed: Sequence[Failed]) -> None:
        """Park records without trying them."""
        if failed:
            await park(self._tx, self._cluster_id, failed)
            self.outcome.count((f.record for f in failed), "parked")

    async def _locked(self, records: Sequence[Record], bound: VersionBound | None) -> Incoming:
        incoming = Incoming(records, self._by_type)
        if incoming.newest:
            self._compare(incoming, await copying.lock(self._tx, incoming.newest), bound)
        return incoming

    def _compare(
        self, incoming: Incoming, copies: Mapping[AggregateKey, Copy], bound: VersionBound | None
    ) -> None:
        self._known.update(copies)
        incoming.compare(copies, bound)

    async def _park_refused(self, incoming: Incoming) -> None:
        """Park what does not count as an event, with what its headers name."""
        await self.park(
            [failed_record(record, e, self._by_type) for record, e in incoming.undecodable]
            + [failed_event(event, e, e.reason) for event, e in incoming.implausible]
        )

    async def _apply(self, incoming: Incoming, settle: Settle) -> None:
        self.outcome.count(incoming.skipped, "skipped")
        self.outcome.count(incoming.superseded, "superseded")
        # Only now: offsets and copies are locked first, in all transactions alike.
        await self._park_refused(incoming)
        for event in incoming.events:
            # Events that fail or wait happened too, as did those that newer ones replaced.
            at = published_at(event.record) or self._tx.now
            by = published_by(event.record)
            self._tx.timeline.add(event.subscription.kind, event.no, event.snapshot, at, by)
        for subscription in self._by_type.values():
            fresh, known = incoming.of(subscription)
            self.outcome.count((e.record for e in known), "superseded")
            if fresh:
                batch = Batch([incoming.change(event) for event in fresh])
                if subscription.handler is not None:
                    await subscription.handler(self._tx, batch)
                    failpoints.reach("mid_batch")
                await settle(subscription, fresh, batch)
        for subscription in self._by_type.values():
            if subscription.on_stale is not None and (stale := incoming.stale(subscription)):
                await subscription.on_stale(self._tx, stale)

    async def _require_whole(self, _: Subscription[Any], fresh: Sequence[Event], batch: Batch[Any]) -> None:
        if batch.failed or batch.waiting:
            raise NotWholeError(f"{len(batch.failed)} failed, {len(batch.waiting)} wait")
        self.outcome.count((e.record for e in fresh), "applied")

    async def _store_decided(
        self, subscription: Subscription[Any], fresh: Sequence[Event], batch: Batch[Any]
    ) -> None:
        failed = [e for e in fresh if e.no in batch.failed]
        await self.park([failed_event(e, batch.failed[e.no]) for e in failed])
        wait = [(e, batch.waiting[e.no]) for e in fresh if e.no in batch.waiting and e.no not in batch.failed]
        await waiting.keep(self._tx, wait, self._waited_since)
        self.outcome.count((e.record for e, _ in wait), "waiting")
        decided = [e for e in fresh if e.no not in batch.failed and e.no not in batch.waiting]
        self.outcome.count((e.record for e in decided), "applied")
        if decided:
            self._awaited += await copying.store(self._tx, subscription.kind.name, decided, self._known)

    async def _store_or_raise(
        self, subscription: Subscription[Any], fresh: Sequence[Event], batch: Batch[Any]
    ) -> None:
        for error in batch.failed.values():
            raise error
        await self._store_decided(subscription, fresh, batch)
