"""The records of one batch, decoded and compared with the copies: which events are new, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eventkit.consumer import Change, Subscription
from eventkit.copying import Copy, is_new
from eventkit.envelope import AggregateKey, Event, Record, decode
from eventkit.errors import UndecodableError


class Incoming:
    """Sorts records into those to apply and the rest; `copies` is set once the copies are locked."""

    def __init__(self, records: Iterable[Record], by_type: Mapping[str, Subscription[Any]]) -> None:
        self.skipped: list[Record] = []
        """Of types that the service does not consume."""
        self.undecodable: list[tuple[Record, UndecodableError]] = []
        self.superseded: list[Record] = []
        """A newer event of the same aggregate is in the same batch."""
        self.newest: dict[AggregateKey, Event] = {}
        """The newest event of each aggregate, in offset order."""
        self.copies: Mapping[AggregateKey, Copy] = {}
        self._last: dict[AggregateKey, Event] = {}
        for record in records:
            self._add(record, by_type)

    def _add(self, record: Record, by_type: Mapping[str, Subscription[Any]]) -> None:
        try:
            event = decode(record, by_type)
        except UndecodableError as e:
            self.undecodable.append((record, e))
            return
        if event is None:
            self.skipped.append(record)
            return
        self._last[event.key] = event
        known = self.newest.get(event.key)
        if known is not None and event.version <= known.version:
            self.superseded.append(record)
            return
        if known is not None:
            self.superseded.append(known.record)
            del self.newest[event.key]  # so that the newer one stands at its own place in offset order
        self.newest[event.key] = event

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
            event.no
            for key, event in self._last.items()
            if event.subscription is subscription and event.version < self._highest(key)
        )

    def _highest(self, key: AggregateKey) -> int:
        copy = self.copies.get(key)
        return max(self.newest[key].version, copy.version if copy is not None else 0)
