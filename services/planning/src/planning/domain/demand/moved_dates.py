"""A sale moves to another day: planning proposes that its own purchase follows, and a person decides (G17)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.decisions import NewId
from planning.domain.demand.rows import ORDERED, REQUESTED, DemandRow
from planning.domain.demand.working_demand import WorkingDemand, message_about
from planning.domain.requisitions.lines import OPEN, PLAN_OUTDATED, RESCHEDULE, RequisitionLine
from planning.domain.requisitions.scheduling import due_date_of


def follow_date(
    working: WorkingDemand, order: SalesOrder, line: SalesLine, row: DemandRow, new_id: NewId
) -> None:
    """Note when the sales line needs its goods now; one that is bought already raises a Reschedule message."""
    if row.state not in {REQUESTED, ORDERED}:
        return
    due = due_date_of(order, line)
    if row.is_of_supply:
        row = working.learn(row, due_date=due, is_of_supply=False)
    elif row.due_date != due:
        row = working.learn(row, due_date=due, has_moved=True)
        review_message(working, row, new_id)


def review_message(working: WorkingDemand, row: DemandRow, new_id: NewId) -> None:
    """Bring the Reschedule message of a row up to its dates: raise, change, question or withdraw it.

    One that purchasing decides is left alone: its outcome is looked at when it comes.
    """
    messages = [m for m in working.live_messages(row.sales_line_id) if _is_about(m, row)]
    if any(message.status != OPEN for message in messages):
        return
    if row.has_moved and row.due_date == row.supply_date:
        row = working.learn(row, has_moved=False)
    if not _is_misplaced(row):
        for message in messages:
            working.put(message.cancelled())
    elif not messages:
        working.put(_message(row, new_id))
    else:
        for message in messages:
            _renew(working, message, row)


def _is_about(message: RequisitionLine, row: DemandRow) -> bool:
    return message.action_message == RESCHEDULE and message.generation == row.generation


def _is_misplaced(row: DemandRow) -> bool:
    """The sale has moved, and what is still to come for it does not come on that day."""
    return (
        row.has_moved
        and row.state == ORDERED
        and not row.withdrawn
        and row.supply_date is not None
        and row.supply_date != row.due_date
    )


def _message(row: DemandRow, new_id: NewId) -> RequisitionLine:
    return message_about(
        row,
        new_id(),
        RESCHEDULE,
        quantity=row.quantity,
        original_due_date=row.supply_date,
    )


def _renew(working: WorkingDemand, message: RequisitionLine, row: DemandRow) -> None:
    """Another day of the sale is another proposal; another day of the supply makes the proposal a question."""
    fields: dict[str, Any] = {}
    if message.due_date != row.due_date and message.original_due_date == row.supply_date:
        fields = _dates(row) | {"accept_action_message": False, "problem": None}
    elif message.original_due_date != row.supply_date and message.warning != PLAN_OUTDATED:
        fields = {"accept_action_message": False, "warning": PLAN_OUTDATED}
    elif message.due_date != row.due_date:
        fields = _dates(row)
    if fields:
        working.put(message.changed(**fields))


def _dates(row: DemandRow) -> dict[str, Any]:
    return {"due_date": row.due_date, "receipt_date": row.due_date, "order_date": row.due_date}


def seen_by_a_person(message: RequisitionLine, row: DemandRow | None) -> RequisitionLine:
    """A message that a person has changed is about the supply as it is now."""
    if row is None or row.supply_date is None or message.action_message != RESCHEDULE:
        return message
    return replace(message, original_due_date=row.supply_date)
