"""Sales orders that *get sales order* could put onto a purchase order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import (
    CustomerNo,
    ItemNoOrBlank,
    LineNo,
    LocationCodeOrBlank,
    PurchasingCodeOrBlank,
    SalesOrderNo,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
)
from contracts.sales.fields import (
    CustomerName,
    DropShipment,
    LineDescription,
    OrderDate,
    SalesOrderStatus,
    ShipToCodeOrBlank,
    SpecialOrder,
    YourReference,
)
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import AddressAnswer
from domainkit.structs import extended
from purchasing.domain.orders.get_sales_order import outstanding


class CandidateLineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A sales line that could be fetched; quantities in its unit."""

    line_no: LineNo
    item_no: ItemNoOrBlank
    description: LineDescription
    quantity: Annotated[TotalQuantity, Meta(description="What was sold.", examples=["5"])]
    outstanding_quantity: Annotated[TotalQuantity, Meta(description="What is still to ship.", examples=["5"])]
    unit_of_measure_code: UnitOfMeasureCodeOrBlank
    location_code: LocationCodeOrBlank
    purchasing_code: PurchasingCodeOrBlank
    drop_shipment: DropShipment
    special_order: SpecialOrder


class CandidateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A sales order that *get sales order* could fetch, with the lines it would take."""

    sales_order_no: SalesOrderNo
    customer_no: CustomerNo
    customer_name: CustomerName
    status: SalesOrderStatus
    order_date: OrderDate
    ship_to_code: ShipToCodeOrBlank
    ship_to: AddressAnswer
    location_code: LocationCodeOrBlank
    your_reference: YourReference
    lines: Annotated[tuple[CandidateLineAnswer, ...], Meta(description="The lines that it would take.")]


def candidate_answer(order: SalesOrder, lines: Sequence[SalesLine]) -> CandidateAnswer:
    """A sales order with the lines that could be fetched."""
    return extended(
        CandidateAnswer,
        order,
        sales_order_no=order.no,
        ship_to=extended(AddressAnswer, order.ship_to),
        lines=tuple(
            extended(CandidateLineAnswer, line, outstanding_quantity=outstanding(line))
            for line in sorted(lines, key=lambda line: line.line_no)
        ),
    )
