"""Notes which ranges a process begins, so that an event that kills its process is found by the next one."""

from __future__ import annotations

import time
from collections.abc import Sequence

import asyncpg

from eventkit.connections import ACT_PLANS
from eventkit.offsets import Range, columns

# In a table of its own: another member of the group may have the offset locked.
ATTEMPT = """
INSERT INTO attempt AS a (topic, partition, begun_at, attempts, attempted_to)
SELECT c.topic, c.partition, c.next, $5, r.new
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS r(topic, partition, old, new)
JOIN consumer_offset c ON c.topic = r.topic AND c.partition = r.partition AND c.next = r.old
ON CONFLICT (topic, partition) DO UPDATE
SET attempts = excluded.attempts + CASE WHEN a.begun_at = excluded.begun_at THEN a.attempts ELSE 0 END,
    begun_at = excluded.begun_at, attempted_to = greatest(a.attempted_to, excluded.attempted_to)
"""
_CONNECT_DEADLINE_S = 5
_COMMAND_DEADLINE_S = 10


class Attempts:
    """Commits what is about to be tried, on a connection of its own, before the batch's transaction begins.

    With `synchronous_commit = off`, so it costs no disk write: a killed process does not lose what its server has
    committed. Only a crash of the server could lose it, and no event causes that.
    """

    def __init__(self, url: str, noted_s: float) -> None:
        self._url = url
        self._noted_s = noted_s
        self._noted_until = 0.0
        self._begun: set[Range] = set()
        self._conn: asyncpg.Connection | None = None

    def restart(self) -> None:
        """The partitions are new to this process: note every range for a while.

        After that only unfinished ranges are noted. In steady state it is skipped, since it costs a round trip before
        each batch; after a crash the next process notes again.
        """
        self._noted_until = time.monotonic() + self._noted_s
        self._begun.clear()

    @property
    def all_noted(self) -> bool:
        """True while every range has to be noted."""
        return time.monotonic() < self._noted_until

    async def begin(self, ranges: Sequence[Range], *, alone: bool) -> None:
        """Commit that these ranges are started, each once: a retry in place is no death.

        `alone`: it is a single event, so a death is caused by it.
        """
        new = [r for r in ranges if r not in self._begun]
        if not new:
            return
        conn = await self._connected()
        try:
            await conn.execute(ATTEMPT, *columns(new), int(alone))
        except BaseException:
            conn.terminate()
            raise
        self._begun.update(new)

    def ended(self) -> None:
        """The ranges that were started are finished."""
        self._begun.clear()

    async def _connected(self) -> asyncpg.Connection:
        if self._conn is None or self._conn.is_closed():
            self._conn = await asyncpg.connect(
                self._url,
                timeout=_CONNECT_DEADLINE_S,
                command_timeout=_COMMAND_DEADLINE_S,
                server_settings={
                    "application_name": "koppel attempts",
                    "synchronous_commit": "off",
                    "jit": "off",
                    **ACT_PLANS,
                },
            )
        return self._conn

    async def close(self) -> None:
        """End the connection without waiting for a statement."""
        if self._conn is not None:
            self._conn.terminate()
            self._conn = None
