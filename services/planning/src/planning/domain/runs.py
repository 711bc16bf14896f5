"""Carry-out runs: what a person's carry-out of a worksheet came to, line by line (BC-SO-14..16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from contracts.values import Problem
from planning.domain import requisition
from planning.domain.requisition import RequisitionLine
from planning.domain.state import State

RUNNING: Final = "running"
SUCCEEDED: Final = "succeeded"
PARTLY_FAILED: Final = "partly_failed"
FAILED: Final = "failed"

LINE_RUNNING: Final = "running"
LINE_ORDERED: Final = "ordered"
LINE_FAILED: Final = "failed"
LINE_SKIPPED: Final = "skipped"


class RunLine(State, frozen=True, kw_only=True):
    """How far one requisition line has come in the run."""

    line_id: UUID
    status: str = LINE_RUNNING
    vendor_no: str = ""
    sales_order_no: str = ""
    sales_order_line_no: int | None = None
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None
    errors: tuple[Problem, ...] = ()


class CarryOutRun(State, frozen=True, kw_only=True):
    """A carry-out; its id is the operation's. Ended once no line is running any more."""

    id: UUID
    worksheet: str
    status: str = RUNNING
    started_at: datetime
    ended_at: datetime | None = None
    lines: tuple[RunLine, ...] = ()


def of_line(line: RequisitionLine) -> RunLine:
    """A line that begins."""
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
    lines = tuple(
        _after(line, *news[line.line_id]) if line.status == LINE_RUNNING and line.line_id in news else line
        for line in run.lines
    )
    return ended(replace(run, lines=lines), now)


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


def failed(run: CarryOutRun, faults: dict[UUID, tuple[Problem, ...]], now: datetime) -> CarryOutRun:
    """The run of which nothing was created: these lines did not pass the checks, the others were not tried."""
    lines = tuple(
        replace(line, status=LINE_FAILED, errors=faults[line.line_id])
        for line in run.lines
        if line.line_id in faults
    )
    return replace(run, lines=lines, status=FAILED, ended_at=now)


def answer(run: CarryOutRun) -> dict[str, Any]:
    """The run as it is shown."""
    orders: dict[str, dict[str, Any]] = {}
    for line in run.lines:
        if line.status == LINE_ORDERED:
            order = orders.setdefault(
                line.purchase_order_no,
                {"no": line.purchase_order_no, "vendor_no": line.vendor_no, "lines": []},
            )
            order["lines"].append(_ordered(line))
    return {
        "id": run.id,
        "worksheet": run.worksheet,
        "status": run.status,
        "purchase_orders": [orders[no] for no in sorted(orders)],
        "failed_lines": [_failed(line) for line in run.lines if line.status == LINE_FAILED],
        "skipped": [_skipped(line) for line in run.lines if line.status == LINE_SKIPPED],
        "started_at": run.started_at,
        "ended_at": run.ended_at,
    }


def problem(run: CarryOutRun) -> dict[str, Any] | None:
    """Why the run failed, as a problem document; None if something was created."""
    if run.status != FAILED:
        return None
    errors = [
        {
            "pointer": e.pointer,
            "code": e.code,
            "detail": e.detail,
            "line_no": e.line_no,
            "line_id": line.line_id,
        }
        for line in run.lines
        for e in line.errors
    ]
    code = errors[0]["code"] if errors else "nothing-to-create"
    return {
        "type": "about:blank",
        "title": "Nothing was created",
        "status": 409,
        "code": code,
        "detail": errors[0]["detail"] if errors else "no requisition line became a purchase line",
        "errors": errors,
    }


def _after(line: RunLine, decided: RequisitionLine, errors: tuple[Problem, ...]) -> RunLine:
    if decided.status == requisition.CARRIED_OUT:
        return replace(
            line,
            status=LINE_ORDERED,
            purchase_order_no=decided.purchase_order_no or "",
            purchase_order_line_no=decided.purchase_order_line_no,
        )
    own = (decided.problem,) if decided.problem is not None else ()
    if decided.status == requisition.SUPERSEDED:
        return replace(
            line, status=LINE_SKIPPED, purchase_order_no=decided.purchase_order_no or "", errors=own
        )
    if decided.status == requisition.CARRYING_OUT:
        return line
    return replace(line, status=LINE_FAILED, errors=errors or own)


def _sales_of(line: RunLine) -> dict[str, Any]:
    return {"sales_order_no": line.sales_order_no, "sales_order_line_no": line.sales_order_line_no}


def _ordered(line: RunLine) -> dict[str, Any]:
    return {"line_id": line.line_id, "line_no": line.purchase_order_line_no, **_sales_of(line)}


def _failed(line: RunLine) -> dict[str, Any]:
    errors = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in line.errors]
    return {"line_id": line.line_id, "errors": errors, **_sales_of(line)}


def _skipped(line: RunLine) -> dict[str, Any]:
    first = line.errors[0] if line.errors else None
    return {
        "line_id": line.line_id,
        "code": first.code if first else "",
        "detail": first.detail if first else "",
        "purchase_order_no": line.purchase_order_no or None,
        **_sales_of(line),
    }
