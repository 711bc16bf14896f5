"""Connections for acts. SQLAlchemy opens them and stays out of their way; between acts they are kept open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PLANS_MAX_AGE_S: Final = 5.0
"""A join may begin at a table while that is small: no plan outlives the size that it was made for by long."""


class Session:
    """One connection: SQLAlchemy's for composed queries, and asyncpg's below it."""

    __slots__ = ("conn", "driver", "planned_at")

    def __init__(self, conn: AsyncConnection, driver: asyncpg.Connection) -> None:
        self.conn = conn
        self.driver = driver
        self.planned_at = time.monotonic()

    async def forget_old_plans(self) -> None:
        """Plan anew now and then."""
        now = time.monotonic()
        if now - self.planned_at > PLANS_MAX_AGE_S:
            await self.driver.execute("DISCARD PLANS")
            self.planned_at = now


class Sessions:
    """At most `size` connections of an engine (with AUTOCOMMIT: whoever uses one begins and ends its transaction)."""

    def __init__(self, engine: AsyncEngine, size: int, timeout_s: float) -> None:
        self._engine = engine
        self._free = asyncio.Semaphore(size)
        self._timeout_s = timeout_s
        self._idle: list[Session] = []
        self._closed = False

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Session]:
        """A connection, the one used last first. Raises TimeoutError when none becomes free in time."""
        async with asyncio.timeout(self._timeout_s):
            await self._free.acquire()
        try:
            session = await self._living()
            try:
                await session.forget_old_plans()
                yield session
            finally:
                await self._give_back(session)
        finally:
            self._free.release()

    async def _living(self) -> Session:
        while self._idle:
            session = self._idle.pop()
            if not session.driver.is_closed():
                return session
            await _end(session)
        opening = asyncio.ensure_future(self._open())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:  # half a connection cannot be closed, a whole one can
            with suppress(Exception):
                await _end(await opening)
            raise

    async def _open(self) -> Session:
        conn = await self._engine.connect()
        driver: Any = (await conn.get_raw_connection()).driver_connection
        return Session(conn, cast("asyncpg.Connection", driver))

    async def _give_back(self, session: Session) -> None:
        if self._closed or session.driver.is_closed() or session.driver.is_in_transaction():
            await _end(session)
        else:
            self._idle.append(session)

    async def close(self) -> None:
        """Close what is idle; what is in use is closed when it is given back."""
        self._closed = True
        idle, self._idle = self._idle, []
        for session in idle:
            await _end(session)
        await self._engine.dispose()


async def _end(session: Session) -> None:
    if session.driver.is_closed() or session.driver.is_in_transaction():
        await session.conn.invalidate()
    await session.conn.close()
