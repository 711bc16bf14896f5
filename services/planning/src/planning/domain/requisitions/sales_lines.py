"""Flagged sales lines, which are bought for their customer, and the requisition lines that are made of them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from contracts.purchasing.masters import Vendor
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.references import ReferenceData
from domainkit.supply_times import Schedule
from planning.domain.masters.supply import vendor_of
from planning.domain.masters.worksheets import DEFAULT_WORKSHEET
from planning.domain.requisitions.costs import priced
from planning.domain.requisitions.lines import OPEN, RequisitionLine
from planning.domain.requisitions.scheduling import schedule_for_sales_line


def is_flagged(line: SalesLine) -> bool:
    """The line is procured for its customer: as a special order or a drop shipment."""
    return (line.special_order or line.drop_shipment) and line.demand is not None


def has_flagged_lines(order: SalesOrder) -> bool:
    """Whether any line of the order is procured for it."""
    return any(is_flagged(line) for line in order.lines)


def wants_nothing(order: SalesOrder) -> bool:
    """The order is deleted: nothing is bought for it any more."""
    return order.deleted or order.status == "cancelled"


def outstanding(line: SalesLine) -> Decimal:
    """What of a flagged sales line neither has left nor is here for it, in the line's unit."""
    demand = line.demand
    if demand is None:
        return max(line.quantity - line.quantity_shipped, Decimal(0))
    return max(demand.quantity - max(line.quantity_shipped, demand.supplied), Decimal(0))


def find_line(order: SalesOrder | None, sales_line_id: UUID | None) -> SalesLine | None:
    """The sales line with this id, if the order still has it."""
    if order is None or order.deleted:
        return None
    return next((candidate for candidate in order.lines if candidate.id == sales_line_id), None)


def line_for_sales_line(
    order: SalesOrder,
    line: SalesLine,
    references: ReferenceData,
    *,
    line_id: UUID,
    generation: int,
    worksheet: str,
) -> RequisitionLine:
    """The requisition line of a flagged sales line, action message New, not accepted (BC-SO-11)."""
    vendor_no = vendor_of(references, line.item_no, line.location_code)
    schedule = schedule_for_sales_line(references, order, line, vendor_no)
    quantity = outstanding(line)
    made = RequisitionLine(
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
    return priced(references, made)


def is_for(line: RequisitionLine, sales: SalesLine) -> bool:
    """Whether the line still procures the goods of the sales line, in the same way."""
    return (line.item_no, line.drop_shipment, line.special_order) == (
        sales.item_no,
        sales.drop_shipment,
        sales.special_order,
    )


def refreshed(
    line: RequisitionLine,
    order: SalesOrder,
    sales: SalesLine,
    references: ReferenceData,
    *,
    generation: int,
) -> RequisitionLine:
    """An open line after its sales line changed, under its next generation; vendor and worksheet stay."""
    quantity = outstanding(sales)
    dated = moved(line, order, sales, references)
    after = replace(
        dated,
        generation=generation,
        description=sales.description,
        quantity=quantity,
        original_quantity=quantity,
        unit_of_measure_code=sales.unit_of_measure_code,
        qty_per_unit_of_measure=sales.qty_per_unit_of_measure,
        location_code=sales.location_code,
        purchasing_code=sales.purchasing_code,
        sell_to_customer_no=order.customer_no,
        ship_to_code=order.ship_to_code if sales.drop_shipment else "",
        warning="",
        problem=None,
    )
    # The vendor that a person chose may not have been looked up; then the expected cost stays.
    return priced(references, after) if references.find(Vendor, line.vendor_no) else after


def moved(
    line: RequisitionLine, order: SalesOrder, sales: SalesLine, references: ReferenceData
) -> RequisitionLine:
    """An open line after the date of its sales line changed."""
    schedule = schedule_for_sales_line(references, order, sales, line.vendor_no)
    return line.changed(
        due_date=schedule.due_date,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
        original_due_date=schedule.due_date,
    )


def line_into_stock(
    order: SalesOrder,
    line: SalesLine,
    schedule: Schedule,
    *,
    line_id: UUID,
    quantity: Decimal,
    unit: str,
) -> RequisitionLine:
    """The requisition line in `DEFAULT` that buys into stock what a sales line lacks; the caller sets the vendor.

    `quantity` is in `unit`; the stock is not bound to the sales line, which the line names for people.
    """
    return RequisitionLine(
        id=line_id,
        version=1,
        worksheet=DEFAULT_WORKSHEET,
        status=OPEN,
        item_no=line.item_no,
        description=line.description,
        quantity=quantity,
        original_quantity=quantity,
        unit_of_measure_code=unit,
        due_date=schedule.due_date,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
        original_due_date=schedule.due_date,
        location_code=line.location_code,
        nonstock=line.nonstock,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
    )
