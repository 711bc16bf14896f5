"""Sales asks for changes of linked lines: each is decided once, for all its lines or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from contracts.purchasing import ChangedLine, RequestOutcome
from contracts.refusals import Violations
from contracts.sales import RequestedChange, SalesOrder
from contracts.values import Problem
from purchasing.domain.orders.closing_short import check_closable, shortened
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.undoing import check_undoable, without_receipts
from purchasing.domain.requests.posting_requests import LinkedLine

CHANGED: Final = "changed"
REFUSED: Final = "refused"
UNDO_SHIPMENT: Final = "undo_shipment"
CLOSE_SHORT: Final = "close_short"


class DecidedChange(msgspec.Struct, kw_only=True):
    """What became of a requested change: the orders after it, or the reasons why not."""

    change: RequestedChange
    sales_order_no: str
    orders: tuple[Order, ...] = ()
    lines: tuple[ChangedLine, ...] = ()
    errors: tuple[Problem, ...] = ()

    def event(self) -> RequestOutcome:
        """The outcome as it is published."""
        outcome = REFUSED if self.errors else CHANGED
        return RequestOutcome(
            version=1,
            happened=(outcome,),
            request_id=self.change.id,
            kind="requested_change",
            outcome=outcome,
            purchase_order_no=self.orders[0].no if self.orders else "",
            sales_order_no=self.sales_order_no,
            errors=self.errors,
            changed_lines=self.lines,
        )

    @property
    def undone(self) -> frozenset[UUID]:
        """The receipts that were taken back."""
        if self.errors or self.change.kind != UNDO_SHIPMENT:
            return frozenset()
        return frozenset(id_ for line in self.change.lines for id_ in line.posting_ids)


def decide_requested_change(
    sales_order: SalesOrder,
    change: RequestedChange,
    orders: Mapping[str, Order],
    linked: Mapping[UUID, LinkedLine],
) -> DecidedChange:
    """Change all lines of the request, or say every reason why not."""
    found = Violations()
    seen = dict(orders)
    touched: dict[UUID, str] = {}
    for asked in change.lines:
        place = linked.get(asked.sales_line_id)
        order = seen.get(place.order_no) if place else None
        line = _linked_line(order, asked.sales_line_id)
        if order is None or line is None:
            _note_not_associated(found, sales_order, asked.sales_line_id)
        elif change.kind == UNDO_SHIPMENT:
            for posting_id in asked.posting_ids:
                check_undoable(found, order, line, posting_id)
            seen[order.no] = without_receipts(order, asked.posting_ids)
            touched[asked.sales_line_id] = order.no
        else:
            check_closable(found, order, line)
            seen[order.no] = shortened(order, [line])
            touched[asked.sales_line_id] = order.no
    refusal = found.refusal()
    if refusal is not None:
        errors = tuple(refusal.problems())
        return DecidedChange(change=change, sales_order_no=sales_order.no, errors=errors)
    return DecidedChange(
        change=change,
        sales_order_no=sales_order.no,
        orders=tuple(seen[no] for no in sorted(set(touched.values()))),
        lines=tuple(_changed(seen[no], id_) for id_, no in touched.items()),
    )


def _linked_line(order: Order | None, sales_line_id: UUID) -> Line | None:
    for line in order.linked_lines if order else ():
        if line.active_link and line.active_link.sales.sales_line_id == sales_line_id:
            return line
    return None


def _note_not_associated(found: Violations, sales_order: SalesOrder, sales_line_id: UUID) -> None:
    line_no = next((line.line_no for line in sales_order.lines if line.id == sales_line_id), None)
    detail = f"sales order {sales_order.no} line {line_no} has no purchase order"
    found.conflict("not-associated-with-purchase-order", detail, line_no=line_no)


def _changed(order: Order, sales_line_id: UUID) -> ChangedLine:
    line = _linked_line(order, sales_line_id)
    if line is None:
        msg = f"purchase order {order.no} lost its link to {sales_line_id}"
        raise ValueError(msg)
    return ChangedLine(
        sales_line_id=sales_line_id, quantity=line.quantity, quantity_received=line.quantity_received
    )
