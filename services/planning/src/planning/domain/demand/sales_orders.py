"""What planning does when a sales order changed: take up its demand, procure it, or withdraw it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from contracts.planning.requests import PurchaseRequest
from contracts.purchasing.masters import Vendor
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Problem
from domainkit.decisions import DecisionContext
from planning.domain.demand.moved_dates import follow_date
from planning.domain.demand.rows import (
    AWAITING,
    CANCELLED,
    REQUISITIONED,
    Decision,
    DemandRow,
    OrderDemand,
    is_gettable,
    row_for,
)
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.masters.setup import setup_of
from planning.domain.masters.worksheets import DEFAULT_WORKSHEET
from planning.domain.promising.ending import drop_promised_lines
from planning.domain.requisitions.checks import foreseen_refusal, obstacles, require_copies
from planning.domain.requisitions.costs import home_amount, missed_minimum
from planning.domain.requisitions.grouping import group, purchase_request
from planning.domain.requisitions.lines import ABOVE_LIMIT, BELOW_MINIMUM, RequisitionLine
from planning.domain.requisitions.sales_lines import (
    is_flagged,
    is_for,
    moved,
    outstanding,
    refreshed,
    wants_nothing,
)
from planning.domain.requisitions.scheduling import due_date_of

MANUAL: Final = "manual"
REQUISITION: Final = "requisition"


def follow_sales_order(demand: OrderDemand, order: SalesOrder, context: DecisionContext) -> Decision:
    """Bring the demand up to a snapshot of its order; the same snapshot again changes nothing.

    Only a released line of a generation that was never seen is taken up, so redelivery, replay and a purchase line
    that purchasing linked by itself never make a second requisition.
    """
    working = WorkingDemand(demand)
    working.customer_no = order.customer_no
    wanted = _wanted_lines(order)
    _withdraw_missing(working, wanted, context)
    taken_up = [
        (line, row) for line in wanted.values() if (row := _take_up(working, order, line)) is not None
    ]
    for line in wanted.values():
        bought = working.newest(line.id)
        if bought is not None:
            follow_date(working, order, line, bought, context.new_id)
        _follow_terms(working, order, line, context)
    drop_promised_lines(working, order)
    requests = _procure(working, order, taken_up, context) if taken_up else ()
    working.gettable = any(is_gettable(working.newest(line.id), line) for line in wanted.values())
    return Decision(demand=working.result(), requests=requests)


def _wanted_lines(order: SalesOrder) -> dict[UUID, SalesLine]:
    if wants_nothing(order):
        return {}
    return {
        line.id: line
        for line in order.lines
        if is_flagged(line) and line.demand is not None and line.demand.quantity > 0
    }


def _withdraw_missing(
    working: WorkingDemand, wanted: Mapping[UUID, SalesLine], context: DecisionContext
) -> None:
    for sales_line_id in {row.sales_line_id for row in working.rows.values()} - wanted.keys():
        row = working.newest(sales_line_id)
        if row is not None and not row.withdrawn and row.state != CANCELLED:
            working.withdraw(row, context.new_id())


def _take_up(working: WorkingDemand, order: SalesOrder, line: SalesLine) -> DemandRow | None:
    """The row to procure now, if the snapshot brings one: a new generation, or a line that was withdrawn before."""
    if line.demand is None or not line.demand.released:
        return None
    row = working.newest(line.id)
    if row is None or row.generation < line.demand.generation:
        kept = working.open_requisition(line.id) if row is not None and row.state == REQUISITIONED else None
        working.replace_generations(line.id, kept if kept and is_for(kept, line) else None)
        return working.act(row_for(order, line, line.demand.generation))
    if not row.released:
        # A person got the line before its release: what is requisitioned or bought stays as it is.
        row = working.learn(row, released=True)
        if row.state == AWAITING:
            return working.act(row)
    return working.want_again(row)


def _procure(
    working: WorkingDemand,
    order: SalesOrder,
    taken_up: Sequence[tuple[SalesLine, DemandRow]],
    context: DecisionContext,
) -> tuple[PurchaseRequest, ...]:
    automation = order.procurement_automation or setup_of(context.references).automation
    if automation == MANUAL:
        # A person procures; what one has begun goes on.
        taken_up = [(sales, row) for sales, row in taken_up if working.open_requisition(sales.id)]
    lines = [_write_requisition(working, order, *taken, automation, context) for taken in taken_up]
    if automation in {MANUAL, REQUISITION}:
        return ()
    ready = [
        line for line in lines if line is not None and _is_free_of_obstacles(working, line, order, context)
    ]
    return _request_purchases(working, ready, order, context)


def _write_requisition(
    working: WorkingDemand,
    order: SalesOrder,
    sales: SalesLine,
    row: DemandRow,
    automation: str,
    context: DecisionContext,
) -> RequisitionLine | None:
    """A requisition line in the default worksheet; None if nothing is outstanding.

    An open one of an earlier generation goes on instead: a person may have chosen its vendor and worksheet.
    """
    kept, references = working.open_requisition(sales.id), context.references
    if outstanding(sales) <= 0:
        if kept is not None:
            working.put(kept.superseded())
        return None
    if kept is not None and (
        automation in {MANUAL, REQUISITION} or references.has_come(Vendor, kept.vendor_no)
    ):
        line = refreshed(kept, order, sales, references, generation=row.generation)
        return working.procure_by(line, row)
    if kept is not None:
        working.put(kept.superseded())
    return working.requisition(row, order, sales, DEFAULT_WORKSHEET, context)


def _follow_terms(
    working: WorkingDemand, order: SalesOrder, line: SalesLine, context: DecisionContext
) -> None:
    """Quantity, date and location of a line that is procured already; what is open for a person has its new date.

    Of an order that was never released the open requisition line is not refreshed.
    """
    row = working.newest(line.id)
    if row is None or line.demand is None or not row.released or line.demand.generation > row.generation:
        return
    due_date = due_date_of(order, line)
    if (row.quantity, row.due_date, row.location_code) == (
        line.demand.quantity,
        due_date,
        line.location_code,
    ):
        return
    is_moved = row.due_date != due_date
    working.learn(row, quantity=line.demand.quantity, due_date=due_date, location_code=line.location_code)
    kept = working.open_requisition(line.id)
    if kept is not None and is_moved:
        working.put(moved(kept, order, line, context.references))


def _is_free_of_obstacles(
    working: WorkingDemand, line: RequisitionLine, order: SalesOrder, context: DecisionContext
) -> bool:
    """Whether the line may be bought without a person; else it stays open and says why."""
    require_copies(line, context.references)
    references = context.references
    refusal = obstacles(line, order, references, by_person=False) or foreseen_refusal(line, references)
    if refusal is not None:
        first = refusal.violations[0]
        working.stop(line, _problem(line, first.code, first.detail))
        return False
    minimum = missed_minimum(context.references, line)
    if minimum is not None:
        detail = f"vendor {line.vendor_no} sells item {line.item_no} from {minimum:f}, {line.quantity:f} are wanted"
        working.stop(line, _problem(line, BELOW_MINIMUM, detail))
        return False
    return True


def _request_purchases(
    working: WorkingDemand, lines: Iterable[RequisitionLine], order: SalesOrder, context: DecisionContext
) -> tuple[PurchaseRequest, ...]:
    """One purchase request per group within this sales order, unless it costs more than may be spent unseen (E9)."""
    orders = {order.no: order}
    limit = setup_of(context.references).automation_limit_amount
    requests = []
    for members in group(lines, orders, context.references):
        if limit and (amount := home_amount(context.references, members)) > limit:
            detail = f"{amount:.2f} is above the automation limit of {limit:f}"
            for line in members:
                working.stop(line, _problem(line, ABOVE_LIMIT, detail))
            continue
        request = purchase_request(members, orders, context.references, new_id=context.new_id)
        requests.append(request)
        for line in members:
            working.hand_over(line, request)
    return tuple(requests)


def _problem(line: RequisitionLine, code: str, detail: str) -> Problem:
    return Problem(code=code, detail=detail, line_no=line.sales_order_line_no)
