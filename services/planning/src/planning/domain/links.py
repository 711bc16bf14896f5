"""What planning does when a purchase order changed: its lines answer requisition lines and demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from contracts.purchasing import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.values import Problem
from planning.domain.demand import (
    AWAITING,
    CANCELLED,
    EXCEPTION,
    ORDERED,
    REQUESTED,
    REQUISITIONED,
    SUPERSEDED,
    DemandRow,
    Draft,
    OrderDemand,
    cancel_message,
)
from planning.domain.requisition import CARRIED_OUT, OPEN, RequisitionLine, changed
from planning.domain.requisition import SUPERSEDED as LINE_SUPERSEDED

NewId = Callable[[], UUID]


def linked_lines(order: PurchaseOrder) -> Iterable[tuple[PurchaseLine, PurchaseLink]]:
    """Lines that serve a sales line, or did."""
    return ((line, line.link) for line in order.lines if line.link is not None)


def is_active(line: PurchaseLine, link: PurchaseLink) -> bool:
    """The purchase line is there and bound."""
    return link.active and not line.deleted


def unknown_links(
    demand: OrderDemand | None, order: PurchaseOrder, sales_order_no: str
) -> list[PurchaseLink]:
    """Active links to a sales order whose generation planning does not know: somebody else made them."""
    rows = demand.rows if demand is not None else {}
    return [
        link
        for line, link in linked_lines(order)
        if link.sales.sales_order_no == sales_order_no
        and is_active(line, link)
        and (link.sales.sales_line_id, link.sales.generation) not in rows
    ]


def follow_purchase_order(demand: OrderDemand, order: PurchaseOrder, new_id: NewId) -> OrderDemand:
    """Bring one sales order's demand up to a snapshot of a purchase order; the same again changes nothing.

    A link of an unknown generation is adopted: its row is written and planning's own open requisition lines of that
    sales line are superseded (architecture 2). What is learned here is not told again.
    """
    draft = Draft(demand)
    for line, link in linked_lines(order):
        if link.sales.sales_order_no != demand.sales_order_no:
            continue
        if is_active(line, link):
            _learn_link(draft, order, line, link, new_id)
        else:
            _learn_unlinked(draft, order, line, link)
    return draft.done()


def carried_out(line: RequisitionLine, order: PurchaseOrder, purchase_line: PurchaseLine) -> RequisitionLine:
    """The requisition line became this purchase line."""
    return changed(
        line,
        status=CARRIED_OUT,
        purchase_order_no=order.no,
        purchase_order_line_no=purchase_line.line_no,
        warning="",
        problem=None,
    )


def _learn_link(
    draft: Draft, order: PurchaseOrder, line: PurchaseLine, link: PurchaseLink, new_id: NewId
) -> None:
    sales = link.sales
    row = draft.rows.get((sales.sales_line_id, sales.generation)) or _adopted(order, line, link)
    if _is_superseded(draft, row):
        draft.learn(row, state=SUPERSEDED)
    elif row.state != ORDERED:
        row = draft.learn(
            row,
            state=ORDERED,
            problem=None,
            vendor_no=order.vendor_no,
            requisition_line_id=line.requisition_line_id or row.requisition_line_id,
            purchase_order_no=order.no,
            purchase_order_line_no=line.line_no,
        )
        if row.withdrawn:
            draft.put(cancel_message(row, new_id()))
    _supersede_others(draft, row, line.requisition_line_id)
    asked = draft.lines.get(line.requisition_line_id) if line.requisition_line_id else None
    if asked is not None and asked.is_live:
        draft.put(carried_out(asked, order, line))


def _learn_unlinked(draft: Draft, order: PurchaseOrder, line: PurchaseLine, link: PurchaseLink) -> None:
    """The purchase line was deleted. Nothing is bought again by itself; where it was unwanted anyway, all is well."""
    sales = link.sales
    row = draft.rows.get((sales.sales_line_id, sales.generation)) or _adopted(order, line, link)
    for message in draft.live_lines(sales.sales_line_id, purchases=False):
        if message.generation == sales.generation:
            draft.put(carried_out(message, order, line))
    if _is_superseded(draft, row):
        draft.learn(row, state=SUPERSEDED)
        return
    if row.state not in {REQUESTED, ORDERED}:
        return
    if row.withdrawn:
        draft.act(row, state=CANCELLED, problem=None)
        return
    detail = f"purchase order {order.no} line {line.line_no} was deleted"
    problem = Problem(code="purchase-line-deleted", detail=detail, line_no=sales.sales_order_line_no)
    draft.learn(row, state=EXCEPTION, problem=problem, purchase_order_no=None, purchase_order_line_no=None)
    draft.gettable = True


def _is_superseded(draft: Draft, row: DemandRow) -> bool:
    """Whether a higher generation of the line is known: then nothing that comes of this one brings it back."""
    newest = draft.newest(row.sales_line_id)
    return newest is not None and newest.generation > row.generation


def _adopted(order: PurchaseOrder, line: PurchaseLine, link: PurchaseLink) -> DemandRow:
    sales = link.sales
    return DemandRow(
        sales_line_id=sales.sales_line_id,
        generation=sales.generation,
        sales_order_no=sales.sales_order_no,
        sales_order_line_no=sales.sales_order_line_no,
        state=REQUESTED,
        item_no=line.item_no,
        quantity=line.quantity,
        due_date=line.expected_receipt_date or order.order_date,
        unit_of_measure_code=line.unit_of_measure_code,
        location_code=line.location_code,
        drop_shipment=link.kind == "drop_shipment",
        vendor_no=order.vendor_no,
    )


def _supersede_others(draft: Draft, row: DemandRow, requisition_line_id: UUID | None) -> None:
    """What planning still had open for the line would buy it twice."""
    for line in draft.live_lines(row.sales_line_id):
        if line.status == OPEN and line.id != requisition_line_id and line.generation <= row.generation:
            draft.put(changed(line, status=LINE_SUPERSEDED, accept_action_message=False))
    for other in list(draft.rows.values()):
        if (
            other.sales_line_id == row.sales_line_id
            and other.generation < row.generation
            and other.state in {AWAITING, REQUISITIONED, REQUESTED, EXCEPTION}
        ):
            draft.learn(other, state=SUPERSEDED)
