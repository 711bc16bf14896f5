"""When to order so that goods are there in time (BC-PL-27, BC-DS-16)."""

from __future__ import annotations

from datetime import date

from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.references import ReferenceData
from domainkit.supply_times import Schedule, into_stock, to_customer
from planning.domain.masters.supply import inbound_handling_days, lead_time_days, safety_lead_time_days
from planning.domain.requisitions.lines import RequisitionLine


def due_date_of(order: SalesOrder, line: SalesLine) -> date:
    """When the goods of a sales line must leave: its shipment date (BC-SO-11)."""
    return line.shipment_date or order.requested_delivery_date or order.order_date


def schedule_into_stock(
    references: ReferenceData, due_date: date, vendor_no: str, item_no: str, location_code: str
) -> Schedule:
    """Back from the due date by inbound handling and safety time, then by the lead time (BC-SO-11, BC-PL-27)."""
    return into_stock(
        due_date,
        handling_days=inbound_handling_days(references, location_code),
        safety_days=safety_lead_time_days(references, item_no, location_code),
        lead_time_days=lead_time_days(references, vendor_no, item_no, location_code),
    )


def schedule_to_customer(
    references: ReferenceData,
    due_date: date,
    delivery_date: date,
    vendor_no: str,
    item_no: str,
    location_code: str,
) -> Schedule:
    """A drop shipment: no handling, no safety time; asked for at the customer's delivery date (BC-DS-11, 16)."""
    lead_time = lead_time_days(references, vendor_no, item_no, location_code)
    return to_customer(due_date, delivery_date, lead_time_days=lead_time)


def schedule_for_sales_line(
    references: ReferenceData, order: SalesOrder, line: SalesLine, vendor_no: str
) -> Schedule:
    """The dates of a flagged sales line's requisition."""
    due = due_date_of(order, line)
    if line.drop_shipment:
        delivery = line.planned_delivery_date or due
        return schedule_to_customer(references, due, delivery, vendor_no, line.item_no, line.location_code)
    return schedule_into_stock(references, due, vendor_no, line.item_no, line.location_code)


def rescheduled(
    references: ReferenceData, line: RequisitionLine, due_date: date, vendor_no: str, location_code: str
) -> Schedule:
    """The dates of an existing line for another due date, vendor or location."""
    if line.drop_shipment:
        delivery = line.receipt_date if due_date == line.due_date else due_date
        return schedule_to_customer(references, due_date, delivery, vendor_no, line.item_no, location_code)
    return schedule_into_stock(references, due_date, vendor_no, line.item_no, location_code)
