"""Carry-out runs: what a person's carry-out of a worksheet came to."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Problem
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.run_results import result_of
from planning.domain.requisitions.runs import (
    CarryOutRun,
    RunLine,
    ended,
    failed,
    reasons_of,
    record,
    run_line,
)
from tests.unit.planning.samples import requisition_line

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BLOCKED = Problem(code="vendor-blocked", detail="vendor V10 is blocked")


def run_of(*lines: RunLine) -> CarryOutRun:
    return CarryOutRun(id=UUID(int=1), worksheet="DEFAULT", started_at=NOW, lines=lines)


def recorded(line: RequisitionLine, after: RequisitionLine, *errors: Problem) -> CarryOutRun:
    """The run of one line after it was decided."""
    return record(run_of(run_line(line)), [(after, errors)], NOW)


@given(st.lists(st.sampled_from(["running", "ordered", "failed", "skipped"]), min_size=1, max_size=6))
def test_run_ends_with_its_last_line_and_is_a_success_only_if_something_was_bought(
    statuses: list[str],
) -> None:
    run = ended(run_of(*(RunLine(line_id=UUID(int=i), status=s) for i, s in enumerate(statuses))), NOW)
    if "running" in statuses:
        assert run.status == "running"
    elif "ordered" not in statuses:
        assert run.status == "failed"
    else:
        assert run.status == ("partly_failed" if "failed" in statuses else "succeeded")


def test_carried_out_line_is_ordered() -> None:
    line = requisition_line()
    run = recorded(line, line.carried_out("P-1", 20000))
    assert (run.status, run.lines[0].purchase_order_no) == ("succeeded", "P-1")


def test_refused_line_keeps_every_reason() -> None:
    """BC-SO-16."""
    line = requisition_line()
    other = Problem(code="item-blocked", detail="blocked")
    run = recorded(line, line.stopped(BLOCKED), BLOCKED, other)
    assert run.lines[0].errors == (BLOCKED, other)
    assert [error.code for _, error in reasons_of(run)] == ["vendor-blocked", "item-blocked"]


def test_superseded_line_is_skipped() -> None:
    line = requisition_line()
    assert recorded(line, line.superseded()).lines[0].status == "skipped"


def test_line_that_purchasing_still_decides_goes_on_running() -> None:
    line = requisition_line()
    assert recorded(line, line.handed_over(UUID(int=2), UUID(int=1))).status == "running"


def test_lines_that_did_not_pass_the_checks_end_the_run_and_the_others_were_not_tried() -> None:
    """BC-SO-15."""
    bad, good = requisition_line(), requisition_line()
    run = failed(run_of(run_line(bad), run_line(good)), {bad.id: (BLOCKED,)}, NOW)
    assert (run.status, [line.line_id for line in run.lines]) == ("failed", [bad.id])


def test_a_run_of_which_something_came_has_no_reasons_to_tell() -> None:
    line = requisition_line()
    assert reasons_of(recorded(line, line.carried_out("P-1", 10000))) == ()


def test_result_shows_each_purchase_order_once_with_its_lines() -> None:
    lines = [
        RunLine(line_id=UUID(int=i), status="ordered", vendor_no="V10", purchase_order_no=no)
        for i, no in enumerate(["P-2", "P-1", "P-2"])
    ]
    result = result_of(run_of(*lines))
    assert [(order.no, len(order.lines)) for order in result.purchase_orders] == [("P-1", 1), ("P-2", 2)]


def test_result_shows_why_a_line_was_skipped() -> None:
    skipped = RunLine(line_id=UUID(int=1), status="skipped", purchase_order_no="P-9", errors=(BLOCKED,))
    (shown,) = result_of(run_of(skipped)).skipped
    assert (shown.code, shown.purchase_order_no) == ("vendor-blocked", "P-9")


def test_result_shows_the_reasons_of_a_failed_line() -> None:
    (shown,) = result_of(
        run_of(RunLine(line_id=UUID(int=1), status="failed", errors=(BLOCKED,)))
    ).failed_lines
    assert [error.code for error in shown.errors] == ["vendor-blocked"]
