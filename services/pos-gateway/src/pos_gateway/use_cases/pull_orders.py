"""The pull job P-0001: hand the tills' orders over to sales, as events (POS-91, POS-92)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.refusals import Refusal, not_found
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Database, Transaction
from pos_gateway.store import pull_jobs, stages
from recordkit.commands import Command, Done

JOB = "P-0001"
KIND = "pull-job"
BATCH_ROWS = 500
BY_HAND_ROWS = 10_000
CHANNEL_ORDER = KINDS["channel-order"]


class RunPull(msgspec.Struct, frozen=True):
    """Pull now; `store_nos` None: of all stores."""

    job: str
    store_nos: tuple[str, ...] | None = None


class SetPull(msgspec.Struct, frozen=True):
    """How often the job runs; 0: by hand only."""

    job: str
    interval_s: float


class Pulled(msgspec.Struct, frozen=True):
    """How many were pulled by a run, and how many still wait."""

    pulled: int
    pending: int


async def pull_by_hand(tx: Transaction, commands: Sequence[Command[RunPull]]) -> list[Done | Refusal]:
    """Pull what waits now, at most `BY_HAND_ROWS` orders; what is left is said in `pending`."""
    return [await _pull(tx, c) for c in commands]


async def _pull(tx: Transaction, command: Command[RunPull]) -> Done | Refusal:
    run = command.data
    if run.job != JOB:
        return not_found("pull-job", run.job)
    pulled = await publish_pending(tx, BY_HAND_ROWS, run.store_nos, command.context)
    await pull_jobs.note_run(tx, JOB)
    pending, _ = await stages.pending(tx, run.store_nos)
    return Done(KIND, JOB, answer=Pulled(pulled, pending))


async def publish_pending(
    tx: Transaction, most: int, store_nos: Sequence[str] | None, context: Context
) -> int:
    """Mark pending orders pulled and publish them; two runs at once never take the same one."""
    pulled = await stages.pull(tx, most, store_nos)
    for no, order in pulled:
        tx.publish(CHANNEL_ORDER, no, order, context)
    return len(pulled)


async def run_pull_job(database: Database) -> None:
    """A run at its interval: everything that waits, a batch per transaction."""
    async with database.begin() as tx:
        if not await pull_jobs.claim_run(tx, JOB):
            return
    pulled = BATCH_ROWS
    while pulled == BATCH_ROWS:
        async with database.begin() as tx:
            pulled = await publish_pending(tx, BATCH_ROWS, None, Context.new("system:pull-job"))


async def interval_s(database: Database) -> float:
    """When to look again whether the job is due; 0: not at all."""
    async with database.read() as conn:
        found = await pull_jobs.load(conn, JOB)
    return min(found.interval_s, pull_jobs.LOOK_EVERY_S) if found else 0.0


async def set_pull_jobs(tx: Transaction, commands: Sequence[Command[SetPull]]) -> list[Done | Refusal]:
    """Change the interval; it holds from the next look on."""
    done: list[Done | Refusal] = []
    for command in commands:
        known = await pull_jobs.set_interval(tx, command.data.job, command.data.interval_s)
        done.append(Done(KIND, command.data.job) if known else not_found("pull-job", command.data.job))
    return done
