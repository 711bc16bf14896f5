"""Stock, the demand that needs it and what is reserved."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    Generation,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    TotalQuantity,
    VendorNoOrBlank,
)
from contracts.planning.fields import ZERO, DemandState, RequisitionLineId, SalesLineId
from contracts.values import Model, Problem, Snapshot


class StockLevel(Snapshot, frozen=True, kw_only=True):
    """Stock of an item at a location in base units; key `<item_no>/<location_code>`. free = stock - allocated."""

    item_no: ItemNo
    location_code: LocationCodeOrBlank = ""
    stock: Annotated[TotalQuantity, Meta(description="What is there, in base units.", examples=["12"])] = ZERO
    allocated: Annotated[
        TotalQuantity,
        Meta(description="What of it belongs to sales lines that it was bought for.", examples=["2"]),
    ] = ZERO
    reserved: Annotated[
        TotalQuantity,
        Meta(description="What of the free stock is reserved for sales lines.", examples=["1"]),
    ] = ZERO

    @property
    def unreserved(self) -> Decimal:
        """What may still be sold, reserved or promised: neither allocated nor reserved; below 0 where too much left."""
        return self.stock - self.allocated - self.reserved


class DemandLine(Model, frozen=True, kw_only=True):
    """The state of the demand of one flagged sales line in planning."""

    sales_line_id: SalesLineId
    sales_order_line_no: LineNo
    generation: Generation
    state: DemandState
    requisition_line_id: RequisitionLineId | None = None
    vendor_no: VendorNoOrBlank = ""
    quantity: Annotated[
        QuantityOrZero, Meta(description="What the sales line needs, in its unit.", examples=["2"])
    ] = ZERO
    problem: Annotated[
        Problem | None, Meta(description="What stands against the procurement of the line.")
    ] = None


class Demand(Snapshot, frozen=True, kw_only=True):
    """The newest demand of every flagged line of one sales order; key: the sales order's number."""

    sales_order_no: SalesOrderNo
    lines: Annotated[
        tuple[DemandLine, ...], Meta(description="One line per flagged sales line, in the order's order.")
    ] = ()


class ReservedLine(Model, frozen=True, kw_only=True):
    """What is reserved for one sales line, from stock and from purchase lines."""

    sales_line_id: SalesLineId
    sales_order_line_no: LineNo
    quantity_base: Annotated[
        TotalQuantity, Meta(description="What is reserved, in base units.", examples=["3"])
    ]


class OrderReservation(Snapshot, frozen=True, kw_only=True):
    """What is reserved for the lines of one sales order; key: the sales order's number."""

    sales_order_no: SalesOrderNo
    lines: Annotated[
        tuple[ReservedLine, ...], Meta(description="The lines for which something is reserved.")
    ] = ()
