"""The `work` processes of a service: each has a name of its own, and says in the database that it lives.

A worker that hangs says nothing. Every other process of the service sees that in the table, which is where health and
metrics take it from.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from eventkit.errors import ConfigurationError, is_transient
from eventkit.lease import IDLE_SESSION_TIMEOUT_S, Lease
from eventkit.transaction import Database, Queryable, fetch, fetch_one
from servicekit.version import VERSION

# The database's clock alone, so that hosts whose clocks differ agree on who is silent. Rows of workers that were killed
# and never came back go after a while.
BEAT: Final = text("""
WITH forgotten AS (
    DELETE FROM worker WHERE instance <> :instance AND beat_at < now() - make_interval(secs => :forgotten_s)
)
INSERT INTO worker (instance, host, pid, version, started_at, beat_at, relay_active, jobs_active, partitions, lag)
VALUES (:instance, :host, :pid, :version, :started_at, now(), :relay_active, :jobs_active, :partitions,
        CAST(CAST(:lag AS text) AS json))
ON CONFLICT (instance) DO UPDATE
SET host = excluded.host, pid = excluded.pid, version = excluded.version, started_at = excluded.started_at,
    beat_at = excluded.beat_at, relay_active = excluded.relay_active, jobs_active = excluded.jobs_active,
    partitions = excluded.partitions, lag = excluded.lag
""")
LIST: Final = text("""
SELECT instance, host, pid, version, started_at, relay_active, jobs_active, partitions, lag,
       CAST(extract(epoch FROM now() - beat_at) AS float) AS silent_s
FROM worker ORDER BY instance
""")
HOLDER: Final = text("SELECT host, pid FROM worker WHERE instance = :instance")
STOPPED: Final = text("DELETE FROM worker WHERE instance = :instance")

BEAT_INTERVAL_S: Final = 1.0
SILENT_AFTER_S: Final = 10.0
"""A worker that has said nothing for so long hangs, or was killed."""
FORGOTTEN_AFTER_S: Final = 3600.0
NAME_PATIENCE_S: Final = IDLE_SESSION_TIMEOUT_S + 2.0
"""How long the name of a worker may still be taken: the database ends the session of one whose host is gone."""
_STOP_DEADLINE_S: Final = 2.0
_LAG: Final = msgspec.json.Decoder(dict[str, int])
_log = structlog.get_logger(__name__)


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker reports of itself with each heartbeat."""

    relay_active: bool = False
    jobs_active: bool = False
    partitions: int = 0
    lag: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Events not yet read, by topic."""


class Worker(WorkerState, frozen=True, kw_only=True):
    """A worker as the database knows it."""

    instance: str
    host: str
    pid: int
    version: str
    started_at: datetime
    silent_s: float
    """Seconds since its last heartbeat."""

    @property
    def alive(self) -> bool:
        """False for a worker that hangs or was killed."""
        return self.silent_s < SILENT_AFTER_S


async def workers_of(where: Queryable) -> Sequence[Worker]:
    """The workers of the service, those that were stopped aside."""
    rows = await fetch(where, LIST)
    return [Worker(**{**row._mapping, "lag": _LAG.decode(row.lag)}) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


class Presence:
    """One worker's name, which no other process of the service has at the same time, and its heartbeats."""

    def __init__(self, db: Database, service: str, instance: str, state: Callable[[], WorkerState]) -> None:
        self._db = db
        self._service = service
        self._instance = instance
        self._state = state
        self._lease = Lease(db.url, f"worker {instance}")
        self._started_at = datetime.now(UTC)
        self._refused_since: float | None = None
        self._named = asyncio.Event()

    async def named(self) -> None:
        """Return when the name is this worker's: a second member of that name would fight for its partitions."""
        await self._named.wait()

    async def run(self) -> None:
        """Keep the name and send heartbeats until cancelled.

        Raises ConfigurationError if another process has the name.
        """
        try:
            while True:
                try:
                    if await self._keep_name():
                        await self._beat()
                except Exception as e:
                    if not is_transient(e):
                        raise
                    _log.warning("no heartbeat", error=repr(e))
                await asyncio.sleep(BEAT_INTERVAL_S)
        finally:
            await self._stop()

    async def _keep_name(self) -> bool:
        if self._lease.held or await self._lease.acquire():
            self._refused_since = None
            self._named.set()
            return True
        now = time.monotonic()
        self._refused_since = self._refused_since or now
        if now - self._refused_since > NAME_PATIENCE_S:
            raise ConfigurationError(await self._why_refused())
        return False

    async def _why_refused(self) -> str:
        async with self._db.read() as conn:
            holder = await fetch_one(conn, HOLDER, instance=self._instance)
        where = f" (host {holder.host}, process {holder.pid})" if holder else ""
        return (
            f"another worker of {self._service} runs as instance {self._instance!r}{where}; "
            "set KOPPEL_INSTANCE to a name of its own for each"
        )

    async def _beat(self) -> None:
        state = self._state()
        async with self._db.begin() as tx:
            await tx.run(
                BEAT,
                instance=self._instance,
                host=socket.gethostname(),
                pid=os.getpid(),
                version=VERSION,
                started_at=self._started_at,
                relay_active=state.relay_active,
                jobs_active=state.jobs_active,
                partitions=state.partitions,
                lag=msgspec.json.encode(state.lag).decode(),
                forgotten_s=FORGOTTEN_AFTER_S,
            )

    async def _stop(self) -> None:
        """A worker that is stopped is not missed. What the database does not take now it forgets later."""
        with suppress(OSError, TimeoutError, SQLAlchemyError):
            async with asyncio.timeout(_STOP_DEADLINE_S):
                if self._lease.held:
                    async with self._db.begin() as tx:
                        await tx.run(STOPPED, instance=self._instance)
        await self._lease.release()
