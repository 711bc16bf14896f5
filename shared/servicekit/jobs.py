"""Work that a service does at intervals, one active instance per service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg
import structlog

from eventkit import metrics
from eventkit.errors import is_transient
from eventkit.lease import Lease
from eventkit.transaction import Database

Interval = float | Callable[[Database], Awaitable[float]]
_STANDBY_S = 1.0
_log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Job:
    """Something to do every `interval_s` seconds (a fraction is fine; 0: only when woken).

    `run` must bear being run twice at the same time: a lease can be lost while it works. It takes its own
    transactions. An exception is logged and counted, the next run comes at the next interval.
    """

    name: str
    run: Callable[[Database], Awaitable[None]]
    interval_s: Interval
    _wake: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def wake(self) -> None:
        """Run as soon as possible, if the jobs' lease is in this process. Fit for `tx.after_commit`."""
        self._wake.set()

    async def wait(self, db: Database) -> bool:
        """Wait for the next run; False if it is only time to look at the interval again."""
        interval_s = (
            self.interval_s if isinstance(self.interval_s, int | float) else await self.interval_s(db)
        )
        try:
            async with asyncio.timeout(interval_s or _STANDBY_S):
                await self._wake.wait()
        except TimeoutError:
            return interval_s > 0
        self._wake.clear()
        return True


class Jobs:
    """All jobs of a service; they run in the process that holds their lease."""

    def __init__(self, db: Database, jobs: Sequence[Job]) -> None:
        self._db = db
        self._jobs = jobs
        self._lease = Lease(db.url, "jobs")

    async def run(self) -> None:
        """Run jobs whenever the lease can be had, for ever."""
        try:
            while True:
                with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    if await self._lease.acquire():
                        await self._run_while_held()
                await asyncio.sleep(_STANDBY_S)
        finally:
            await self._lease.release()

    async def _run_while_held(self) -> None:
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._repeat(job), name=f"job {job.name}")

    async def _repeat(self, job: Job) -> None:
        while self._lease.held:
            try:
                due = await job.wait(self._db)
            except Exception as e:
                if not is_transient(e):
                    raise
                await asyncio.sleep(_STANDBY_S)
                continue
            if due and self._lease.held:
                await self._once(job)

    async def _once(self, job: Job) -> None:
        began = time.perf_counter()
        outcome = "done"
        try:
            await job.run(self._db)
        except Exception:  # noqa: BLE001 - whatever a job throws, the next run comes
            outcome = "failed"
            _log.exception("a job failed", job=job.name)
        metrics.JOB_RUNS.labels(job.name, outcome).inc()
        metrics.JOB_SECONDS.labels(job.name).observe(time.perf_counter() - began)
