"""Keeps events that need a copy which has not arrived yet, until the copy arrives or it is time to try again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import text

from eventkit.consumer import Waiting
from eventkit.envelope import Event, Record, pack, unpack
from eventkit.transaction import Transaction, json_rows

KEEP = text("""
INSERT INTO waiting (kind, no, version, waits_kind, waits_no, record, since, retry_at)
VALUES (:kind, :no, :version, :waits_kind, :waits_no, :record, :since, :retry_at)
ON CONFLICT (kind, no) DO UPDATE
SET version = excluded.version, waits_kind = excluded.waits_kind, waits_no = excluded.waits_no,
    record = excluded.record, retry_at = excluded.retry_at
WHERE waiting.version <= excluded.version
""")

TAKE_UP = text("""
DELETE FROM waiting w
USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(kind text, no text)
WHERE w.waits_kind = r.kind AND w.waits_no = r.no
RETURNING w.kind, w.no, w.record, w.since
""")

HASTEN = text("""
UPDATE waiting w SET retry_at = :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(kind text, no text)
WHERE w.waits_kind = r.kind AND w.waits_no = r.no
""")

# The wait grows with the age of the event, from a second to a minute. It serves events that missed the arrival of
# their copy: another process stored it while the decision was made.
TAKE_DUE = text("""
DELETE FROM waiting w WHERE (kind, no) IN (
    SELECT kind, no FROM waiting WHERE retry_at <= :now ORDER BY retry_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
RETURNING w.kind, w.no, w.record, w.since
""")

TAKE_OUT = text("DELETE FROM waiting WHERE kind = :kind AND no = :no AND record = :record")

_FIRST_RETRY_S = 1.0
_LAST_RETRY_S = 60.0


class WaitingEvent(msgspec.Struct, frozen=True):
    """A waiting event that was removed from the table, to be applied in the same transaction."""

    kind: str
    no: str
    record: Record
    since: datetime


async def keep(
    tx: Transaction, events: Sequence[tuple[Event, Waiting]], since: Mapping[tuple[str, str], datetime]
) -> None:
    """Store waiting events; `since` when those that waited before began to."""
    for event, wait in events:  # rare: one statement each is fine
        began = since.get((event.kind, event.no), tx.now)
        age_s = (tx.now - began).total_seconds()
        await tx.run(
            KEEP,
            kind=event.kind,
            no=event.no,
            version=event.version,
            waits_kind=wait.kind,
            waits_no=wait.no,
            record=pack(event.record),
            since=began,
            retry_at=tx.now + timedelta(seconds=min(max(age_s, _FIRST_RETRY_S), _LAST_RETRY_S)),
        )


async def take_up(tx: Transaction, keys: Sequence[tuple[str, str]]) -> list[WaitingEvent]:
    """Remove and return the events that wait for these copies."""
    rows = await tx.all(TAKE_UP, rows=_keys(keys))
    return [WaitingEvent(row.kind, row.no, unpack(row.record), row.since) for row in sorted(rows)]


async def take_due(tx: Transaction, limit: int) -> list[WaitingEvent]:
    """Remove and return the events that are due to be tried again."""
    rows = await tx.all(TAKE_DUE, now=tx.now, limit=limit)
    return [WaitingEvent(row.kind, row.no, unpack(row.record), row.since) for row in sorted(rows)]


async def take_out(tx: Transaction, kept: WaitingEvent) -> bool:
    """Remove this event, if it still waits."""
    return await tx.run(TAKE_OUT, kind=kept.kind, no=kept.no, record=pack(kept.record)) == 1


async def hasten(tx: Transaction, keys: Sequence[tuple[str, str]]) -> None:
    """Make the events that wait for these copies due for the sweep."""
    if keys:
        await tx.run(HASTEN, rows=_keys(keys), now=tx.now)


def _keys(keys: Sequence[tuple[str, str]]) -> str:
    return json_rows([{"kind": kind, "no": no} for kind, no in keys])
