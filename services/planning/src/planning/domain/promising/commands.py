"""What people ask of order promising, and what is answered."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    MAX_LINES,
    Day,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNo,
    SalesOrderNo,
    TotalQuantity,
)
from contracts.planning.fields import DropShipment, SpecialOrder
from contracts.values import Model


class AcceptPromise(Model, frozen=True, kw_only=True):
    """Promise the dates of a sales order's lines to the customer."""

    sales_order_no: SalesOrderNo
    line_nos: (
        Annotated[
            tuple[LineNo, ...],
            Meta(
                min_length=1,
                max_length=MAX_LINES,
                description="Only these lines; left out: all that have something to ship.",
                examples=[[10000]],
            ),
        ]
        | None
    ) = None


class LinePromise(msgspec.Struct, frozen=True, kw_only=True):
    """When one line can leave. Quantities are in the line's unit."""

    line_no: LineNo
    item_no: ItemNo
    location_code: LocationCodeOrBlank
    requested_date: Annotated[
        Day, Meta(description="When the goods are wanted: the shipment date.", examples=["2026-03-20"])
    ]
    quantity: Annotated[TotalQuantity, Meta(description="What is still to ship.", examples=["10"])]
    unavailable_quantity: Annotated[
        TotalQuantity,
        Meta(description="What of it has to be bought for the requested date.", examples=["4"]),
    ]
    atp_date: Annotated[
        Day | None,
        Meta(
            description="Available to promise: the earliest day on which stock and what comes cover the line and all "
            "earlier promises. Of a special order or drop shipment its own purchase counts alone; null: never.",
            examples=["2026-03-20"],
        ),
    ]
    ctp_date: Annotated[
        Day | None,
        Meta(
            description="Capable to promise: the earliest day if what is missing is ordered today; null: not bought.",
            examples=["2026-03-30"],
        ),
    ]
    special_order: SpecialOrder
    drop_shipment: DropShipment
    purchase_order_no: Annotated[
        PurchaseOrderNo | None, Meta(description="The purchase order that the line is linked to.")
    ] = None


class OrderPromising(msgspec.Struct, frozen=True, kw_only=True):
    """When the lines of a sales order can leave."""

    sales_order_no: SalesOrderNo
    lines: Annotated[
        tuple[LinePromise, ...], Meta(description="Lines of inventory items with something to ship.")
    ]


class AcceptedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was promised for a line."""

    line_no: LineNo
    promised_date: Annotated[Day, Meta(description="When the goods leave.", examples=["2026-03-30"])]
    requisition_line_id: Annotated[
        UUID | None, Meta(description="What buys the missing quantity; null: nothing.", examples=[EXAMPLE_ID])
    ] = None


class PromiseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What sales has put on the lines of a sales order."""

    sales_order_no: SalesOrderNo
    lines: Annotated[tuple[AcceptedLine, ...], Meta(description="The promised lines.")]
