"""Sales asks for changes of linked lines: each is decided once, for all its lines or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.purchasing.outcomes import ChangedLine, RequestOutcome
from contracts.refusals import Violations
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from contracts.values import Problem
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO
from purchasing.domain.links import LinkRow, link_row
from purchasing.domain.orders.closing_short import check_closable, shortened
from purchasing.domain.orders.invoices import allowed_to_invoice
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.undoing import check_not_billed, without_receipts
from purchasing.domain.requests.line_changes import LineToChange, carry
from purchasing.domain.requests.posting_requests import LinkedLine
from purchasing.domain.requests.withdrawals import fence

CHANGED: Final = "changed"
REFUSED: Final = "refused"
UNDO_SHIPMENT: Final = "undo_shipment"
CLOSE_SHORT: Final = "close_short"
CHANGE: Final = "change"
CORRECT_INVOICE: Final = "correct_invoice"


class DecidedChange(msgspec.Struct, kw_only=True):
    """What became of a requested change: the orders after it, or the reasons why not."""

    change: RequestedChange
    sales_order_no: str
    orders: tuple[Order, ...] = ()
    lines: tuple[ChangedLine, ...] = ()
    errors: tuple[Problem, ...] = ()
    ended: tuple[LinkRow, ...] = ()
    """Links whose purchase was given up."""
    fences: tuple[LinkRow, ...] = ()
    """Links without a purchase line: they keep a purchase request that is still on its way from being bought."""

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
    context: DecisionContext,
) -> DecidedChange:
    """Change all lines of the request, or say every reason why not."""
    deciding = _Deciding(sales_order, change, orders, context)
    for asked in change.lines:
        place = linked.get(asked.sales_line_id)
        deciding.decide(asked, place.order_no if place else "")
    return deciding.decided()


class _Deciding:
    """One request while its lines are decided, each on the state after the one before."""

    def __init__(
        self,
        sales_order: SalesOrder,
        change: RequestedChange,
        orders: Mapping[str, Order],
        context: DecisionContext,
    ) -> None:
        self._found = Violations()
        self._sales_order = sales_order
        self._change = change
        self._orders = dict(orders)
        self._context = context
        self._touched: dict[UUID, str] = {}
        self._lines: list[ChangedLine] = []
        self._ended: list[LinkRow] = []
        self._fences: list[LinkRow] = []

    def decide(self, asked: RequestedChangeLine, order_no: str) -> None:
        """Decide one line, which this purchase order was found to serve ("": none)."""
        order = self._orders.get(order_no)
        line = _linked_line(order, asked.sales_line_id)
        if order is None or line is None:
            self._decide_unbought(asked)
        elif self._change.kind == UNDO_SHIPMENT:
            for posting_id in asked.posting_ids:
                check_not_billed(self._found, order, line, posting_id)
            self._put(without_receipts(order, asked.posting_ids), asked)
        elif self._change.kind == CORRECT_INVOICE:
            self._lower_allowance(asked, order, line)
        elif self._change.kind == CLOSE_SHORT:
            check_closable(self._found, order, line)
            self._put(shortened(order, [line]), asked)
        else:
            self._carry(asked, order, line)

    def _decide_unbought(self, asked: RequestedChangeLine) -> None:
        sold = next((x for x in self._sales_order.lines if x.id == asked.sales_line_id), None)
        if self._change.kind == CORRECT_INVOICE:
            return  # no vendor is left that could invoice it
        if self._change.kind != CHANGE or sold is None:
            _note_not_associated(self._found, self._sales_order, asked.sales_line_id)
            return
        self._fences.append(fence(self._sales_order, sold, self._context.new_id, asked.generation))
        self._lines.append(ChangedLine(sales_line_id=sold.id, quantity=ZERO, unbought=True))

    def _lower_allowance(self, asked: RequestedChangeLine, order: Order, line: Line) -> None:
        """The vendor may invoice less, unless it has invoiced that quantity (G18, BC-DS-37)."""
        sold = next(x for x in self._sales_order.lines if x.id == asked.sales_line_id)
        lowered = replace(line, sale_credited=line.sale_credited + (asked.quantity or ZERO))
        if line.quantity_invoiced * line.qty_per_unit_of_measure > allowed_to_invoice(lowered, sold):
            detail = f"purchase order {order.no} line {line.line_no}: the vendor has invoiced {line.quantity_invoiced}"
            self._found.conflict("already-invoiced", detail, line_no=sold.line_no, purchase_order_no=order.no)
        self._put(order.with_lines([lowered]), asked)

    def _carry(self, asked: RequestedChangeLine, order: Order, line: Line) -> None:
        sold = next(x for x in self._sales_order.lines if x.id == asked.sales_line_id)
        wanted = LineToChange(sold, asked, order, line)
        carried = carry(self._found, self._change, wanted, self._context.references)
        self._put(carried.order, asked)
        if _linked_line(carried.order, asked.sales_line_id) is None and line.link is not None:
            self._ended.append(link_row(line.link, order.no, line.id))
        changed = next(each for each in carried.order.lines if each.id == line.id)
        self._lines.append(_changed_line(changed, asked.sales_line_id, not_taken=carried.not_taken))

    def _put(self, order: Order, asked: RequestedChangeLine) -> None:
        self._orders[order.no] = order
        self._touched[asked.sales_line_id] = order.no

    def decided(self) -> DecidedChange:
        """The decision about the whole request."""
        decision = DecidedChange(change=self._change, sales_order_no=self._sales_order.no)
        refusal = self._found.refusal()
        if refusal is not None:
            decision.errors = tuple(refusal.problems())
            return decision
        decision.orders = tuple(self._orders[no] for no in sorted(set(self._touched.values())))
        decision.ended, decision.fences = tuple(self._ended), tuple(self._fences)
        if self._change.kind == CHANGE:
            decision.lines = tuple(self._lines)
        else:
            decision.lines = tuple(_changed(self._orders[no], id_) for id_, no in self._touched.items())
        return decision


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
    return _changed_line(line, sales_line_id)


def _changed_line(line: Line, sales_line_id: UUID, *, not_taken: bool = False) -> ChangedLine:
    return ChangedLine(
        sales_line_id=sales_line_id,
        quantity=line.quantity,
        quantity_received=line.quantity_received,
        not_taken=not_taken,
    )
