"""Wakes the relay after a commit: in the same process by handing over the rows, in another one by NOTIFY."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import structlog

from eventkit.errors import DATABASE_ERRORS
from eventkit.handover import Handover
from eventkit.outbox import OutboxRow

CHANNEL = "koppel_outbox"
_DEADLINE_S = 2.0
_log = structlog.get_logger(__name__)


class Wakeup:
    """Signals that there are rows. A lost wake-up costs a poll interval, never an event."""

    def __init__(self, url: str, *, application: str) -> None:
        self._url = url
        self._application = application
        self._conn: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self.handover = Handover()
        self.local: asyncio.Event = asyncio.Event()
        self.look = False
        """True: the table has rows that were not handed over."""

    def committed(self, rows: Sequence[OutboxRow]) -> None:
        """To be called after each commit that wrote rows; returns at once."""
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
        """Another process has written rows."""
        self.look = True
        self.local.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when there may be rows, or after the time-out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.local.wait()

    async def _notify(self) -> None:
        """One NOTIFY at a time; all commits during it are covered by one more."""
        while True:
            self._again = False
            try:
                async with asyncio.timeout(_DEADLINE_S):
                    await self._send()
            except DATABASE_ERRORS as e:
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
        """End the listening connection and its task."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._drop()
