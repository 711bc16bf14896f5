"""Links between purchase and sales lines: one active link per sales line, each generation at most once."""

from __future__ import annotations

from uuid import UUID

import msgspec

from contracts.purchasing.orders import PurchaseLink
from contracts.sales.orders import LineDemand, SalesLine, SalesOrder
from contracts.values import Model, Problem
from purchasing.domain.orders.order import Order

ASSOCIATED = "already-associated-with-purchase-order"
SUPERSEDED = "superseded"


class LinkState(Model, frozen=True, kw_only=True):
    """The links of a sales line: the highest generation so far, and the order of the active link ("": none)."""

    highest_generation: int
    active_order_no: str = ""


class LinkRow(Model, frozen=True, kw_only=True):
    """One link as its own record, never deleted: it keeps a generation from being bought twice."""

    sales_line_id: UUID
    generation: int
    link_id: UUID
    kind: str
    purchase_order_no: str
    line_id: UUID
    sales_order_no: str
    active: bool


def link_row(link: PurchaseLink, purchase_order_no: str, line_id: UUID) -> LinkRow:
    """The link of a purchase line as its own record."""
    return LinkRow(
        sales_line_id=link.sales.sales_line_id,
        generation=link.sales.generation,
        link_id=link.link_id,
        kind=link.kind,
        purchase_order_no=purchase_order_no,
        line_id=line_id,
        sales_order_no=link.sales.sales_order_no,
        active=link.active,
    )


def refused_generation(state: LinkState | None, generation: int) -> str:
    """Why a request of this generation may not be bought: the code, or "" if it may.

    A generation that was linked and lost its link is not bought again automatically either (BC-SO-42).
    """
    if state is None:
        return ""
    if state.active_order_no:
        return ASSOCIATED
    return SUPERSEDED if generation <= state.highest_generation else ""


def next_generation(line: SalesLine, state: LinkState | None) -> int:
    """The generation that *get sales order* takes: above all links and above planning's newest."""
    wanted = line.demand.generation if line.demand is not None else 0
    return max(wanted, state.highest_generation if state is not None else 0) + 1


class LinkedSalesLine(Model, frozen=True, kw_only=True):
    """What of a sales line decides whether its link is sound."""

    id: UUID
    line_no: int
    demand: LineDemand | None = None


class LinkedSalesOrder(Model, frozen=True, kw_only=True):
    """What of a sales order decides whether its links are sound."""

    no: str
    status: str
    lines: tuple[LinkedSalesLine, ...] = ()
    # Not called `deleted`: reference data leaves deleted records out, and here the deletion is what matters.
    is_gone: bool = msgspec.field(name="deleted", default=False)


def linked_sales_order(order: SalesOrder) -> LinkedSalesOrder:
    """The part of a sales order that links are judged by."""
    lines = tuple(LinkedSalesLine(id=x.id, line_no=x.line_no, demand=x.demand) for x in order.lines)
    return LinkedSalesOrder(no=order.no, status=order.status, lines=lines, is_gone=order.deleted)


def link_problem(link: LinkRow | PurchaseLink, order: LinkedSalesOrder | None) -> Problem | None:
    """What is wrong with a link, judged by its sales order (None while there is no copy): I2, I8."""
    if order is None or not link.active:
        return None
    sales_line_id = link.sales_line_id if isinstance(link, LinkRow) else link.sales.sales_line_id
    line = next((x for x in order.lines if x.id == sales_line_id), None)
    if order.is_gone or line is None:
        return Problem(
            code="sales-line-deleted", detail=f"sales order {order.no} does not have the line any more"
        )
    if order.status == "cancelled" or (line.demand is not None and not line.demand.quantity):
        detail = f"sales order {order.no} line {line.line_no} was cancelled"
        return Problem(code="sales-line-cancelled", detail=detail, line_no=line.line_no)
    if line.demand is None:
        detail = f"sales order {order.no} line {line.line_no} is not bought for any more"
        return Problem(code="sales-line-not-flagged", detail=detail, line_no=line.line_no)
    return None


def ended_links(before: Order, after: Order) -> list[LinkRow]:
    """The links that served a sales line before an act and do not any more."""
    kept = {line.id for line in after.linked_lines}
    return [
        link_row(line.link, before.no, line.id)
        for line in before.linked_lines
        if line.id not in kept and line.link is not None
    ]
