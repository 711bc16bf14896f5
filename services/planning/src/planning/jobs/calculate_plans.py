"""The job that does planning runs, beside the work on events."""

from __future__ import annotations

from typing import Final

import structlog

from eventkit.errors import is_transient
from eventkit.operations import Finished
from eventkit.transaction import Database
from planning.domain.plan.commands import PlanResult
from planning.store import plan_inputs, plan_runs
from planning.use_cases.calculate_plans import calculate, end_run
from servicekit.jobs import Job

INTERVAL_S: Final = 0.5
_BROKEN: Final = {
    "errors": [{"code": "internal-error", "detail": "the plan could not be calculated; see the log"}]
}
_log = structlog.get_logger(__name__)


def calculate_plans() -> Job:
    """Does what was asked for, one run after the other."""
    return Job(name="calculate-plans", run=_run, interval_s=INTERVAL_S)


async def _run(database: Database) -> None:
    while await do_next_run(database):
        pass


async def do_next_run(database: Database) -> bool:
    """Do the oldest run; False if there is none.

    A run that dies is done again from its beginning: nothing of it is stored before its end. Two at once end it once.
    """
    async with database.read() as conn:
        await plan_inputs.freeze(conn)
        run = await plan_runs.oldest(conn)
        if run is None:
            return False
        try:
            lines, planned = await calculate(conn, run)
        except Exception as error:
            if is_transient(error):
                raise
            _log.exception("plan failed", worksheet=run.worksheet, id=str(run.id))
            lines, outcome = [], Finished(run.id, "failed", problem=_BROKEN)
        else:
            result = PlanResult(planned=planned, lines=len(lines))
            outcome = Finished(run.id, "succeeded", result)
    async with database.begin() as tx:
        await end_run(tx, run, lines, outcome)
    return True
