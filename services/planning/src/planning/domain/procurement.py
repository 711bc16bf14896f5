"""What planning does when a sales order changed: take up its demand, procure it, or withdraw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from contracts.planning import PurchaseRequest
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Problem
from planning.domain import checks, costs
from planning.domain.demand import (
    AWAITING,
    CANCELLED,
    NOT_PROCURED,
    ORDERED,
    REQUESTED,
    REQUISITIONED,
    SUPERSEDED,
    Decision,
    DemandRow,
    Draft,
    OrderDemand,
    cancel_message,
)
from planning.domain.grouping import group, purchase_request
from planning.domain.masters import DEFAULT_WORKSHEET
from planning.domain.references import CopyMissing, References
from planning.domain.requisition import CANCELLED as LINE_CANCELLED
from planning.domain.requisition import (
    CARRYING_OUT,
    OPEN,
    RequisitionLine,
    changed,
    due_date_of,
    for_sales_line,
    outstanding,
)
from planning.domain.requisition import SUPERSEDED as LINE_SUPERSEDED

MANUAL: Final = "manual"
REQUISITION: Final = "requisition"
PURCHASE_ORDER: Final = "purchase_order"

BELOW_MINIMUM: Final = "below-minimum"
ABOVE_LIMIT: Final = "above-automation-limit"
WARNINGS: Final = frozenset({BELOW_MINIMUM, ABOVE_LIMIT})

NewId = Callable[[], UUID]


def is_flagged(line: SalesLine) -> bool:
    """The line is procured for its customer: as a special order or a drop shipment."""
    return (line.special_order or line.drop_shipment) and line.demand is not None


def concerns_demand(order: SalesOrder) -> bool:
    """Whether any line of the order is procured for it."""
    return any(is_flagged(line) for line in order.lines)


def follow_sales_order(demand: OrderDemand, order: SalesOrder, refs: References, new_id: NewId) -> Decision:
    """Bring the demand up to a snapshot of its order; the same snapshot again changes nothing.

    Only a released line of a generation that was never seen is taken up, so redelivery, replay and a purchase line
    that purchasing linked by itself never make a second requisition.
    """
    draft = Draft(demand)
    draft.customer_no = order.customer_no
    wanted = _wanted(order)
    _withdraw_missing(draft, wanted, new_id)
    taken_up = [(line, row) for line in wanted.values() if (row := _take_up(draft, order, line)) is not None]
    requests = _procure(draft, order, taken_up, refs, new_id) if taken_up else ()
    draft.gettable = any(is_gettable(draft.newest(line.id), line) for line in wanted.values())
    return Decision(demand=draft.done(), requests=requests)


def is_gettable(row: DemandRow | None, line: SalesLine) -> bool:
    """Whether *get sales orders* may take the line: it wants something, and nothing procures it (BC-SO-07)."""
    return outstanding(line) > 0 and (row is None or row.state in NOT_PROCURED)


def row_for(order: SalesOrder, line: SalesLine, generation: int, state: str) -> DemandRow:
    """The first record of a generation of a flagged line."""
    if line.demand is None:
        msg = f"line {line.line_no} of {order.no} has no demand"
        raise ValueError(msg)
    return DemandRow(
        sales_line_id=line.id,
        generation=generation,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        state=state,
        item_no=line.item_no,
        quantity=line.demand.quantity,
        due_date=due_date_of(order, line),
        unit_of_measure_code=line.unit_of_measure_code,
        location_code=line.location_code,
        drop_shipment=line.drop_shipment,
        released=line.demand.released,
    )


def _wanted(order: SalesOrder) -> dict[UUID, SalesLine]:
    if order.deleted or order.status == "cancelled":
        return {}
    return {
        line.id: line
        for line in order.lines
        if is_flagged(line) and line.demand is not None and line.demand.quantity > 0
    }


def _withdraw_missing(draft: Draft, wanted: dict[UUID, SalesLine], new_id: NewId) -> None:
    for sales_line_id in {row.sales_line_id for row in draft.rows.values()} - wanted.keys():
        row = draft.newest(sales_line_id)
        if row is not None and not row.withdrawn and row.state != CANCELLED:
            _withdraw(draft, row, new_id)


def _withdraw(draft: Draft, row: DemandRow, new_id: NewId) -> None:
    """Cancel what is not bought yet; what is bought or asked for gets a Cancel message once it is ordered."""
    if row.state in {REQUESTED, ORDERED}:
        draft.learn(row, withdrawn=True)
        if row.state == ORDERED:
            draft.put(cancel_message(row, new_id()))
        return
    for line in draft.live_lines(row.sales_line_id):
        draft.put(changed(line, status=LINE_CANCELLED, accept_action_message=False))
    draft.act(row, state=CANCELLED, problem=None)


def _take_up(draft: Draft, order: SalesOrder, line: SalesLine) -> DemandRow | None:
    """The row to procure now, if the snapshot brings one."""
    if line.demand is None or not line.demand.released:
        return None
    row = draft.newest(line.id)
    if row is None or row.generation < line.demand.generation:
        _close_older(draft, line.id)
        return draft.act(row_for(order, line, line.demand.generation, AWAITING))
    if row.released:
        return None
    row = draft.learn(row, released=True)
    return draft.act(row, state=AWAITING) if row.state in {AWAITING, CANCELLED} else None


def _close_older(draft: Draft, sales_line_id: UUID) -> None:
    """A new generation replaces the older ones: sales knows that they came to nothing, maybe before planning does."""
    for line in draft.live_lines(sales_line_id):
        draft.put(changed(line, status=LINE_SUPERSEDED, accept_action_message=False))
    for row in list(draft.rows.values()):
        if row.sales_line_id == sales_line_id and row.state != CANCELLED:
            draft.learn(row, state=SUPERSEDED)


def _procure(
    draft: Draft,
    order: SalesOrder,
    taken_up: Sequence[tuple[SalesLine, DemandRow]],
    refs: References,
    new_id: NewId,
) -> tuple[PurchaseRequest, ...]:
    automation = order.procurement_automation or refs.setup.automation
    if automation == MANUAL:
        return ()
    ready = [
        line
        for sales, row in taken_up
        if (line := _requisition(draft, order, sales, row, refs, new_id)) is not None
        and automation != REQUISITION
        and _is_free_of_obstacles(draft, line, order, refs)
    ]
    return _carry_out(draft, ready, order, refs, new_id)


def _requisition(
    draft: Draft, order: SalesOrder, sales: SalesLine, row: DemandRow, refs: References, new_id: NewId
) -> RequisitionLine | None:
    """A requisition line in the default worksheet; None if nothing is outstanding."""
    if outstanding(sales) <= 0:
        return None
    line = for_sales_line(
        order, sales, line_id=new_id(), generation=row.generation, worksheet=DEFAULT_WORKSHEET, refs=refs
    )
    draft.put(line)
    draft.act(row, state=REQUISITIONED, requisition_line_id=line.id, vendor_no=line.vendor_no)
    return line


def _is_free_of_obstacles(draft: Draft, line: RequisitionLine, order: SalesOrder, refs: References) -> bool:
    """Whether the line may be bought without a person; else it stays open and says why."""
    require_copies(line, refs)
    found = checks.violations(line, order, refs)
    if found:
        stop(
            draft, line, Problem(code=found[0].code, detail=found[0].detail, line_no=line.sales_order_line_no)
        )
        return False
    minimum = costs.below_minimum(
        refs, line.vendor_no, line.item_no, line.quantity, line.qty_per_unit_of_measure
    )
    if minimum is not None:
        detail = f"vendor {line.vendor_no} sells item {line.item_no} from {minimum:f}, {line.quantity:f} are wanted"
        stop(draft, line, Problem(code=BELOW_MINIMUM, detail=detail, line_no=line.sales_order_line_no))
        return False
    return True


def require_copies(line: RequisitionLine, refs: References) -> None:
    """The vendor and the purchasing code were named by masters that exist, so their copies are on the way at worst."""
    if line.vendor_no and line.vendor_no not in refs.vendors:
        raise CopyMissing("vendor", line.vendor_no)
    if line.purchasing_code and line.purchasing_code not in refs.purchasing_codes:
        raise CopyMissing("purchasing-code", line.purchasing_code)


def stop(draft: Draft, line: RequisitionLine, problem: Problem) -> None:
    """The line stays open for a person, not accepted; the sales order sees why."""
    warning = problem.code if problem.code in WARNINGS else ""
    draft.put(
        changed(
            line,
            status=OPEN,
            accept_action_message=False,
            purchase_request_id=None,
            warning=warning,
            problem=None if warning else problem,
        )
    )
    row = row_of(draft, line)
    if row is not None:
        draft.act(row, state=REQUISITIONED, problem=problem)


def row_of(draft: Draft, line: RequisitionLine) -> DemandRow | None:
    """The demand that a requisition line serves."""
    if line.sales_line_id is None:
        return None
    return draft.rows.get((line.sales_line_id, line.generation))


def _carry_out(
    draft: Draft, lines: Iterable[RequisitionLine], order: SalesOrder, refs: References, new_id: NewId
) -> tuple[PurchaseRequest, ...]:
    """One purchase request per group within this sales order, unless it costs more than may be spent unseen (E9)."""
    orders = {order.no: order}
    requests = []
    for members in group(lines, orders, refs):
        amount = _amount_above_limit(members, refs)
        if amount is not None:
            detail = f"{amount:.2f} is above the automation limit of {refs.setup.automation_limit_amount:f}"
            for line in members:
                stop(draft, line, Problem(code=ABOVE_LIMIT, detail=detail, line_no=line.sales_order_line_no))
            continue
        request = purchase_request(members, orders, refs, new_id=new_id)
        requests.append(request)
        for line in members:
            hand_over(draft, line, request)
    return tuple(requests)


def hand_over(draft: Draft, line: RequisitionLine, request: PurchaseRequest) -> None:
    """The line is purchasing's to decide from now on."""
    draft.put(
        changed(
            line,
            status=CARRYING_OUT,
            accept_action_message=True,
            purchase_request_id=request.id,
            run_id=request.run_id,
            warning="",
            problem=None,
        )
    )
    row = row_of(draft, line)
    if row is not None:
        draft.act(row, state=REQUESTED, vendor_no=line.vendor_no, problem=None)


def _amount_above_limit(lines: Sequence[RequisitionLine], refs: References) -> Decimal | None:
    limit = refs.setup.automation_limit_amount
    if not limit:
        return None
    amount = sum(
        (
            costs.home_amount(
                refs,
                line.vendor_no,
                line.item_no,
                line.quantity,
                line.qty_per_unit_of_measure,
                line.order_date,
            )
            for line in lines
        ),
        start=Decimal(0),
    )
    return amount if amount > limit else None
