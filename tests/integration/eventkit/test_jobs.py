"""Jobs run at their intervals, in one process of a service at a time."""

from __future__ import annotations

from contextlib import AsyncExitStack

import asyncpg
import pytest

from eventkit.transaction import Database
from servicekit.jobs import Job, Jobs
from tests.integration.eventkit.rig import Rig, running
from tests.support.polling import eventually


class Counted:
    """A job that counts its runs."""

    def __init__(self, interval_s: float, *, failures: int = 0) -> None:
        self.runs = 0
        self._failures = failures
        self.job = Job("counted", self._run, interval_s)

    async def _run(self, _: Database) -> None:
        self.runs += 1
        if self.runs <= self._failures:
            raise ValueError("not yet")

    async def count(self) -> int:
        return self.runs


async def test_of_two_processes_one_runs_the_jobs_and_the_other_takes_over(rig: Rig) -> None:
    first, second = Counted(0.02), Counted(0.02)
    async with AsyncExitStack() as leading:
        await leading.enter_async_context(running(Jobs(rig.db, [first.job]).run))
        await eventually(first.count, lambda n: n >= 1)
        async with running(Jobs(rig.db, [second.job]).run):
            await eventually(first.count, lambda n: n >= 5)
            assert second.runs == 0
            await leading.aclose()
            await eventually(second.count, lambda n: n >= 1)


async def end_session(rig: Rig, application: str) -> None:
    conn = await asyncpg.connect(rig.db.url)
    await conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = $2",
        application,
        rig.db.url.rpartition("/")[2],
    )
    await conn.close()


async def test_a_job_that_fails_runs_again(rig: Rig) -> None:
    counted = Counted(0.02, failures=2)
    async with running(Jobs(rig.db, [counted.job]).run):
        await eventually(counted.count, lambda n: n >= 4)


async def test_a_job_without_an_interval_runs_when_the_database_gives_it_one(rig: Rig) -> None:
    runs_when_asked: list[int] = []

    async def interval(_: Database) -> float:
        runs_when_asked.append(counted.runs)
        return 0.0 if len(runs_when_asked) < 3 else 0.02

    counted = Counted(1)
    counted.job.interval_s = interval
    async with running(Jobs(rig.db, [counted.job]).run):
        await eventually(counted.count, lambda n: n >= 2)
    assert runs_when_asked[:3] == [0, 0, 0]


async def test_a_lease_that_is_lost_is_taken_again_whatever_job_is_waited_for(rig: Rig) -> None:
    counted, rare = Counted(0.02), Counted(3600)
    jobs = Jobs(rig.db, [counted.job, rare.job])

    async def active() -> bool:
        return jobs.active

    async with running(jobs.run):
        await eventually(counted.count, lambda n: n >= 1)
        await end_session(rig, "koppel lease jobs")
        await eventually(active, lambda is_active: not is_active)
        await eventually(active, bool)
        before = counted.runs
        await eventually(counted.count, lambda n: n > before)


async def test_after_a_late_heartbeat_every_job_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stood still for some seconds has not lost its lease."""
    looks = 0

    async def interval(_: Database) -> float:
        nonlocal looks
        looks += 1
        return 0.02

    async def looked() -> int:
        return looks

    counted, rare = Counted(1), Counted(3600)
    counted.job.interval_s = interval
    jobs = Jobs(rig.db, [counted.job, rare.job])
    async with running(jobs.run):
        await eventually(counted.count, lambda n: n >= 1)
        monkeypatch.setattr("eventkit.lease.FRESH_S", 0.0)
        late = looks
        await eventually(looked, lambda n: n >= late + 3)
        before = counted.runs
        monkeypatch.undo()
        await eventually(counted.count, lambda n: n > before)
        assert jobs.active
