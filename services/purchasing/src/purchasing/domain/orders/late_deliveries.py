"""What a date of a purchase line means for the customer: these sales lines, these promised dates (G10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from contracts.fields import Day, LineNo, SalesOrderNo
from contracts.sales.orders import SalesOrder
from contracts.values import Model
from domainkit.promises import is_late, promised_date
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
    new_date = line.delivery_date
    if link is None or new_date is None or link.sales.sales_order_no not in sold:
        return None
    sales_order = sold[link.sales.sales_order_no]
    sales_line = next((x for x in sales_order.lines if x.id == link.sales.sales_line_id), None)
    promised = promised_date(sales_line) if sales_line is not None else None
    if sales_line is None or promised is None or not is_late(sales_line, new_date):
        return None
    return LateDelivery(
        sales_order_no=sales_order.no,
        line_no=sales_line.line_no,
        promised_delivery_date=promised,
        new_date=new_date,
    )
