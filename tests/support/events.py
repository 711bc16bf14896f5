"""Events as services write them and as the broker brings them, for tests that need no broker."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import msgspec

from eventkit.context import Context
from eventkit.envelope import HeaderWriter, Record
from eventkit.ids import new_id
from eventkit.kinds import Kind, Snapshot
from eventkit.outbox import OutboxEvent

_offsets = itertools.count()


def outbox_event(
    kind: Kind, no: str, snapshot: Snapshot, *, occurred_at: datetime | None = None
) -> OutboxEvent:
    """A snapshot as a transaction writes it; its cause is a tester."""
    context = Context.new("tester")
    return OutboxEvent(
        topic=kind.topic,
        key=kind.message_key(no),
        type=kind.event_type,
        subject=no,
        version=snapshot.version,
        event_id=str(new_id()),
        occurred_at=occurred_at or datetime.now(UTC),
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        traceparent=context.traceparent,
        by=context.by,
        body=msgspec.Raw(msgspec.json.encode(snapshot)),
    )


def record(kind: Kind, no: str, snapshot: Snapshot, *, occurred_at: datetime | None = None) -> Record:
    """A snapshot as the broker brings it."""
    event = outbox_event(kind, no, snapshot, occurred_at=occurred_at)
    headers = tuple(HeaderWriter(kind.owner).headers(event))
    return Record(event.topic, 0, next(_offsets), event.key.encode(), bytes(event.body), headers)
