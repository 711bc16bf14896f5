"""Wakes the relay after a commit: with the rows inside the process, by one coalesced NOTIFY in another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import structlog

from eventkit.handover import Handover
from eventkit.outbox import OutboxRow

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
        self.handover = Handover()
        self.local: asyncio.Event = asyncio.Event()
        self.look = False
        """True: there are rows in the table that were not handed over."""

    def committed(self, rows: Sequence[OutboxRow]) -> None:
        """Called after each commit that left rows; returns at once."""
        if self.handover.active:
            self.look = not self.handover.give(rows) or self.look
            self.local.set()
            return
        self.handover.withdraw(rows)
        if self._task is not None and not self._task.done():
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._notify())

    def heard(self) -> None:
        """Another process has left rows."""
        self.look = True
        self.local.set()

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
