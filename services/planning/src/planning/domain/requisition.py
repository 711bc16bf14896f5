"""Requisition lines: what planning wants bought, before purchasing has said anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.sales import SalesLine, SalesOrder
from contracts.values import Problem, SalesLineRef
from planning.domain import costs
from planning.domain.references import References
from planning.domain.scheduling import Schedule, schedule_into_stock, schedule_to_customer

OPEN: Final = "open"
CARRYING_OUT: Final = "carrying_out"
CARRIED_OUT: Final = "carried_out"
SUPERSEDED: Final = "superseded"
CANCELLED: Final = "cancelled"
STATUSES: Final = (OPEN, CARRYING_OUT, CARRIED_OUT, SUPERSEDED, CANCELLED)
LIVE: Final = frozenset({OPEN, CARRYING_OUT})

NEW: Final = "new"
CANCEL: Final = "cancel"
ASKS_FOR_A_PURCHASE: Final = frozenset({"", NEW})


class RequisitionLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A line of a requisition worksheet; quantities in `unit_of_measure_code`, costs in the vendor's currency.

    `status` goes open → carrying_out → carried_out; back to open when purchasing refuses; `superseded` when the sales
    line was procured another way; `cancelled` by deletion. `original_quantity` and `original_due_date` are those of
    the sales line, or for a message about a purchase line those of that line.
    """

    id: UUID
    version: int
    worksheet: str
    status: str
    item_no: str
    quantity: Decimal
    action_message: str = NEW
    accept_action_message: bool = False
    description: str = ""
    original_quantity: Decimal = Decimal(0)
    unit_of_measure_code: str = ""
    qty_per_unit_of_measure: Decimal = Decimal(1)
    vendor_no: str = ""
    direct_unit_cost: Decimal = Decimal(0)
    due_date: date
    receipt_date: date
    order_date: date
    original_due_date: date | None = None
    location_code: str = ""
    purchasing_code: str = ""
    drop_shipment: bool = False
    special_order: bool = False
    nonstock: bool = False
    sales_order_no: str = ""
    sales_order_line_no: int | None = None
    sales_line_id: UUID | None = None
    generation: int = 0
    sell_to_customer_no: str = ""
    ship_to_code: str = ""
    purchase_order_no: str | None = None
    purchase_order_line_no: int | None = None
    purchase_request_id: UUID | None = None
    run_id: UUID | None = None
    warning: str = ""
    problem: Problem | None = None

    @property
    def is_live(self) -> bool:
        """Still to be decided: by a person, or by purchasing."""
        return self.status in LIVE

    @property
    def wants_purchase(self) -> bool:
        """It asks for a new purchase line (rather than for a change of one)."""
        return self.action_message in ASKS_FOR_A_PURCHASE

    def sales_ref(self) -> SalesLineRef | None:
        """The sales line that it serves."""
        if self.sales_line_id is None:
            return None
        return SalesLineRef(
            sales_order_no=self.sales_order_no,
            sales_order_line_no=self.sales_order_line_no or 0,
            sales_line_id=self.sales_line_id,
            generation=self.generation,
            customer_no=self.sell_to_customer_no,
        )


class RequisitionLineView(RequisitionLine, frozen=True, kw_only=True, omit_defaults=False):
    """The line as it is answered: with every field."""


def changed(line: RequisitionLine, **fields: object) -> RequisitionLine:
    """The line's next version."""
    return replace(line, version=line.version + 1, **fields)


def outstanding(line: SalesLine) -> Decimal:
    """What of a flagged sales line is still to be delivered, in the line's unit."""
    wanted = line.quantity if line.demand is None else line.demand.quantity
    return max(wanted - line.quantity_shipped, Decimal(0))


def due_date_of(order: SalesOrder, line: SalesLine) -> date:
    """When the goods of a sales line must leave: its shipment date (BC-SO-11)."""
    return line.shipment_date or order.requested_delivery_date or order.order_date


def for_sales_line(
    order: SalesOrder, line: SalesLine, *, line_id: UUID, generation: int, worksheet: str, refs: References
) -> RequisitionLine:
    """The requisition line of a flagged sales line, action message New, not accepted (BC-SO-11)."""
    vendor_no = refs.vendor_no(line.item_no, line.location_code)
    schedule = schedule_for(order, line, vendor_no, refs)
    quantity = outstanding(line)
    return RequisitionLine(
        id=line_id,
        version=1,
        worksheet=worksheet,
        status=OPEN,
        item_no=line.item_no,
        description=line.description,
        quantity=quantity,
        original_quantity=quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        vendor_no=vendor_no,
        direct_unit_cost=costs.unit_cost(
            refs, vendor_no, line.item_no, quantity, line.qty_per_unit_of_measure, schedule.order_date
        ),
        due_date=schedule.due_date,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
        original_due_date=schedule.due_date,
        location_code=line.location_code,
        purchasing_code=line.purchasing_code,
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        nonstock=line.nonstock,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        generation=generation,
        sell_to_customer_no=order.customer_no,
        ship_to_code=order.ship_to_code if line.drop_shipment else "",
    )


def schedule_for(order: SalesOrder, line: SalesLine, vendor_no: str, refs: References) -> Schedule:
    """The dates of a flagged sales line's requisition."""
    due = due_date_of(order, line)
    if line.drop_shipment:
        delivery = line.planned_delivery_date or due
        return schedule_to_customer(due, delivery, vendor_no, line.item_no, line.location_code, refs)
    return schedule_into_stock(due, vendor_no, line.item_no, line.location_code, refs)


def rescheduled(line: RequisitionLine, due_date: date, vendor_no: str, refs: References) -> Schedule:
    """The dates of an existing line for another due date or vendor."""
    if line.drop_shipment:
        delivery = line.receipt_date if due_date == line.due_date else due_date
        return schedule_to_customer(due_date, delivery, vendor_no, line.item_no, line.location_code, refs)
    return schedule_into_stock(due_date, vendor_no, line.item_no, line.location_code, refs)
