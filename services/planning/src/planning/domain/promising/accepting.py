"""A person promises dates to the customer: sales is asked to put them on its lines, and what is missing is planned."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.planning.requests import OrderPromise, PromisedLine
from contracts.refusals import Violations, conflict
from contracts.sales.orders import SalesOrder
from domainkit.decisions import DecisionContext
from planning.domain.demand.rows import OrderDemand, is_gettable
from planning.domain.demand.working_demand import WorkingDemand
from planning.domain.demand.worksheets import row_to_procure
from planning.domain.masters.items import ItemCard
from planning.domain.masters.supply import vendor_of
from planning.domain.masters.worksheets import DEFAULT_WORKSHEET
from planning.domain.promising.commands import AcceptPromise
from planning.domain.promising.promising import Foreseen
from planning.domain.requisitions.costs import priced
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.sales_lines import is_flagged, line_into_stock
from planning.domain.requisitions.scheduling import schedule_into_stock


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The demand with its new requisition lines, and what sales is asked."""

    demand: OrderDemand
    promise: OrderPromise


def accept_promise(
    order: SalesOrder,
    foreseen: Sequence[Foreseen],
    accept: AcceptPromise,
    demand: OrderDemand,
    context: DecisionContext,
) -> Accepted:
    """ATP where there is one, else CTP with a requisition line in DEFAULT (BC-PL-31, BC-PL-33).

    Refused with every reason: unknown lines, ordinary lines of an order that is not open, nothing to promise.
    """
    chosen = _chosen(order, foreseen, accept)
    _check(order, chosen)
    working = WorkingDemand(demand)
    working.customer_no = order.customer_no
    promise_id = context.new_id()
    lines = []
    for each in chosen:
        if each.day is None:
            continue
        planned = _plan(working, order, each, promise_id, context) if each.promise.atp_date is None else None
        lines.append(
            PromisedLine(
                sales_line_id=each.sales.id,
                sales_order_line_no=each.sales.line_no,
                shipment_date=each.day,
                requisition_line_id=planned.id if planned is not None else None,
            )
        )
    working.gettable = any(
        is_flagged(line) and is_gettable(working.newest(line.id), line) for line in order.lines
    )
    promise = OrderPromise(version=1, id=promise_id, sales_order_no=order.no, lines=tuple(lines))
    return Accepted(demand=working.result(), promise=promise)


def _chosen(order: SalesOrder, foreseen: Sequence[Foreseen], accept: AcceptPromise) -> list[Foreseen]:
    if accept.line_nos is None:
        return list(foreseen)
    by_no = {each.sales.line_no: each for each in foreseen}
    known = {line.line_no for line in order.lines}
    found = Violations()
    for i, line_no in enumerate(accept.line_nos):
        if line_no not in known:
            detail = f"sales order {order.no} has no line {line_no}"
            found.invalid("unknown-line", detail, f"/line_nos/{i}")
        elif line_no not in by_no:
            detail = f"line {line_no} of sales order {order.no} has nothing to promise"
            found.conflict("nothing-to-promise", detail, f"/line_nos/{i}")
    found.refuse_if_any()
    return [by_no[line_no] for line_no in dict.fromkeys(accept.line_nos)]


def _check(order: SalesOrder, chosen: Sequence[Foreseen]) -> None:
    """Sales decides; what its order says already is refused here at once."""
    if not chosen:
        raise conflict("nothing-to-promise", f"sales order {order.no} has nothing to promise")
    found = Violations()
    for each in chosen:
        if order.status != "open" and not is_flagged(each.sales):
            detail = (
                f"sales order {order.no} is {order.status}; only an open one changes what it sells from stock"
            )
            found.conflict("order-not-open", detail, line_no=each.sales.line_no)
    found.refuse_if_any()


def _plan(
    working: WorkingDemand, order: SalesOrder, each: Foreseen, promise_id: UUID, context: DecisionContext
) -> RequisitionLine | None:
    """The requisition line that buys what is missing; what is requisitioned already goes on."""
    sales = each.sales
    live = working.live_lines(sales.id)
    if live:
        return live[0]
    if not is_flagged(sales):
        line = _into_stock(order, each, promise_id, context)
        working.put(line)
        return line
    row = row_to_procure(working, order, sales, working.newest(sales.id))
    line = working.requisition(row, order, sales, DEFAULT_WORKSHEET, context)
    line = replace(line, accept_action_message=True, promise_id=promise_id)
    working.put(line)
    return line


def _into_stock(
    order: SalesOrder, each: Foreseen, promise_id: UUID, context: DecisionContext
) -> RequisitionLine:
    """Bought into stock for the promised day, in base units."""
    references, sales = context.references, each.sales
    item = references.all_of(ItemCard)[sales.item_no]
    vendor_no = vendor_of(references, sales.item_no, sales.location_code)
    day = each.promise.ctp_date or order.order_date
    schedule = schedule_into_stock(references, day, vendor_no, sales.item_no, sales.location_code)
    unit = item.base_unit_of_measure
    made = replace(
        line_into_stock(order, sales, schedule, line_id=context.new_id(), quantity=each.missing, unit=unit),
        accept_action_message=True,
        promise_id=promise_id,
        vendor_no=vendor_no,
        explanation=f"promised for sales order {order.no} line {sales.line_no} on {day}",
    )
    return priced(references, made)
