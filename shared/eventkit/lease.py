"""A leader lock: one holder among all processes of a service, by a session advisory lock on its own connection."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import suppress

import asyncpg

from eventkit.errors import DATABASE_ERRORS

HEARTBEAT_S = 1.0
FRESH_S = 3.0
IDLE_SESSION_TIMEOUT_S = 5.0
_DEADLINE_S = 2.0


class Lease:
    """At most one holder per database and name.

    A holder that is stopped (SIGSTOP, a hanging machine) sends no heartbeat: PostgreSQL ends its session after
    `IDLE_SESSION_TIMEOUT_S`, and the lock is free. When the holder continues, `held` is already false: it is as soon as
    the last heartbeat is older than `FRESH_S`, which is shorter.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        self._conn: asyncpg.Connection | None = None
        self._beat_at = 0.0
        self._heart: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        """True while no other process can hold the lease."""
        return (
            self._conn is not None
            and not self._conn.is_closed()
            and time.monotonic() - self._beat_at < FRESH_S
        )

    async def until_lost(self) -> None:
        """Return when it must be acquired again: its session has ended. A late heartbeat alone loses nothing."""
        if self._heart is not None:
            await asyncio.wait([self._heart])

    async def acquire(self) -> bool:
        """Try once. Raises OSError, TimeoutError or asyncpg's errors if the database does not answer."""
        await self.release()
        conn = await asyncpg.connect(
            self._url,
            timeout=_DEADLINE_S,
            command_timeout=_DEADLINE_S,
            server_settings={
                "application_name": f"koppel lease {self._name}",
                "idle_session_timeout": str(int(IDLE_SESSION_TIMEOUT_S * 1000)),
            },
        )
        asked_at = time.monotonic()
        try:
            got = await conn.fetchval("SELECT pg_try_advisory_lock($1)", self._key)
        except BaseException:
            conn.terminate()
            raise
        if not got:
            conn.terminate()
            return False
        self._conn = conn
        self._beat_at = asked_at
        self._heart = asyncio.create_task(self._beat(conn))
        return True

    async def _beat(self, conn: asyncpg.Connection) -> None:
        with suppress(*DATABASE_ERRORS):
            while True:
                await asyncio.sleep(HEARTBEAT_S)
                asked_at = time.monotonic()
                await conn.execute("SELECT 1")
                self._beat_at = asked_at
        conn.terminate()

    async def release(self) -> None:
        """Release the lease by ending its session."""
        heart, self._heart = self._heart, None
        if heart is not None:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.terminate()
