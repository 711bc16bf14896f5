"""One order's demand while a decision is made: what can happen to its rows and requisition lines.

Decisions (`sales_orders`, `purchase_orders`, `outcomes`, `worksheets`) say what happens and in which order; the verbs
here keep a row and its requisition line together.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequest
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Problem
from domainkit.decisions import DecisionContext
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
    RowKey,
    newest_of,
)
from planning.domain.masters.worksheets import DEFAULT_WORKSHEET
from planning.domain.requisitions.lines import CANCEL, OPEN, RESCHEDULE, RequisitionLine
from planning.domain.requisitions.sales_lines import line_for_sales_line


class WorkingDemand:
    """The demand while one decision changes it; `result` is the state after the decision.

    Two verbs change a row. `act`: planning itself did something, which other services must see, so the demand's
    version goes up. `learn`: planning took over what another service published, which they know already.
    """

    def __init__(self, demand: OrderDemand) -> None:
        self._before = demand
        self._acted = False
        self._newest = newest_of(demand.rows.values())
        self.rows: dict[RowKey, DemandRow] = dict(demand.rows)
        self.lines: dict[UUID, RequisitionLine] = dict(demand.lines)
        self.customer_no = demand.customer_no
        self.gettable = demand.gettable

    def newest(self, sales_line_id: UUID) -> DemandRow | None:
        """The row with the highest generation of a sales line."""
        return self._newest.get(sales_line_id)

    def rows_of(self, sales_line_id: UUID) -> list[DemandRow]:
        """All generations of a sales line."""
        return [row for row in self.rows.values() if row.sales_line_id == sales_line_id]

    def row_of(self, line: RequisitionLine) -> DemandRow | None:
        """The demand that a requisition line serves."""
        if line.sales_line_id is None:
            return None
        return self.rows.get((line.sales_line_id, line.generation))

    def live_lines(self, sales_line_id: UUID) -> list[RequisitionLine]:
        """Requisition lines that still ask for a purchase for the sales line."""
        return [line for line in self._live(sales_line_id) if line.wants_purchase]

    def live_messages(self, sales_line_id: UUID) -> list[RequisitionLine]:
        """Open messages about a purchase line of the sales line, such as Cancel."""
        return [line for line in self._live(sales_line_id) if not line.wants_purchase]

    def _live(self, sales_line_id: UUID) -> list[RequisitionLine]:
        return [line for line in self.lines.values() if line.sales_line_id == sales_line_id and line.is_live]

    def is_superseded(self, row: DemandRow) -> bool:
        """Whether a higher generation of the line is known: then nothing that comes of this one brings it back."""
        newest = self.newest(row.sales_line_id)
        return newest is not None and newest.generation > row.generation

    def act(self, row: DemandRow, **fields: Any) -> DemandRow:
        """Planning's own act on a row: it is published."""
        self._acted = True
        return self.learn(row, **fields)

    def learn(self, row: DemandRow, **fields: Any) -> DemandRow:
        """What planning learned from others about a row: they know it already."""
        changed = replace(row, **fields) if fields else row
        self.rows[changed.key] = changed
        known = self._newest.get(changed.sales_line_id)
        if known is None or known.generation <= changed.generation:
            self._newest[changed.sales_line_id] = changed
        return changed

    def put(self, line: RequisitionLine) -> None:
        """A new or changed requisition line."""
        self.lines[line.id] = line

    def requisition(
        self, row: DemandRow, order: SalesOrder, sales: SalesLine, worksheet: str, context: DecisionContext
    ) -> RequisitionLine:
        """A requisition line for what the row's sales line needs, in this worksheet."""
        line = line_for_sales_line(
            order,
            sales,
            context.references,
            line_id=context.new_id(),
            generation=row.generation,
            worksheet=worksheet,
        )
        return self.procure_by(line, row)

    def procure_by(self, line: RequisitionLine, row: DemandRow) -> RequisitionLine:
        """This open requisition line, a new one or one of an earlier generation, procures the row's sales line."""
        self.put(line)
        self.act(
            row,
            state=REQUISITIONED,
            requisition_line_id=line.id,
            vendor_no=line.vendor_no,
            problem=None,
        )
        return line

    def stop(self, line: RequisitionLine, problem: Problem) -> None:
        """The line stays open for a person, not accepted; the sales order sees why.

        What was refused is an exception (G21). What stops automation alone is not: there a person decides as usual.
        """
        stopped = line.stopped(problem)
        self.put(stopped)
        row = self.row_of(line)
        if row is not None:
            self.act(row, state=REQUISITIONED if stopped.warning else EXCEPTION, problem=problem)

    def hand_over(self, line: RequisitionLine, request: PurchaseRequest) -> None:
        """Purchasing decides the line from now on."""
        self.put(line.handed_over(request.id, request.run_id))
        row = self.row_of(line) if line.wants_purchase else None
        if row is not None:
            self.act(row, state=REQUESTED, vendor_no=line.vendor_no, problem=None, asked=True)

    def withdraw(self, row: DemandRow, message_id: UUID) -> None:
        """The sales line needs nothing any more.

        Open requisition lines are cancelled. A requested purchase goes on: once it is ordered, a Cancel message asks a
        person to decide (BC-PL-11).
        """
        is_under_way = row.state == REQUESTED and bool(self.live_lines(row.sales_line_id))
        if is_under_way or row.state == ORDERED:
            row = self.learn(row, withdrawn=True)
            self.take_back_proposals(row.sales_line_id)
            if row.state == ORDERED:
                self.put(cancel_message(row, message_id))
            return
        # Noted also where nothing is bought: a purchase that is linked late is then a matter for a person.
        row = self.learn(row, withdrawn=row.asked)
        for line in self.live_lines(row.sales_line_id):
            self.put(line.cancelled())
        self.act(row, state=CANCELLED, problem=None)

    def want_again(self, row: DemandRow) -> DemandRow | None:
        """The sales line needs again what it had given up: it was flagged anew, or its loss was a false event.

        A purchase under way is kept; no person has to decide about its end. One that came to nothing is a matter for a
        person. Returned is the row of a line for which nothing was asked yet.
        """
        if row.state != CANCELLED:
            if row.withdrawn:
                self.learn(row, withdrawn=False)
            for message in self.live_messages(row.sales_line_id):
                if message.action_message == CANCEL and message.generation == row.generation:
                    self.put(message.cancelled())
            return None
        row = self.act(row, state=AWAITING, withdrawn=False)
        return None if row.asked else row

    def open_requisition(self, sales_line_id: UUID) -> RequisitionLine | None:
        """The requisition line that waits for a person, if there is one."""
        return next((line for line in self.live_lines(sales_line_id) if line.status == OPEN), None)

    def replace_generations(self, sales_line_id: UUID, kept: RequisitionLine | None = None) -> None:
        """A new generation replaces the older ones: sales has given them up, possibly before planning knows.

        `kept`: the requisition line that goes on under the new one.
        """
        for line in self.live_lines(sales_line_id):
            if line is not kept:
                self.put(line.superseded())
        self.take_back_proposals(sales_line_id)
        for row in self.rows_of(sales_line_id):
            if row.state != CANCELLED:
                self.learn(row, state=SUPERSEDED)

    def take_back_proposals(self, sales_line_id: UUID) -> None:
        """Nobody has to decide any more when a purchase of the sales line shall come."""
        for message in self.live_messages(sales_line_id):
            if message.action_message == RESCHEDULE and message.status == OPEN:
                self.put(message.cancelled())

    def result(self) -> OrderDemand:
        """The state after the decision."""
        return OrderDemand(
            sales_order_no=self._before.sales_order_no,
            customer_no=self.customer_no,
            version=self._before.version + (1 if self._acted else 0),
            gettable=self.gettable,
            rows=self.rows,
            lines=self.lines,
        )


def cancel_message(row: DemandRow, line_id: UUID) -> RequisitionLine:
    """The message that a purchase line is not needed any more; a person decides about it (BC-PL-11)."""
    return message_about(row, line_id, CANCEL, quantity=Decimal(0), original_due_date=row.due_date)


def message_about(
    row: DemandRow, line_id: UUID, action: str, *, quantity: Decimal, original_due_date: date | None
) -> RequisitionLine:
    """A message about the purchase line of a row; nothing is done about it before a person accepts it."""
    return RequisitionLine(
        id=line_id,
        version=1,
        worksheet=DEFAULT_WORKSHEET,
        status=OPEN,
        action_message=action,
        item_no=row.item_no,
        quantity=quantity,
        original_quantity=row.quantity,
        unit_of_measure_code=row.unit_of_measure_code,
        vendor_no=row.vendor_no,
        due_date=row.due_date,
        receipt_date=row.due_date,
        order_date=row.due_date,
        original_due_date=original_due_date,
        location_code=row.location_code,
        drop_shipment=row.drop_shipment,
        special_order=not row.drop_shipment,
        sales_order_no=row.sales_order_no,
        sales_order_line_no=row.sales_order_line_no,
        sales_line_id=row.sales_line_id,
        generation=row.generation,
        purchase_order_no=row.purchase_order_no,
        purchase_order_line_no=row.purchase_order_line_no,
    )
