"""Jobs that a service runs at intervals, in one of its processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from eventkit import metrics
from eventkit.errors import DATABASE_ERRORS, is_transient
from eventkit.lease import Lease
from eventkit.transaction import Database

Interval = float | Callable[[Database], Awaitable[float]]
_STANDBY_S = 1.0
_log = structlog.get_logger(__name__)


@dataclass
class Job:
    """Runs every `interval_s` seconds (fractions allowed; 0: not at all, until the interval changes).

    Two runs may overlap, since a lease can be lost during a run: `run` must allow that. It begins its own transactions.
    An exception is logged and counted; the next run comes at the next interval.
    """

    name: str
    run: Callable[[Database], Awaitable[None]]
    interval_s: Interval

    async def wait(self, db: Database) -> bool:
        """Wait for the next run; False if only the interval is to be read again."""
        interval_s = (
            self.interval_s if isinstance(self.interval_s, int | float) else await self.interval_s(db)
        )
        await asyncio.sleep(interval_s or _STANDBY_S)
        return interval_s > 0


class Jobs:
    """All jobs of a service; they run in the process that holds their lease."""

    def __init__(self, db: Database, jobs: Sequence[Job]) -> None:
        self._db = db
        self._jobs = jobs
        self._lease = Lease(db.url, "jobs")

    @property
    def active(self) -> bool:
        """True while this process runs the jobs."""
        return self._lease.held

    async def run(self) -> None:
        """Run the jobs whenever this process holds the lease, until cancelled."""
        try:
            while True:
                with suppress(*DATABASE_ERRORS):
                    if await self._lease.acquire():
                        await self._run_while_held()
                await asyncio.sleep(_STANDBY_S)
        finally:
            await self._lease.release()

    async def _run_while_held(self) -> None:
        """Until the lease is lost. Then no job is waited for: the next run of one can be hours away."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._repeat(job), name=f"job {job.name}") for job in self._jobs]
            await self._lease.until_lost()
            for task in tasks:
                task.cancel()

    async def _repeat(self, job: Job) -> None:
        """While a heartbeat is late no run begins; the runs go on with the next one."""
        while True:
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
        except Exception:  # noqa: BLE001 - the next run comes, whatever the error
            outcome = "failed"
            _log.exception("a job failed", job=job.name)
        metrics.JOB_RUNS.labels(job.name, outcome).inc()
        metrics.JOB_SECONDS.labels(job.name).observe(time.perf_counter() - began)
