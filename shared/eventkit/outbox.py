"""The outbox: the events of a transaction in one row, written in the transaction that changes the state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import text

from contracts.topics import MAX_EVENT_BYTES

STORE: Final = text("""
INSERT INTO outbox (occurred_at, events, body)
SELECT :occurred_at, r.events, r.body
FROM unnest(CAST(:counts AS int[]), CAST(:bodies AS text[])) WITH ORDINALITY AS r(events, body, place)
ORDER BY r.place
RETURNING id
""")

EVENTS_PER_ROW: Final = 200
ROW_BYTES: Final = 2 * MAX_EVENT_BYTES
"""Where a row ends before it has so many events: what the relay reads at once stays small."""


class OutboxEvent(msgspec.Struct, frozen=True):
    """An event as an outbox row holds it. `body` is the snapshot's JSON."""

    topic: str
    key: str
    type: str
    subject: str
    version: int
    event_id: str
    occurred_at: datetime
    correlation_id: str
    causation_id: str
    traceparent: str
    by: str
    body: msgspec.Raw


class OutboxRow(msgspec.Struct, frozen=True):
    """An outbox row that is written, with its id."""

    id: int
    events: Sequence[OutboxEvent]


_EVENTS: Final = msgspec.json.Decoder(list[OutboxEvent])


def in_rows(events: Iterable[OutboxEvent]) -> list[list[OutboxEvent]]:
    """The events row by row. Raises ValueError if one is too large for Kafka, which would block the outbox."""
    rows: list[list[OutboxEvent]] = []
    filled = 0
    for event in events:
        size = len(memoryview(event.body))
        if size > MAX_EVENT_BYTES:
            raise ValueError(f"{event.topic} {event.subject} is too large for an event: {size} bytes")
        if not rows or len(rows[-1]) == EVENTS_PER_ROW or filled + size > ROW_BYTES:
            rows.append([])
            filled = 0
        rows[-1].append(event)
        filled += size
    return rows


def encoded(events: Sequence[OutboxEvent]) -> str:
    """Events as the JSON text of a row's `body`."""
    return msgspec.json.encode(events).decode()


def decoded(body: str) -> list[OutboxEvent]:
    """The events from the `body` of a row."""
    return _EVENTS.decode(body)


def newest_per_key(events: Iterable[OutboxEvent]) -> list[OutboxEvent]:
    """The highest version of each aggregate, at its own place in the order.

    By version, not by place: a republication may be written after a newer act whose row it did not see.
    """
    newest: dict[tuple[str, str], OutboxEvent] = {}
    for event in events:
        key = event.topic, event.key
        known = newest.get(key)
        if known is None:
            newest[key] = event
        elif event.version >= known.version:
            del newest[key]
            newest[key] = event
    return list(newest.values())
