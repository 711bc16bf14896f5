"""What a date of a purchase line means for the customer: these sales lines, these promised dates (G10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from msgspec import Meta

from contracts.fields import Day, LineNo, SalesOrderNo
from contracts.sales import SalesLine, SalesOrder
from contracts.values import Model
from purchasing.domain.orders.order import Line, Order


class LateDelivery(Model, frozen=True, kw_only=True):
    """A sales line that cannot keep its promised date any more."""

    sales_order_no: SalesOrderNo
    line_no: LineNo
    promised_delivery_date: Annotated[
        Day, Meta(description="What the customer was promised.", examples=["2026-03-12"])
    ]
    new_date: Annotated[Day, Meta(description="When the vendor delivers.", examples=["2026-03-16"])]


def late_deliveries(order: Order, sold: Mapping[str, SalesOrder]) -> tuple[LateDelivery, ...]:
    """The sales lines that the order's outstanding lines make late; `sold`: their orders, as far as known."""
    found = (_late_delivery(line, sold) for line in order.linked_lines if line.outstanding_quantity)
    return tuple(late for late in found if late is not None)


def _late_delivery(line: Line, sold: Mapping[str, SalesOrder]) -> LateDelivery | None:
    link = line.active_link
    new_date = line.confirmed_date or line.expected_receipt_date
    if link is None or new_date is None or link.sales.sales_order_no not in sold:
        return None
    sales_order = sold[link.sales.sales_order_no]
    sales_line = next((x for x in sales_order.lines if x.id == link.sales.sales_line_id), None)
    if sales_line is None or sales_line.planned_delivery_date is None or new_date <= _needed(sales_line):
        return None
    return LateDelivery(
        sales_order_no=sales_order.no,
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
