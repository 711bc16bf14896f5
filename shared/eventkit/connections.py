"""Connections to a service's PostgreSQL: asyncpg's own pool for acts, SQLAlchemy's for composed queries.

Neither executes anything on a connection that a restarted server has closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import methodcaller
from typing import Any, Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

ACT_PLANS: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""Acts and handlers touch rows by their keys: for tables of any size an index is right for their statements, so their
plans are kept. Left to itself the planner would choose a sequential scan while a table is small and,
with the plan kept, go on scanning it."""

QUERY_PLANS: Final = {"plan_cache_mode": "force_custom_plan"}
"""Lists and searches depend on which filters are given and on how many rows there are: planned each time."""

PLANS_MAX_AGE_S: Final = 5.0
"""A kept plan may begin a join at a table that was small when it was made; so plans are made anew this often."""
_CLOSE_DEADLINE_S: Final = 5.0


@dataclass(frozen=True)
class Server:
    """The database of a service, and the time-outs of all connections to it."""

    url: str
    application: str
    connect_timeout_s: float
    statement_timeout_s: float
    idle_in_transaction_timeout_s: float

    def options(self, application: str, plans: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of asyncpg's `connect`."""
        return {
            "timeout": self.connect_timeout_s,
            # The server ends a slow statement; the client only if the server does not answer at all.
            "command_timeout": self.statement_timeout_s + 5,
            "statement_cache_size": 500,
            "server_settings": {
                "application_name": application,
                "timezone": "UTC",
                "jit": "off",
                "statement_timeout": str(int(self.statement_timeout_s * 1000)),
                "idle_in_transaction_session_timeout": str(int(self.idle_in_transaction_timeout_s * 1000)),
                **plans,
            },
        }


@dataclass(frozen=True)
class PoolUse:
    """How many connections a pool has open, how many of them are in use, and the most that it opens."""

    name: str
    size: int
    open: int
    used: int


class ActPool:
    """At most `size` connections for acts, opened when needed and kept."""

    def __init__(self, server: Server, size: int) -> None:
        self._server = server
        self._size = size
        self._pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[PoolConnectionProxy]:
        """A connection, the one used last first. Raises TimeoutError when none becomes free in time."""
        pool = self._pool or await self._open()
        # Not the pool's own time-out: on Python 3.11 it runs each acquisition in a task of its own.
        async with asyncio.timeout(self._server.connect_timeout_s):
            conn = await pool.acquire()
        try:
            yield conn
        finally:
            await pool.release(conn)

    async def _open(self) -> asyncpg.Pool:
        # Not before the first act: the pool belongs to the loop that is running then.
        self._pool = await asyncpg.create_pool(
            self._server.url,
            min_size=0,
            max_size=self._size,
            # WaitingEvent as long as they live: a new connection would prepare and plan each statement again.
            max_queries=10**9,
            max_inactive_connection_lifetime=0,
            connection_class=_ActConnection,
            setup=methodcaller("forget_old_plans"),
            reset=_keep,
            **self._server.options(f"{self._server.application} acts", ACT_PLANS),
        )
        return self._pool

    def use(self) -> PoolUse:
        """How many connections are open and in use now."""
        opened = self._pool.get_size() if self._pool else 0
        idle = self._pool.get_idle_size() if self._pool else 0
        return PoolUse("acts", self._size, opened, opened - idle)

    async def close(self) -> None:
        """Close all connections; those still in use after a deadline are cut off."""
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_DEADLINE_S):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


class _ActConnection(asyncpg.Connection):
    """A connection that plans its statements anew now and then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._planned_at = time.monotonic()

    async def forget_old_plans(self) -> None:
        now = time.monotonic()
        if now - self._planned_at > PLANS_MAX_AGE_S:
            await self.execute("DISCARD PLANS")
            self._planned_at = now


async def _keep(_: Any) -> None:
    """No reset: acts leave nothing in their session, and a reset would be a round trip for each of them."""


def query_engine(server: Server, size: int) -> AsyncEngine:
    """At most `size` connections for lists and searches, which SQLAlchemy composes."""
    engine = create_async_engine(
        server.url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=size,
        max_overflow=0,
        pool_timeout=server.connect_timeout_s,
        query_cache_size=2000,
        hide_parameters=True,  # errors are logged; what people sent is not
        # jsonb comes back as text, for msgspec to decode straight into the type that is wanted.
        json_deserializer=str,
        connect_args={
            **server.options(server.application, QUERY_PLANS),
            "prepared_statement_cache_size": 500,
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, *_: Any) -> None:
    """A restarted server has closed all connections: the pool makes new ones, and no query meets a dead one."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
