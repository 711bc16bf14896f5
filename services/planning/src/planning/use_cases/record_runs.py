"""Carry-out runs learn what became of their lines; the last one ends the run and its operation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from contracts.values import Problem
from eventkit import operations
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.run_results import proposal_result, result_of
from planning.domain.requisitions.runs import RUNNING, CarryOutRun, reasons_of, record
from planning.store import requisitions


class Settled(msgspec.Struct, frozen=True):
    """A requisition line that was decided, with every reason if it was refused."""

    line: RequisitionLine
    errors: tuple[Problem, ...] = ()


async def record_runs(tx: Transaction, settled: Iterable[Settled]) -> None:
    """Write what is known of the runs of these lines, and end those that are complete."""
    of_run: dict[UUID, list[Settled]] = {}
    for one in settled:
        if one.line.run_id is not None:
            of_run.setdefault(one.line.run_id, []).append(one)
    runs = await requisitions.lock_runs(tx, of_run)
    after = [
        record(run, [(one.line, one.errors) for one in of_run[id_]], tx.now)
        for id_, run in runs.items()
        if run.status == RUNNING
    ]
    await requisitions.store_runs(tx, after)
    await finish_operations(tx, [run for run in after if run.status != RUNNING])


async def finish_operations(tx: Transaction, runs: Iterable[CarryOutRun]) -> None:
    """The operation of an ended run ends with it; its result is the run."""
    await operations.finish(tx, [_finished(run) for run in runs])


def _finished(run: CarryOutRun) -> Finished:
    reasons = [_reason(line.line_id, error) for line, error in reasons_of(run)]
    result = result_of(run) if run.proposal_id is None else proposal_result(run)
    return Finished(run.id, run.status, result, {"errors": reasons} if reasons else None)


def _reason(line_id: UUID, error: Problem) -> dict[str, Any]:
    return {
        "code": error.code,
        "detail": error.detail,
        "pointer": error.pointer,
        "line_no": error.line_no,
        "line_id": line_id,
    }
