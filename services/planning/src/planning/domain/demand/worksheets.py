"""What becomes of an order's demand when a person works in a requisition worksheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from contracts.planning.requests import PurchaseRequest
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.decisions import DecisionContext
from planning.domain.demand.moved_dates import seen_by_a_person
from planning.domain.demand.rows import (
    AWAITING,
    EXCEPTION,
    REQUISITIONED,
    SUPERSEDED,
    DemandRow,
    OrderDemand,
    is_gettable,
    row_for,
)
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.requisitions.commands import BOTH, DROP_SHIPMENT, GetSalesOrders, SalesLineFilters
from planning.domain.requisitions.grouping import group, purchase_request, reschedule_request
from planning.domain.requisitions.lines import RESCHEDULE, RequisitionLine
from planning.domain.requisitions.sales_lines import is_flagged


class CarryOutContext(DecisionContext, frozen=True, kw_only=True):
    """What carrying a worksheet out sees besides: the newest copies of the lines' sales orders."""

    orders: Mapping[str, SalesOrder] = {}


def get_sales_lines(
    demand: OrderDemand, order: SalesOrder, get: GetSalesOrders, context: DecisionContext
) -> tuple[OrderDemand, list[RequisitionLine]]:
    """Requisition lines for the flagged lines of an order that nothing procures; open orders count too (BC-SO-07..11).

    After a deleted purchase line this starts the next generation.
    """
    working = WorkingDemand(demand)
    working.customer_no = order.customer_no
    written = []
    for sales in order.lines:
        row = working.newest(sales.id)
        if (
            not _is_asked_for(sales, get.filters)
            or not is_gettable(row, sales)
            or working.live_lines(sales.id)
        ):
            continue
        row = row_to_procure(working, order, sales, row)
        written.append(working.requisition(row, order, sales, get.worksheet, context))
    working.gettable = any(
        is_flagged(line) and is_gettable(working.newest(line.id), line) for line in order.lines
    )
    return working.result(), written


def _is_asked_for(line: SalesLine, filters: SalesLineFilters) -> bool:
    if not is_flagged(line) or (filters.item_no and line.item_no != filters.item_no):
        return False
    return filters.kind == BOTH or (filters.kind == DROP_SHIPMENT) == line.drop_shipment


def row_to_procure(
    working: WorkingDemand, order: SalesOrder, line: SalesLine, row: DemandRow | None
) -> DemandRow:
    """The row of a flagged line that a person procures; after a deleted purchase line the next generation."""
    generation = line.demand.generation if line.demand is not None else 1
    if row is None:
        return row_for(order, line, generation)
    if row.state != EXCEPTION and row.generation >= generation:
        return row
    working.learn(row, state=SUPERSEDED)
    return row_for(order, line, max(generation, row.generation + 1))


def put_edited(demand: OrderDemand, line: RequisitionLine) -> OrderDemand:
    """The demand with an edited requisition line; sales sees another vendor, and a problem that is gone.

    A refused purchase is no exception any more once its line was changed: it waits to be carried out again.
    """
    working = WorkingDemand(demand)
    row = working.row_of(line)
    if not line.wants_purchase:
        working.put(seen_by_a_person(line, row))
        return working.result()
    working.put(line)
    if row is None:
        return working.result()
    problem = row.problem if line.warning or line.problem else None
    state = REQUISITIONED if row.state == EXCEPTION and problem is None else row.state
    if (row.vendor_no, row.problem, row.state) != (line.vendor_no, problem, state):
        working.act(row, vendor_no=line.vendor_no, problem=problem, state=state)
    return working.result()


def put_deleted(demand: OrderDemand, line: RequisitionLine) -> OrderDemand:
    """The demand without a requisition line: it awaits a requisition again, and *get sales orders* finds it.

    So does a refused purchase whose line is given up.
    """
    working = WorkingDemand(demand)
    working.put(line)
    row = working.row_of(line)
    if row is not None and line.wants_purchase and row.state in {REQUISITIONED, EXCEPTION}:
        working.act(row, state=AWAITING, requisition_line_id=None, problem=None)
        working.gettable = True
    if row is not None and line.action_message == RESCHEDULE:
        # A person leaves the purchase where it is; only another move of the sale asks again.
        working.learn(row, has_moved=False)
    return working.result()


def requests_for(
    lines: Sequence[RequisitionLine], context: CarryOutContext, *, run_id: UUID, order_date: date | None
) -> list[tuple[PurchaseRequest, list[RequisitionLine]]]:
    """One purchase request per group, over all sales orders of the worksheet (BC-SO-18); one for each message."""
    to_buy = [line for line in lines if line.wants_purchase]
    moves = [
        (reschedule_request(line, context.new_id, run_id=run_id), [line])
        for line in lines
        if not line.wants_purchase
    ]
    return moves + [
        (
            purchase_request(
                members,
                context.orders,
                context.references,
                new_id=context.new_id,
                run_id=run_id,
                order_date=order_date,
            ),
            members,
        )
        for members in group(to_buy, context.orders, context.references)
    ]


def put_handed_over(
    demand: OrderDemand, handed: Iterable[tuple[RequisitionLine, PurchaseRequest]]
) -> OrderDemand:
    """The demand after requisition lines went to purchasing."""
    working = WorkingDemand(demand)
    for line, request in handed:
        working.hand_over(line, request)
    return working.result()
