"""Applies events in one transaction: copies, handlers' effects, waiting and parked events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from eventkit import copying, failpoints, waiting
from eventkit.consumer import Batch, Change, Subscription
from eventkit.copying import Copy
from eventkit.envelope import Event, Record, decode
from eventkit.errors import NotWholeError, UndecodableError
from eventkit.offsets import Range
from eventkit.parking import Failed, describe, park
from eventkit.transaction import Database, Transaction
from eventkit.waiting import Kept

_MAX_ROUNDS = 10
"""Of taking up waiting events, each round freed by the one before; the rest is taken up by the sweep."""


class Outcome(msgspec.Struct):
    """What became of the events of one transaction, counted by (topic, outcome); metrics take it after the commit."""

    counts: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)

    def count(self, records: Iterable[Record], outcome: str) -> None:
        """Count records."""
        for record in records:
            self.counts[record.topic, outcome] += 1


class Processor:
    """Applies records and events for one service. It reads no offsets, and only `process` commits."""

    def __init__(self, subscriptions: Sequence[Subscription[Any]], cluster_id: str) -> None:
        self._subscriptions = subscriptions
        self._by_type = {s.kind.event_type: s for s in subscriptions}
        self._cluster_id = cluster_id

    async def process(
        self,
        db: Database,
        records: Sequence[Record],
        ranges: Sequence[Range],
        *,
        take_up: bool = True,
    ) -> Outcome:
        """Apply a batch from the broker in a transaction of its own.

        It is tried whole first, which most batches are; if an event has to wait or to be parked, the transaction is
        rolled back and the batch decided again, with the copies stored after the decisions. Undecodable records are
        parked alone, unknown types are skipped. `take_up` False leaves waiting events that could go on to the sweep:
        then an exception can only come from these records. Raises PartitionLostError if another process read there.
        """
        try:
            return await self._process(db, records, ranges, store=True, take_up=take_up)
        except NotWholeError:
            return await self._process(db, records, ranges, store=False, take_up=take_up)

    async def _process(
        self,
        db: Database,
        records: Sequence[Record],
        ranges: Sequence[Range],
        *,
        store: bool,
        take_up: bool,
    ) -> Outcome:
        """Once. With `store` the copies come first: NotWholeError if an event has to wait or to be parked."""
        outcome = Outcome()
        async with db.begin() as tx:
            events, undecodable, skipped = self._decode(records)
            outcome.count(skipped, "skipped")
            newest = self._newest(events, outcome)
            awaited: list[tuple[str, str]] = []
            if store:
                copies, awaited = await copying.claim_and_store(tx, ranges, newest)
            else:
                copies = await copying.claim(tx, ranges, newest)
            await self._park(tx, undecodable, outcome)
            awaited += await self._apply_newest(tx, events, newest, copies, outcome, {}, stored=store)
            await self._take_up(tx, awaited, outcome, rounds=_MAX_ROUNDS if take_up else 0)
        return outcome

    async def apply_event(self, tx: Transaction, record: Record) -> Outcome:
        """Apply one record that was kept here; its errors are raised."""
        outcome = Outcome()
        event = decode(record, self._by_type)
        if event is None:
            outcome.count([record], "skipped")
            return outcome
        awaited = await self._apply(tx, [event], outcome, {}, raises=True)
        await self._take_up(tx, awaited, outcome, rounds=0)
        return outcome

    async def apply_kept(self, tx: Transaction, kept: Sequence[Kept]) -> Outcome:
        """Apply events that waited here; what they free in turn is left to the sweep."""
        outcome = Outcome()
        await waiting.hasten(tx, await self._apply_waiting(tx, kept, outcome))
        return outcome

    def failure(self, record: Record, error: BaseException, reason: str = "error") -> Failed:
        """How a record is parked, with what can be read of it."""
        try:
            event = decode(record, self._by_type)
        except UndecodableError:
            event = None
        if event is None:
            return Failed(record, reason, describe(error))
        return Failed(record, reason, describe(error), event.kind, event.no, event.version)

    async def park(self, tx: Transaction, failed: Sequence[Failed]) -> Outcome:
        """Park records without trying them."""
        outcome = Outcome()
        await self._park(tx, failed, outcome)
        return outcome

    def _decode(self, records: Sequence[Record]) -> tuple[list[Event], list[Failed], list[Record]]:
        events: list[Event] = []
        failed: list[Failed] = []
        skipped: list[Record] = []
        for record in records:
            try:
                event = decode(record, self._by_type)
            except UndecodableError as e:
                failed.append(Failed(record, "undecodable", describe(e)))
                continue
            if event is None:
                skipped.append(record)
            else:
                events.append(event)
        return events, failed, skipped

    async def _take_up(
        self, tx: Transaction, awaited: list[tuple[str, str]], outcome: Outcome, *, rounds: int
    ) -> None:
        while awaited and rounds:
            awaited = await self._apply_waiting(tx, await waiting.take_up(tx, awaited), outcome)
            rounds -= 1
        await waiting.hasten(tx, awaited)

    async def _apply_waiting(
        self, tx: Transaction, kept: Sequence[Kept], outcome: Outcome
    ) -> list[tuple[str, str]]:
        events, undecodable, skipped = self._decode([k.record for k in kept])
        outcome.count(skipped, "skipped")
        await self._park(tx, undecodable, outcome)
        return await self._apply(tx, events, outcome, {(k.kind, k.no): k.since for k in kept})

    async def _apply(
        self,
        tx: Transaction,
        events: list[Event],
        outcome: Outcome,
        since: Mapping[tuple[str, str], datetime],
        *,
        raises: bool = False,
    ) -> list[tuple[str, str]]:
        """Apply events that were kept here; the stored (kind, no) that somebody awaits."""
        newest = self._newest(events, outcome)
        copies = await copying.lock(tx, newest) if newest else {}
        return await self._apply_newest(tx, events, newest, copies, outcome, since, raises=raises)

    async def _apply_newest(  # noqa: PLR0913 - what was claimed or locked before
        self,
        tx: Transaction,
        events: Sequence[Event],
        newest: Mapping[tuple[str, str], Event],
        copies: Mapping[tuple[str, str], Copy],
        outcome: Outcome,
        since: Mapping[tuple[str, str], datetime],
        *,
        raises: bool = False,
        stored: bool = False,
    ) -> list[tuple[str, str]]:
        """Apply events kind by kind in the order of the subscriptions; the stored (kind, no) that somebody awaits."""
        awaited: list[tuple[str, str]] = []
        for subscription in self._subscriptions:
            fresh = self._fresh(subscription, newest, copies, outcome)
            if fresh:
                awaited += await self._apply_kind(
                    tx, subscription, fresh, copies, outcome, since, raises=raises, stored=stored
                )
        await self._tell_stale(tx, events, newest, copies)
        return awaited

    async def _tell_stale(
        self,
        tx: Transaction,
        events: Sequence[Event],
        newest: Mapping[tuple[str, str], Event],
        copies: Mapping[tuple[str, str], Copy],
    ) -> None:
        """Tell those who want it which aggregates got an older version after a newer one."""
        for subscription in self._subscriptions:
            if subscription.on_stale is None:
                continue
            last = {(e.kind, e.no): e.version for e in events if e.subscription is subscription}
            known = {
                key: max(newest[key].version, copies[key].version if key in copies else 0) for key in last
            }
            stale = sorted(no for (kind, no), version in last.items() if version < known[kind, no])
            if stale:
                await subscription.on_stale(tx, stale)

    def _newest(self, events: list[Event], outcome: Outcome) -> dict[tuple[str, str], Event]:
        newest: dict[tuple[str, str], Event] = {}
        for event in events:
            key = event.kind, event.no
            known = newest.get(key)
            if known is not None:
                older = known if event.version > known.version else event
                outcome.count([older.record], "superseded")
                if older is event:
                    continue
                del newest[key]  # so that the newer one stands at its own place in offset order
            newest[key] = event
        return newest

    def _fresh(
        self,
        subscription: Subscription[Any],
        newest: Mapping[tuple[str, str], Event],
        copies: Mapping[tuple[str, str], Copy],
        outcome: Outcome,
    ) -> list[Event]:
        fresh = []
        for event in newest.values():
            if event.subscription is not subscription:
                continue
            if copying.is_new(event, copies):
                fresh.append(event)
            else:
                outcome.count([event.record], "superseded")
        return fresh

    async def _apply_kind(  # noqa: PLR0913 - one step of _apply
        self,
        tx: Transaction,
        subscription: Subscription[Any],
        fresh: list[Event],
        copies: Mapping[tuple[str, str], Copy],
        outcome: Outcome,
        since: Mapping[tuple[str, str], datetime],
        *,
        raises: bool,
        stored: bool,
    ) -> list[tuple[str, str]]:
        batch = Batch([self._change(event, copies) for event in fresh])
        if subscription.handler is not None:
            await subscription.handler(tx, batch)
            failpoints.reach("mid_batch")
        if stored:
            if batch.failed or batch.waiting:
                raise NotWholeError(f"{len(batch.failed)} failed, {len(batch.waiting)} wait")
            outcome.count((e.record for e in fresh), "applied")
            return []
        if raises:
            for error in batch.failed.values():
                raise error
        await self._park_failed(tx, fresh, batch, outcome)
        await self._keep_waiting(tx, fresh, batch, outcome, since)
        decided = [e for e in fresh if e.no not in batch.failed and e.no not in batch.waiting]
        outcome.count((e.record for e in decided), "applied")
        return await copying.store(tx, subscription.kind.name, decided) if decided else []

    def _change(self, event: Event, copies: Mapping[tuple[str, str], Copy]) -> Change[Any]:
        known = copies.get((event.kind, event.no))
        return Change(
            kind=event.kind,
            no=event.no,
            version=event.version,
            new=event.snapshot,
            context=event.effects_context,
            old_json=known.body if known is not None else None,
        )

    async def _park_failed(
        self, tx: Transaction, fresh: list[Event], batch: Batch[Any], outcome: Outcome
    ) -> None:
        if not batch.failed:
            return
        failed = [
            Failed(e.record, "error", describe(batch.failed[e.no]), e.kind, e.no, e.version)
            for e in fresh
            if e.no in batch.failed
        ]
        await self._park(tx, failed, outcome)

    async def _keep_waiting(
        self,
        tx: Transaction,
        fresh: list[Event],
        batch: Batch[Any],
        outcome: Outcome,
        since: Mapping[tuple[str, str], datetime],
    ) -> None:
        wait = [(e, batch.waiting[e.no]) for e in fresh if e.no in batch.waiting and e.no not in batch.failed]
        if wait:
            await waiting.keep(tx, wait, since)
            outcome.count((e.record for e, _ in wait), "waiting")

    async def _park(self, tx: Transaction, failed: Sequence[Failed], outcome: Outcome) -> None:
        if failed:
            await park(tx, self._cluster_id, failed)
            outcome.count((f.record for f in failed), "parked")
