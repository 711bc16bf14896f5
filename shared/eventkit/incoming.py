"""The records of one batch, decoded and compared with the copies: which events are new, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eventkit.consumer import Change, Subscription
from eventkit.copying import Copy, is_new
from eventkit.decoding import decode
from eventkit.envelope import AggregateKey, Event, Record
from eventkit.errors import ImplausibleError, UndecodableError
from eventkit.plausible import VersionBound


class Incoming:
    """Sorts records into those to apply and the rest; `compare` does so once the copies are locked."""

    def __init__(self, records: Iterable[Record], by_type: Mapping[str, Subscription[Any]]) -> None:
        self.skipped: list[Record] = []
        """Of kinds that the service does not read, or in states that it does not want."""
        self.undecodable: list[tuple[Record, UndecodableError]] = []
        self.implausible: list[tuple[Event, ImplausibleError]] = []
        self.newest: dict[AggregateKey, Event] = {}
        """The newest event of each aggregate, in offset order."""
        self.copies: Mapping[AggregateKey, Copy] = {}
        self._all: dict[AggregateKey, list[Event]] = {}
        for record in records:
            self._add(record, by_type)

    def _add(self, record: Record, by_type: Mapping[str, Subscription[Any]]) -> None:
        try:
            event = decode(record, by_type)
        except UndecodableError as e:
            self.undecodable.append((record, e))
            return
        if event is None or not event.wanted:
            self.skipped.append(record)
            return
        self._all.setdefault(event.key, []).append(event)
        self._prefer(event)

    def _prefer(self, event: Event) -> None:
        known = self.newest.get(event.key)
        if known is None:
            self.newest[event.key] = event
        elif event.version > known.version:
            del self.newest[event.key]  # so that the newer one stands at its own place in offset order
            self.newest[event.key] = event

    def compare(self, copies: Mapping[AggregateKey, Copy], bound: VersionBound | None) -> None:
        """Take the copies, and leave out the events whose versions are beyond the bound (None: all are believed).

        A false version must not displace the true ones of the same batch either.
        """
        self.copies = copies
        if bound is None:
            return
        for key, newest in list(self.newest.items()):
            if bound.excess(newest, copies.get(key)):
                self._leave_out(key, bound)

    def _leave_out(self, key: AggregateKey, bound: VersionBound) -> None:
        events, self._all[key] = self._all[key], []
        del self.newest[key]
        for event in events:
            if excess := bound.excess(event, self.copies.get(key)):
                self.implausible.append((event, ImplausibleError(excess)))
            else:
                self._all[key].append(event)
                self._prefer(event)

    @property
    def events(self) -> Iterator[Event]:
        """All that count as events, older ones too."""
        return (event for events in self._all.values() for event in events)

    @property
    def superseded(self) -> Iterator[Record]:
        """Records of which a newer event of the same aggregate is in the same batch."""
        return (
            event.record
            for key, events in self._all.items()
            if len(events) > 1
            for event in events
            if event is not self.newest[key]
        )

    def of(self, subscription: Subscription[Any]) -> tuple[list[Event], list[Event]]:
        """The newest events of a subscription: those that are newer than their copies, and those that are not."""
        fresh: list[Event] = []
        known: list[Event] = []
        for event in self.newest.values():
            if event.subscription is subscription:
                (fresh if is_new(event, self.copies) else known).append(event)
        return fresh, known

    def change(self, event: Event) -> Change[Any]:
        """What an event changes, as its handler sees it."""
        known = self.copies.get(event.key)
        return Change(
            kind=event.kind,
            no=event.no,
            version=event.version,
            new=event.snapshot,
            context=event.effects_context,
            old_json=known.body if known is not None else None,
        )

    def stale(self, subscription: Subscription[Any]) -> list[str]:
        """Numbers of which an older version came after a newer one, here or in an earlier batch."""
        return sorted(
            events[-1].no
            for key, events in self._all.items()
            if events and events[-1].subscription is subscription and events[-1].version < self._highest(key)
        )

    def _highest(self, key: AggregateKey) -> int:
        copy = self.copies.get(key)
        return max(self.newest[key].version, copy.version if copy is not None else 0)
