"""The pull job at its interval."""

from __future__ import annotations

from typing import Final

from eventkit.context import Context
from eventkit.transaction import Database
from pos_gateway.store import pull_jobs
from pos_gateway.use_cases.pull_orders import PULL_JOB, publish_pending

BATCH_ROWS: Final = 500


async def run_pull_job(database: Database) -> None:
    """A run, if one is due: everything that waits, a batch per transaction."""
    async with database.begin() as tx:
        if not await pull_jobs.claim_run(tx, PULL_JOB):
            return
    pulled = BATCH_ROWS
    while pulled == BATCH_ROWS:
        async with database.begin() as tx:
            pulled = await publish_pending(tx, BATCH_ROWS, None, Context.new("system:pull-job"))


async def interval_s(database: Database) -> float:
    """When to look again whether the job is due; 0: not at all."""
    async with database.read() as conn:
        found = await pull_jobs.load(conn, PULL_JOB)
    return min(found.interval_s, pull_jobs.LOOK_EVERY_S) if found else 0.0
