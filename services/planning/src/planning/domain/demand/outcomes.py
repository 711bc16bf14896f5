"""What planning does when purchasing has decided a purchase request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.purchasing.outcomes import RequestOutcome, SkippedLine
from contracts.values import Problem
from domainkit.decisions import NewId
from planning.domain.demand.moved_dates import review_message
from planning.domain.demand.rows import AWAITING, CANCELLED, REQUESTED, DemandRow, OrderDemand
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.requisitions.lines import CARRIED_OUT, CARRYING_OUT, OPEN, SUPERSEDED, RequisitionLine

REFUSED: Final = "refused"
REQUEST_SUPERSEDED: Final = "superseded"
RESCHEDULED: Final = "rescheduled"


def follow_outcome(demand: OrderDemand, outcome: RequestOutcome, new_id: NewId) -> OrderDemand:
    """Bring one sales order's requisition lines up to an outcome; the same again changes nothing.

    Created lines are learned from the purchase order itself. Refused ones are open again and say why; skipped ones are
    superseded: the purchase order that has their sales line comes, or came, as its own event.
    """
    working = WorkingDemand(demand)
    for line in demand.lines.values():
        settled = settle(line, outcome)
        if settled is None:
            continue
        row = working.row_of(line)
        if not line.wants_purchase:
            _learn_answer(working, settled, row, new_id)
        elif settled.status == SUPERSEDED:
            working.put(settled)
            # Nothing has the line: its sale was given up before the request was decided.
            if row is not None and row.withdrawn and row.state == REQUESTED and not settled.purchase_order_no:
                working.act(row, state=CANCELLED, problem=None)
        elif row is not None and row.withdrawn and row.state == REQUESTED:
            working.put(line.cancelled(problem=settled.problem))
            working.act(row, state=CANCELLED, problem=None)
        elif settled.problem is not None and line.proposal_id is not None:
            _give_up(working, line.cancelled(problem=settled.problem))
        elif settled.problem is not None:
            working.stop(line, settled.problem)
    return working.result()


def _learn_answer(
    working: WorkingDemand, message: RequisitionLine, row: DemandRow | None, new_id: NewId
) -> None:
    """What a message came to concerns its purchase line alone: the sale is bought as before."""
    working.put(message)
    if row is None:
        return
    if message.status == CARRIED_OUT:
        row = working.learn(row, supply_date=message.due_date)
    # The sale may have moved on, or back, while purchasing decided.
    review_message(working, row, new_id)


def _give_up(working: WorkingDemand, line: RequisitionLine) -> None:
    """A refused row of a proposal leaves nothing behind: its operation says why (BC-PO-10)."""
    working.put(line)
    row = working.row_of(line)
    if row is not None:
        working.act(row, state=AWAITING, requisition_line_id=None, problem=None)
        working.gettable = True


def settle(line: RequisitionLine, outcome: RequestOutcome) -> RequisitionLine | None:
    """The line after the outcome of its request; None if the outcome says nothing about it."""
    if line.status != CARRYING_OUT or line.purchase_request_id != outcome.request_id:
        return None
    skipped = find_skipped(line, outcome)
    if skipped is not None:
        problem = Problem(
            code=skipped.code, detail=skipped.detail or skipped.code, line_no=line.sales_order_line_no
        )
        return line.changed(
            status=SUPERSEDED, problem=problem, purchase_order_no=skipped.purchase_order_no or None
        )
    if outcome.outcome == REQUEST_SUPERSEDED:
        return line.changed(status=SUPERSEDED, problem=_first_error(line, outcome, "superseded"))
    if outcome.outcome == RESCHEDULED:
        return line.carried_out(line.purchase_order_no or "", line.purchase_order_line_no or 0)
    if outcome.outcome == REFUSED:
        problem = _first_error(line, outcome, REFUSED)
        return line.changed(status=OPEN, accept_action_message=False, problem=problem)
    return None


def find_skipped(line: RequisitionLine, outcome: RequestOutcome) -> SkippedLine | None:
    """What the outcome says about this line, if it was left out."""
    return next(
        (
            s
            for s in outcome.skipped
            if s.requisition_line_id == line.id
            or (s.requisition_line_id is None and s.sales_line_id == line.sales_line_id)
        ),
        None,
    )


def errors_of(line: RequisitionLine, errors: Sequence[Problem]) -> tuple[Problem, ...]:
    """The reasons that concern the line: those that name it or no line at all; if there are none, all."""
    own = tuple(e for e in errors if e.line_no is None or e.line_no == line.sales_order_line_no)
    return own or tuple(errors)


def _first_error(line: RequisitionLine, outcome: RequestOutcome, code: str) -> Problem:
    """The reason that names the line, else the first one."""
    own = (e for e in outcome.errors if e.line_no is not None and e.line_no == line.sales_order_line_no)
    first = next(own, None) or next(iter(outcome.errors), None)
    return first or Problem(code=code, detail=f"the purchase request was {code}")
