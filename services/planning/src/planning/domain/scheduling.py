"""When to order so that goods are there in time (BC-PL-27, BC-DS-16)."""

from __future__ import annotations

from datetime import date, timedelta

from planning.domain.references import References
from planning.domain.state import State


class Schedule(State, frozen=True, kw_only=True):
    """`due_date`: when the goods are needed; `receipt_date`: when they must arrive; `order_date`: when to order."""

    due_date: date
    receipt_date: date
    order_date: date


def schedule_into_stock(
    due_date: date, vendor_no: str, item_no: str, location_code: str, refs: References
) -> Schedule:
    """Back from the due date by inbound handling and safety time, then by the lead time (BC-SO-11, BC-PL-27)."""
    before_use = refs.inbound_handling_days(location_code) + refs.safety_lead_time_days(
        item_no, location_code
    )
    receipt = due_date - timedelta(days=before_use)
    lead_time = timedelta(days=refs.lead_time_days(vendor_no, item_no, location_code))
    return Schedule(due_date=due_date, receipt_date=receipt, order_date=receipt - lead_time)


def schedule_to_customer(
    due_date: date, delivery_date: date, vendor_no: str, item_no: str, location_code: str, refs: References
) -> Schedule:
    """A drop shipment: no handling, no safety time; asked for at the customer's delivery date (BC-DS-11, 16)."""
    lead_time = timedelta(days=refs.lead_time_days(vendor_no, item_no, location_code))
    return Schedule(due_date=due_date, receipt_date=delivery_date, order_date=due_date - lead_time)
