"""The job that does planning runs, in a process of their own.

A run computes for seconds and reads all open lines at once. In the worker's process its event loop would stand still
for that long: a thread shares the interpreter's lock with it. So a child process does it. Its memory is given back when
it ends, and the worker reads events on the other core.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

import structlog

from eventkit.errors import is_transient
from eventkit.operations import Finished
from eventkit.transaction import Database
from planning.domain.plan.commands import PlanResult
from planning.store import plan_inputs, plan_runs
from planning.use_cases.calculate_plans import Calculated, calculate, end_run
from servicekit.invocation import database_of
from servicekit.jobs import Job
from servicekit.service import Service

INTERVAL_S: Final = 0.5
ATTEMPTS_MAX: Final = 3
"""A run whose process dies so often is given up: another one would not live longer."""
_BROKEN: Final = {
    "errors": [{"code": "internal-error", "detail": "the plan could not be calculated; see the log"}]
}
_log = structlog.get_logger(__name__)


def calculate_plans() -> Job:
    """Has done what was asked for, one run after the other."""
    return Job(name="calculate-plans", run=_run, interval_s=INTERVAL_S)


async def _run(database: Database) -> None:
    async with database.read() as conn:
        asked = await plan_runs.oldest(conn)
    if asked is not None:
        await _in_a_process()


async def _in_a_process() -> None:
    """Do all runs in a child, which ends with this job; a run that was cut off is done again from its beginning."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "planning", "plan")
    try:
        status = await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if status:
        raise RuntimeError(f"the process that plans ended with {status}")


async def do_runs(service: Service) -> None:
    """Do what was asked for, one run after the other: the command `plan`."""
    async with database_of(service) as database:
        while await do_next_run(database):
            pass


async def do_next_run(database: Database) -> bool:
    """Do the oldest run; False if there is none.

    A run that dies is done again from its beginning: nothing of it is stored before its end. Two at once end it once.
    One that died too often is given up.
    """
    async with database.begin() as tx:
        run, attempts = await plan_runs.begin_next(tx)
        if run is None:
            return False
        if attempts > ATTEMPTS_MAX:
            _log.error("plan given up", worksheet=run.worksheet, id=str(run.id), attempts=attempts)
            await end_run(tx, run, Calculated(), Finished(run.id, "failed", problem=_BROKEN))
            return True
    async with database.read() as conn:
        await plan_inputs.freeze(conn)
        try:
            found = await calculate(conn, run)
        except Exception as error:
            if is_transient(error):
                raise
            _log.exception("plan failed", worksheet=run.worksheet, id=str(run.id))
            found, outcome = Calculated(), Finished(run.id, "failed", problem=_BROKEN)
        else:
            result = PlanResult(planned=found.planned, lines=len(found.lines))
            outcome = Finished(run.id, "succeeded", result)
    async with database.begin() as tx:
        await end_run(tx, run, found, outcome)
    return True
