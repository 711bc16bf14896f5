"""Wakes the relay after a commit: an event inside the process, one coalesced NOTIFY for the relay of another."""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

CHANNEL = "koppel_outbox"
_DEADLINE_S = 2.0
_log = structlog.get_logger(__name__)


class Wakeup:
    """Tells relays that there are rows. Losing a wake-up costs a poll interval, never an event."""

    def __init__(self, url: str, *, application: str) -> None:
        self._url = url
        self._application = application
        self._conn: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self.local: asyncio.Event = asyncio.Event()
        self.relay_is_here = False
        """True while this process holds the relay's lease: then nobody else needs to be told."""

    def outbox_written(self) -> None:
        """Called after each commit that left rows; returns at once."""
        self.local.set()
        if self.relay_is_here:
            return
        if self._task is not None and not self._task.done():
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._notify())

    async def _notify(self) -> None:
        """At most one NOTIFY is under way; those that come meanwhile are answered by one more."""
        while True:
            self._again = False
            try:
                async with asyncio.timeout(_DEADLINE_S):
                    await self._send()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
                _log.warning("relay not notified, it will poll", error=repr(e))
                self._drop()
                return
            if not self._again:
                return

    async def _send(self) -> None:
        if self._conn is None or self._conn.is_closed():
            self._conn = await asyncpg.connect(
                self._url,
                server_settings={
                    "application_name": self._application,
                    # A lost notification is harmless, so its commit need not wait for the disk.
                    "synchronous_commit": "off",
                },
            )
        await self._conn.execute(f"NOTIFY {CHANNEL}")

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.terminate()
            self._conn = None

    async def close(self) -> None:
        """End the own connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._drop()
