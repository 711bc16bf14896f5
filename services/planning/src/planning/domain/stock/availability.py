"""What is available of an item (BC-PL-01): stock, what is still to leave, what is still to come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import Day, ItemNo, LocationCodeOrBlank, TotalQuantity
from contracts.planning.stock import StockLevel
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.money import plain_quantity
from planning.domain.requisitions.sales_lines import wants_nothing
from planning.domain.requisitions.scheduling import due_date_of

SALE: Final = "sale"
PURCHASE: Final = "purchase"
CHANNEL: Final = "channel"
"""A till's order without a sales order yet: demand as any sale."""


class OpenLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line that still has to move goods; `quantity` in base units. Drop shipments never touch stock: no open line."""

    line_id: UUID
    source: str
    document_no: str
    line_no: int
    item_no: str
    location_code: str
    due_date: date
    quantity: Decimal
    special_order: bool = False
    """Of a special order: its supply serves its demand alone (BC-PL-07)."""
    reserved: Decimal = Decimal(0)
    """What of it is reserved, where that was looked up."""

    @property
    def stock_key(self) -> tuple[str, str]:
        """Item and location, by which stock is kept."""
        return self.item_no, self.location_code


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """What is reserved of an item up to a day, in base units.

    `supply`: of stock, and of purchase lines that come until then. `demand`: for sales lines that ship until then, also
    of what comes later.
    """

    supply: Decimal
    demand: Decimal


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """Base units of an item at a location up to a day."""

    item_no: ItemNo
    location_code: Annotated[
        LocationCodeOrBlank | None, Meta(description="Null: all locations together.", examples=["EAST"])
    ]
    date: Annotated[Day | None, Meta(description="Up to this day; null: at all.", examples=["2026-03-31"])]
    inventory: Annotated[TotalQuantity, Meta(description="What is in stock.", examples=["12"])]
    gross_requirements: Annotated[
        TotalQuantity, Meta(description="What sales lines still have to ship from stock.", examples=["4"])
    ]
    scheduled_receipts: Annotated[
        TotalQuantity, Meta(description="What purchase lines still have to bring.", examples=["10"])
    ]
    reserved: Annotated[
        TotalQuantity,
        Meta(
            description="What is reserved of stock and of scheduled receipts, without what is allocated.",
            examples=["0"],
        ),
    ]
    allocated: Annotated[
        TotalQuantity,
        Meta(description="Stock that belongs to sales lines it was bought for.", examples=["2"]),
    ]
    available: Annotated[
        TotalQuantity,
        Meta(description="Inventory plus scheduled receipts less gross requirements.", examples=["18"]),
    ]
    available_to_promise: Annotated[
        TotalQuantity,
        Meta(
            description="What can be promised: inventory, scheduled receipts and gross requirements, each without what "
            "is reserved of it.",
            examples=["18"],
        ),
    ]


def open_sales_lines(order: SalesOrder) -> dict[UUID, OpenLine]:
    """What the order still has to ship from stock."""
    if wants_nothing(order):
        return {}
    return {
        line.id: OpenLine(
            line_id=line.id,
            source=SALE,
            document_no=order.no,
            line_no=line.line_no,
            item_no=line.item_no,
            location_code=line.location_code,
            due_date=due_date_of(order, line),
            quantity=quantity,
            special_order=line.special_order,
        )
        for line in order.lines
        if line.type == "item" and not line.drop_shipment and (quantity := _to_ship(line)) > 0
    }


def open_purchase_lines(order: PurchaseOrder) -> dict[UUID, OpenLine]:
    """What the order still has to bring into stock."""
    if order.deleted or order.status == "closed":
        return {}
    return {
        line.id: OpenLine(
            line_id=line.id,
            source=PURCHASE,
            document_no=order.no,
            line_no=line.line_no,
            item_no=line.item_no,
            location_code=line.location_code,
            due_date=line.confirmed_date or line.expected_receipt_date or order.order_date,
            quantity=quantity,
            special_order=line.link is not None and line.link.active,
        )
        for line in order.lines
        if not line.deleted and not _is_drop_shipment(line) and (quantity := _to_receive(line)) > 0
    }


def availability(
    stock: StockLevel,
    reserved: Reserved,
    *,
    location_code: str | None,
    day: date | None,
    required: Decimal,
    scheduled: Decimal,
) -> Availability:
    """BC-PL-01: inventory + scheduled receipts - gross requirements, of one location or (None) of all."""
    available = plain_quantity(stock.stock + scheduled - required)
    return Availability(
        item_no=stock.item_no,
        location_code=location_code,
        date=day,
        inventory=plain_quantity(stock.stock),
        gross_requirements=plain_quantity(required),
        scheduled_receipts=plain_quantity(scheduled),
        reserved=plain_quantity(reserved.supply),
        allocated=plain_quantity(stock.allocated),
        available=available,
        available_to_promise=plain_quantity(available - reserved.supply + reserved.demand),
    )


def _to_ship(line: SalesLine) -> Decimal:
    return plain_quantity((line.quantity - line.quantity_shipped) * line.qty_per_unit_of_measure)


def _to_receive(line: PurchaseLine) -> Decimal:
    return plain_quantity((line.quantity - line.quantity_received) * line.qty_per_unit_of_measure)


def _is_drop_shipment(line: PurchaseLine) -> bool:
    return line.link is not None and line.link.kind == "drop_shipment"
