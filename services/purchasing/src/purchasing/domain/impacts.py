"""What a date of a purchase line means for the customer: these sales lines, these promised dates (G10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from contracts.sales import SalesLine, SalesOrder
from contracts.values import Model
from purchasing.domain.orders import Line, Order


class Impact(Model, frozen=True, kw_only=True):
    """A sales line that cannot keep its date any more: `new_date` is when the vendor delivers."""

    sales_order_no: str
    line_no: int
    promised_delivery_date: date
    new_date: date


def impacts(order: Order, sold: Mapping[str, SalesOrder]) -> tuple[Impact, ...]:
    """The sales lines that the order's outstanding lines make late."""
    found = (_impact(line, sold) for line in order.linked_lines if line.outstanding_quantity)
    return tuple(impact for impact in found if impact is not None)


def _impact(line: Line, sold: Mapping[str, SalesOrder]) -> Impact | None:
    link = line.active_link
    new_date = line.confirmed_date or line.expected_receipt_date
    if link is None or new_date is None or link.sales.sales_order_no not in sold:
        return None
    sales_line = next(
        (x for x in sold[link.sales.sales_order_no].lines if x.id == link.sales.sales_line_id), None
    )
    if sales_line is None or sales_line.planned_delivery_date is None:
        return None
    if new_date <= _needed(sales_line):
        return None
    return Impact(
        sales_order_no=link.sales.sales_order_no,
        line_no=sales_line.line_no,
        promised_delivery_date=sales_line.planned_delivery_date,
        new_date=new_date,
    )


def _needed(line: SalesLine) -> date:
    """A drop shipment arrives at the customer; a special order must be here when it is to be shipped."""
    planned = line.planned_delivery_date
    if line.drop_shipment or line.shipment_date is None:
        return planned or date.max
    return line.shipment_date
