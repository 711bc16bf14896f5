"""Carry-out runs: what a person's carry-out of a worksheet came to, line by line (BC-SO-14..16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.values import Problem
from planning.domain.requisitions import lines
from planning.domain.requisitions.lines import RequisitionLine

RUNNING: Final = "running"
SUCCEEDED: Final = "succeeded"
PARTLY_FAILED: Final = "partly_failed"
FAILED: Final = "failed"

LINE_RUNNING: Final = "running"
LINE_ORDERED: Final = "ordered"
LINE_FAILED: Final = "failed"
LINE_SKIPPED: Final = "skipped"


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one requisition line in the run; `status` is one of the LINE_ words."""

    line_id: UUID
    status: str = LINE_RUNNING
    vendor_no: str = ""
    sales_order_no: str = ""
    sales_order_line_no: int | None = None
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None
    errors: tuple[Problem, ...] = ()


class CarryOutRun(msgspec.Struct, frozen=True, kw_only=True):
    """A carry-out; its id is the operation's. Ended once no line is running any more."""

    id: UUID
    worksheet: str
    proposal_id: UUID | None = None
    """The purchase proposal that was accepted; None: a worksheet was carried out."""
    status: str = RUNNING
    started_at: datetime
    ended_at: datetime | None = None
    lines: tuple[RunLine, ...] = ()


def run_line(line: RequisitionLine) -> RunLine:
    """The line at the start of the run, with what its result will name."""
    return RunLine(
        line_id=line.id,
        vendor_no=line.vendor_no,
        sales_order_no=line.sales_order_no,
        sales_order_line_no=line.sales_order_line_no,
    )


def record(
    run: CarryOutRun, settled: Iterable[tuple[RequisitionLine, Sequence[Problem]]], now: datetime
) -> CarryOutRun:
    """The run after requisition lines were decided, with all reasons of refused ones; ends it with its last line."""
    news = {line.id: (line, tuple(errors)) for line, errors in settled}
    recorded = tuple(
        _after(line, *news[line.line_id]) if line.status == LINE_RUNNING and line.line_id in news else line
        for line in run.lines
    )
    return ended(replace(run, lines=recorded), now)


def ended(run: CarryOutRun, now: datetime) -> CarryOutRun:
    """The run with its end, if nothing in it is running. Nothing but skipped lines is a failure too."""
    statuses = {line.status for line in run.lines}
    if run.status != RUNNING or LINE_RUNNING in statuses:
        return run
    if LINE_ORDERED not in statuses:
        status = FAILED
    elif LINE_FAILED in statuses:
        status = PARTLY_FAILED
    else:
        status = SUCCEEDED
    return replace(run, status=status, ended_at=now)


def failed(run: CarryOutRun, reasons: Mapping[UUID, tuple[Problem, ...]], now: datetime) -> CarryOutRun:
    """The run of which nothing was created: these lines did not pass the checks, the others were not tried."""
    failed_lines = tuple(
        replace(line, status=LINE_FAILED, errors=reasons[line.line_id])
        for line in run.lines
        if line.line_id in reasons
    )
    return replace(run, lines=failed_lines, status=FAILED, ended_at=now)


def reasons_of(run: CarryOutRun) -> tuple[tuple[RunLine, Problem], ...]:
    """Why nothing came of the run, line by line; none if something was created."""
    if run.status != FAILED:
        return ()
    return tuple((line, error) for line in run.lines for error in line.errors)


def _after(line: RunLine, decided: RequisitionLine, errors: tuple[Problem, ...]) -> RunLine:
    if decided.status == lines.CARRYING_OUT:
        return line
    if decided.status == lines.CARRIED_OUT:
        return replace(
            line,
            status=LINE_ORDERED,
            purchase_order_no=decided.purchase_order_no or "",
            purchase_order_line_no=decided.purchase_order_line_no,
        )
    own = (decided.problem,) if decided.problem is not None else ()
    if decided.status == lines.SUPERSEDED:
        return replace(
            line, status=LINE_SKIPPED, purchase_order_no=decided.purchase_order_no or "", errors=own
        )
    return replace(line, status=LINE_FAILED, errors=errors or own)
