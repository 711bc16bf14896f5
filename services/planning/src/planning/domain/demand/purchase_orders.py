"""What planning does when a purchase order changed: its lines answer requisition lines and demand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from contracts.purchasing.orders import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.values import Problem
from domainkit.decisions import NewId
from planning.domain.demand.moved_dates import review_message
from planning.domain.demand.rows import (
    AWAITING,
    CANCELLED,
    EXCEPTION,
    ORDERED,
    REQUESTED,
    REQUISITIONED,
    SUPERSEDED,
    DemandRow,
    OrderDemand,
)
from planning.domain.demand.working_demand import WorkingDemand, cancel_message
from planning.domain.requisitions.lines import CANCEL, OPEN, RequisitionLine


def linked_lines(order: PurchaseOrder) -> Iterable[tuple[PurchaseLine, PurchaseLink]]:
    """Lines that serve a sales line, or did."""
    return ((line, line.link) for line in order.lines if line.link is not None)


def served_orders(order: PurchaseOrder) -> set[str]:
    """Sales orders that the purchase order serves, by binding links or by demand links."""
    bound = {link.sales.sales_order_no for _, link in linked_lines(order)}
    return bound | {made_for.sales_order_no for line in order.lines for made_for in line.demand}


def is_active(line: PurchaseLine, link: PurchaseLink) -> bool:
    """The purchase line is there and bound."""
    return link.active and not line.deleted


def unknown_links(
    demand: OrderDemand | None, order: PurchaseOrder, sales_order_no: str
) -> list[PurchaseLink]:
    """Active links to a sales order whose generation planning does not know: purchasing made them by itself."""
    rows = demand.rows if demand is not None else {}
    return [
        link
        for line, link in linked_lines(order)
        if link.sales.sales_order_no == sales_order_no
        and is_active(line, link)
        and (link.sales.sales_line_id, link.sales.generation) not in rows
    ]


def follow_purchase_order(
    demand: OrderDemand, order: PurchaseOrder, new_id: NewId, *, gone: Collection[UUID] = frozenset()
) -> OrderDemand:
    """Bring one sales order's demand up to a snapshot of a purchase order; the same again changes nothing.

    A link of an unknown generation is adopted: its row is written and planning's own open requisition lines of that
    sales line are superseded. What is learned here is not published again.
    `gone`: linked sales lines that do not exist any more, of which planning may never have heard.
    """
    working = WorkingDemand(demand)
    for line, link in linked_lines(order):
        sales = link.sales
        if sales.sales_order_no != demand.sales_order_no:
            continue
        row = working.rows.get((sales.sales_line_id, sales.generation)) or _adopted(order, line, link)
        if sales.sales_line_id in gone and not row.withdrawn:
            row = working.learn(row, withdrawn=True)
        if is_active(line, link):
            _learn_link(working, order, line, row, new_id)
        else:
            _learn_unlinked(working, order, line, row)
    _learn_demand_links(working, order)
    return working.result()


def _learn_link(
    working: WorkingDemand, order: PurchaseOrder, line: PurchaseLine, row: DemandRow, new_id: NewId
) -> None:
    if working.is_superseded(row):
        row = working.learn(row, state=SUPERSEDED)
    elif row.state != ORDERED:
        row = working.learn(
            row,
            state=ORDERED,
            asked=True,
            problem=None,
            vendor_no=order.vendor_no,
            requisition_line_id=line.requisition_line_id or row.requisition_line_id,
            purchase_order_no=order.no,
            purchase_order_line_no=line.line_no,
        )
        # The sales line was withdrawn while its purchase was under way: only a person may cancel an order.
        if row.withdrawn:
            working.put(cancel_message(row, new_id()))
    supply_date = _supply_date(line)
    if row.supply_date != supply_date and not working.is_superseded(row):
        row = working.learn(row, supply_date=supply_date)
    if row.has_moved:
        review_message(working, row, new_id)
    _supersede_others(working, row, line.requisition_line_id)
    asked = working.lines.get(line.requisition_line_id) if line.requisition_line_id else None
    if asked is not None and asked.is_live:
        working.put(asked.carried_out(order.no, line.line_no))


def _supply_date(line: PurchaseLine) -> date | None:
    """When the line brings what is still to come; None if nothing is, or no date is known."""
    if line.quantity_received >= line.quantity:
        return None
    return line.confirmed_date or line.expected_receipt_date


def _learn_demand_links(working: WorkingDemand, order: PurchaseOrder) -> None:
    """Requisition lines of a proposal for lines that are sold from stock: they bind nothing, and are done."""
    for line in order.lines:
        asked = working.lines.get(line.requisition_line_id) if line.requisition_line_id else None
        if line.demand and asked is not None and asked.is_live:
            working.put(asked.carried_out(order.no, line.line_no))


def _learn_unlinked(working: WorkingDemand, order: PurchaseOrder, line: PurchaseLine, row: DemandRow) -> None:
    """The purchase line was deleted, or refused. Nothing is bought again by itself; a withdrawn line needs nothing."""
    for message in working.live_messages(row.sales_line_id):
        if message.generation == row.generation:
            working.put(_answered(message, order, line, row))
    if working.is_superseded(row):
        working.learn(row, state=SUPERSEDED)
        return
    if row.state not in {REQUESTED, ORDERED}:
        return
    if row.withdrawn:
        working.act(row, state=CANCELLED, problem=None)
        return
    problem = _why_unlinked(order, line, row.sales_order_line_no)
    working.learn(row, state=EXCEPTION, problem=problem, purchase_order_no=None, purchase_order_line_no=None)
    working.gettable = True


def _answered(
    message: RequisitionLine, order: PurchaseOrder, line: PurchaseLine, row: DemandRow
) -> RequisitionLine:
    """Without its purchase line a Cancel message is done; any other came to nothing."""
    if message.action_message == CANCEL:
        return message.carried_out(order.no, line.line_no)
    return message.cancelled(problem=_why_unlinked(order, line, row.sales_order_line_no))


def _why_unlinked(order: PurchaseOrder, line: PurchaseLine, sales_order_line_no: int) -> Problem:
    where = f"purchase order {order.no} line {line.line_no}"
    if line.refusal_reason:
        detail = f"{where} was refused by the vendor: {line.refusal_reason}"
        return Problem(code="vendor-refused", detail=detail, line_no=sales_order_line_no)
    return Problem(code="purchase-line-deleted", detail=f"{where} was deleted", line_no=sales_order_line_no)


def _adopted(order: PurchaseOrder, line: PurchaseLine, link: PurchaseLink) -> DemandRow:
    sales = link.sales
    return DemandRow(
        sales_line_id=sales.sales_line_id,
        generation=sales.generation,
        sales_order_no=sales.sales_order_no,
        sales_order_line_no=sales.sales_order_line_no,
        state=REQUESTED,
        asked=True,
        item_no=line.item_no,
        quantity=line.quantity,
        due_date=line.expected_receipt_date or order.order_date,
        is_of_supply=True,
        unit_of_measure_code=line.unit_of_measure_code,
        location_code=line.location_code,
        drop_shipment=link.kind == "drop_shipment",
        vendor_no=order.vendor_no,
    )


def _supersede_others(working: WorkingDemand, row: DemandRow, requisition_line_id: UUID | None) -> None:
    """What planning still had open for the line would buy it twice."""
    for line in working.live_lines(row.sales_line_id):
        if line.status == OPEN and line.id != requisition_line_id and line.generation <= row.generation:
            working.put(line.superseded())
    for other in working.rows_of(row.sales_line_id):
        if other.generation < row.generation and other.state in {
            AWAITING,
            REQUISITIONED,
            REQUESTED,
            EXCEPTION,
        }:
            working.learn(other, state=SUPERSEDED)
