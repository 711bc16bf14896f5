"""Chooses what the relay sends next, so that no aggregate ever goes back to an older version.

Rows come from two places: those that transactions of this process handed over, and the outbox table.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import asyncpg
import msgspec

from eventkit.outbox import OutboxEvent, OutboxRow, decoded, newest_per_key
from eventkit.wakeup import Wakeup

# One statement, one round trip: it deletes what was delivered and reads what comes next. The outer query sees the
# snapshot before the deletion, so it excludes the deleted rows itself. $3: rows that were handed over; the relay has
# them already. A row is read if the rows before it do not fill the batch.
NEXT_ROWS = """
WITH delivered AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]))
SELECT id, body FROM (
    SELECT id, body, sum(events) OVER (ORDER BY id) - events AS before
    FROM outbox WHERE id <> ALL($1::bigint[]) AND id <> ALL($3::bigint[]) ORDER BY id LIMIT $2) o
WHERE before < $2 ORDER BY id
"""


class OutboxBatch(msgspec.Struct, frozen=True):
    """Outbox rows that the relay sends and deletes together."""

    events: Sequence[OutboxEvent]
    """The newest of each aggregate, without those that are older than what was sent before."""
    size: int
    """How many events the rows hold."""
    read_ids: Sequence[int]
    """Rows that were read from the table."""
    reached_end: bool
    """The table has no further rows."""


class Backlog:
    """What one relay has still to send, as long as it holds its lease; the next relay starts with the table alone."""

    def __init__(self, wakeup: Wakeup, batch_events: int, poll_interval_s: float) -> None:
        self._wakeup = wakeup
        self._batch_events = batch_events
        self._poll_interval_s = poll_interval_s
        self._read_at = 0.0
        """When to read the table at the latest."""
        self._delivered: list[int] = []
        """Acknowledged by Kafka, deleted by the next read: a deletion of its own would compete for the processor with
        the consumers of what was just sent."""
        self._handed_over: list[int] = []
        """Handed-over rows since the table was last read to its end. An older row of the same aggregate, from another
        process, may still be in the table. They are deleted together with it: if this relay ends before, the next one
        must find both, to send the newer."""
        self._sent_versions: dict[tuple[str, str], int] = {}
        """Versions sent since the table was last read to its end: an older one that is found there is left out."""

    async def wait(self) -> None:
        """Return when there is something to send, or it is time to read the table."""
        self._wakeup.local.clear()
        if not self._wakeup.handover.waiting and not self._read_is_due():
            await self._wakeup.wait(self._read_at - time.monotonic())

    async def next(self, conn: asyncpg.Connection) -> OutboxBatch:
        """The next rows, which may be none."""
        rows = self._wakeup.handover.take(self._batch_events)
        self._handed_over += [row.id for row in rows]
        found: list[OutboxRow] = []
        reached_end = False
        if self._read_is_due():
            found = await self._read(conn)
            reached_end = _size(found) < self._batch_events
            self._read_at = time.monotonic() + self._poll_interval_s if reached_end else 0.0
        rows += found
        newest = newest_per_key(event for row in rows for event in row.events)
        events = [e for e in newest if e.version >= self._sent_versions.get((e.topic, e.key), 0)]
        return OutboxBatch(events, _size(rows), [row.id for row in found], reached_end)

    def delivered(self, batch: OutboxBatch) -> None:
        """Kafka has acknowledged the batch: its rows can be deleted, older versions must not follow."""
        self._delivered += batch.read_ids
        if batch.reached_end:
            # No older version is left in the table that these could be confused with.
            self._sent_versions.clear()
            self._delivered += self._handed_over
            self._handed_over = []
        else:
            self._sent_versions.update({(e.topic, e.key): e.version for e in batch.events})

    def _read_is_due(self) -> bool:
        return self._wakeup.look or time.monotonic() >= self._read_at

    async def _read(self, conn: asyncpg.Connection) -> list[OutboxRow]:
        self._wakeup.look = False
        delivered, self._delivered = self._delivered, []
        found = await conn.fetch(NEXT_ROWS, delivered, self._batch_events, self._handed_over)
        rows = [OutboxRow(id_, decoded(body)) for id_, body in found]
        # Announced but not yet handed over: what was read here must not come a second time.
        self._wakeup.handover.forget([row.id for row in rows])
        return rows


def _size(rows: Sequence[OutboxRow]) -> int:
    return sum(len(row.events) for row in rows)
