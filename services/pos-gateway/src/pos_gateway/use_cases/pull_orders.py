"""Hand the tills' orders over to sales, as events (POS-91, POS-92)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from contracts.refusals import Refusal, not_found
from contracts.topics import KINDS
from domainkit.auditing import differences
from eventkit.context import Context
from eventkit.transaction import Transaction
from pos_gateway.domain.pull_jobs.commands import PullResult, RunPullJob, SetPullJob
from pos_gateway.store import pull_jobs, stages
from recordkit.commands import Command, Done

PULL_JOB: Final = "P-0001"
KIND: Final = "pull-job"
BY_HAND_ROWS: Final = 10_000
CHANNEL_ORDER: Final = KINDS["channel-order"]


async def run_pull_jobs(tx: Transaction, commands: Sequence[Command[RunPullJob]]) -> list[Done | Refusal]:
    """Pull what waits now, at most `BY_HAND_ROWS` orders; `pending` says what is left."""
    return [await _run(tx, command) for command in commands]


async def _run(tx: Transaction, command: Command[RunPullJob]) -> Done | Refusal:
    run = command.data
    if run.job_id != PULL_JOB:
        return not_found(KIND, run.job_id)
    pulled = await publish_pending(tx, BY_HAND_ROWS, run.store_nos, command.context)
    await pull_jobs.note_run(tx, PULL_JOB)
    pending, _ = await stages.pending(tx, run.store_nos)
    return Done(KIND, PULL_JOB, answer=PullResult(pulled, pending))


async def publish_pending(
    tx: Transaction, most: int, store_nos: Sequence[str] | None, context: Context
) -> int:
    """Mark pending orders pulled and publish them; two runs at once never take the same one."""
    pulled = await stages.pull(tx, most, store_nos)
    for no, order in pulled:
        tx.publish(CHANNEL_ORDER, no, order, context)
    return len(pulled)


async def set_pull_jobs(tx: Transaction, commands: Sequence[Command[SetPullJob]]) -> list[Done | Refusal]:
    """Change the interval; it holds from the next look on."""
    return [await _set(tx, command) for command in commands]


async def _set(tx: Transaction, command: Command[SetPullJob]) -> Done | Refusal:
    job = command.data
    before = await pull_jobs.lock(tx, job.job_id)
    if before is None:
        return not_found(KIND, job.job_id)
    after = replace(before, interval_s=job.interval_s)
    if after != before:
        await pull_jobs.set_interval(tx, job.job_id, job.interval_s)
        changes = differences(before, after)
        by = command.context.by
        tx.audit.add(KIND, job.job_id, 0, happened=("changed",), by=by, changes=changes)
    return Done(KIND, job.job_id)
