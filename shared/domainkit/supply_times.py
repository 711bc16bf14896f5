"""When to order so that goods are there in time (BC-PL-27, BC-DS-16).

Planning's lines and sales' previews agree on it.
"""

from __future__ import annotations

from datetime import date

import msgspec

from contracts.planning.masters import ItemDetails, StockkeepingUnitDetails
from contracts.purchasing.masters import ItemVendor, Vendor
from domainkit.days import days_after


class Schedule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`due_date`: when the goods are needed; `receipt_date`: when they must arrive; `order_date`: when to order."""

    due_date: date
    receipt_date: date
    order_date: date


def into_stock(due_date: date, *, handling_days: int, safety_days: int, lead_time_days: int) -> Schedule:
    """Back from the due date by inbound handling and safety time, then by the lead time (BC-SO-11, BC-PL-27)."""
    receipt = days_after(due_date, -(handling_days + safety_days))
    return Schedule(due_date=due_date, receipt_date=receipt, order_date=days_after(receipt, -lead_time_days))


def to_customer(due_date: date, delivery_date: date, *, lead_time_days: int) -> Schedule:
    """A drop shipment: no handling, no safety time; asked for at the customer's delivery date (BC-DS-11, 16)."""
    order_date = days_after(due_date, -lead_time_days)
    return Schedule(due_date=due_date, receipt_date=delivery_date, order_date=order_date)


def lead_time_of(
    unit: StockkeepingUnitDetails | None,
    entry: ItemVendor | None,
    item: ItemDetails | None,
    vendor: Vendor | None,
) -> int:
    """Of the stockkeeping unit, else the catalogue entry, else the item, else the vendor (BC-PL-27)."""
    if unit is not None and unit.lead_time_days is not None:
        return unit.lead_time_days
    if entry is not None and entry.lead_time_days is not None:
        return entry.lead_time_days
    if item is not None and item.lead_time_days:
        return item.lead_time_days
    return vendor.lead_time_days if vendor else 0


def safety_time_of(unit: StockkeepingUnitDetails | None, item: ItemDetails | None) -> int:
    """Days by which goods shall come before they are needed: the stockkeeping unit's, else the item's."""
    if unit is not None and unit.safety_lead_time_days:
        return unit.safety_lead_time_days
    return item.safety_lead_time_days if item is not None else 0
