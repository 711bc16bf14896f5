"""The job that does planning runs, beside the work on events."""

from __future__ import annotations

from typing import Final

from eventkit.transaction import Database
from planning.use_cases.calculate_plans import do_next_run
from servicekit.jobs import Job

INTERVAL_S: Final = 0.5


def calculate_plans() -> Job:
    """Does what was asked for, one run after the other."""
    return Job(name="calculate-plans", run=_run, interval_s=INTERVAL_S)


async def _run(database: Database) -> None:
    while await do_next_run(database):
        pass
