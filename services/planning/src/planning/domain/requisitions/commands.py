"""What people ask of a requisition worksheet."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from contracts.fields import (
    EXAMPLE_ID,
    CustomerNoOrBlank,
    Day,
    ItemNo,
    ItemNoOrBlank,
    LocationCodeOrBlank,
    Quantity,
    QuantityOrZero,
    SalesOrderNoOrBlank,
    Text100,
    UnitOfMeasureCode,
    VendorNoOrBlank,
    choice,
)
from contracts.values import Model
from domainkit.changes import Changes
from planning.domain.requisitions.lines import NEW, Accepted, ActionMessage, DueDate, OrderDate

SPECIAL_ORDER: Final = "special_order"
DROP_SHIPMENT: Final = "drop_shipment"
BOTH: Final = "both"

RUN_LINES_MAX: Final = 10_000
"""Lines that one run carries out; the next run takes the next ones."""

_QuantityToBuy = Annotated[Quantity, Meta(description="How much to buy.", examples=["5"])]
_QuantityOfMessage = Annotated[
    QuantityOrZero, Meta(description="How much to buy, or what the purchase line shall bring; 0 cancels it.")
]
_Description = Annotated[Text100, Meta(description="What it is.", examples=["Climbing rope 60 m"])]


class NewLine(Model, frozen=True, kw_only=True):
    """A requisition line written by hand; it serves no sales line."""

    item_no: ItemNo
    quantity: _QuantityToBuy
    description: Annotated[
        _Description | None, Meta(description="What it is; left out: the item's.", examples=["Rope, red"])
    ] = None
    unit_of_measure_code: Annotated[
        UnitOfMeasureCode | None,
        Meta(description="Unit of the quantity; left out: the item's purchase unit.", examples=["PCS"]),
    ] = None
    vendor_no: Annotated[
        VendorNoOrBlank | None,
        Meta(description="Who shall supply; left out: the item's vendor there.", examples=["V-100"]),
    ] = None
    due_date: Annotated[
        Day | None, Meta(description="When the goods are needed; left out: today.", examples=["2026-03-20"])
    ] = None
    location_code: LocationCodeOrBlank = ""
    action_message: Annotated[
        str, choice("", NEW), Meta(description="A line written by hand buys.", examples=[NEW])
    ] = NEW
    accept_action_message: Accepted = False


class CreateLine(msgspec.Struct, frozen=True):
    """Write a line to a worksheet."""

    worksheet: str
    line: NewLine


class LineChanges(Changes, frozen=True, kw_only=True):
    """Changes of a requisition line: only what is sent changes. `action_message: new` accepts the line.

    Of a message about a purchase line only quantity, due date, description and acceptance change; quantity and due date
    turn its action message. Quantity 0 cancels the purchase line.
    """

    quantity: _QuantityOfMessage | UnsetType = UNSET
    vendor_no: VendorNoOrBlank | UnsetType = UNSET
    due_date: DueDate | UnsetType = UNSET
    order_date: OrderDate | UnsetType = UNSET
    location_code: LocationCodeOrBlank | UnsetType = UNSET
    unit_of_measure_code: UnitOfMeasureCode | UnsetType = UNSET
    description: _Description | UnsetType = UNSET
    action_message: ActionMessage | UnsetType = UNSET
    accept_action_message: Accepted | UnsetType = UNSET


class ChangeLine(msgspec.Struct, frozen=True):
    """Change an open line of a worksheet."""

    worksheet: str
    line_id: UUID
    changes: LineChanges


class DeleteLine(msgspec.Struct, frozen=True):
    """Delete an open line of a worksheet."""

    worksheet: str
    line_id: UUID


class SalesLineFilters(Model, frozen=True, kw_only=True):
    """Which flagged sales lines to get; empty filters take all."""

    kind: Annotated[
        str,
        choice(SPECIAL_ORDER, DROP_SHIPMENT, BOTH),
        Meta(description="How the lines are procured.", examples=[BOTH]),
    ] = BOTH
    sales_order_no: SalesOrderNoOrBlank = ""
    customer_no: CustomerNoOrBlank = ""
    item_no: ItemNoOrBlank = ""


class GetSalesOrders(msgspec.Struct, frozen=True):
    """Write requisition lines for flagged sales lines that nothing procures."""

    worksheet: str
    filters: SalesLineFilters


class LinesToCarryOut(Model, frozen=True, kw_only=True):
    """Which lines to carry out: those named, which accepts them, or all accepted ones."""

    line_ids: Annotated[
        Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=RUN_LINES_MAX)] | None,
        Meta(description="Ids of the lines; left out: all accepted ones.", examples=[[EXAMPLE_ID]]),
    ] = None
    order_date: Annotated[
        Day | None,
        Meta(
            description="Order date of the purchase orders; left out: the lines' own.",
            examples=["2026-03-12"],
        ),
    ] = None


class CarryOut(msgspec.Struct, frozen=True):
    """Ask purchasing for purchase orders."""

    worksheet: str
    chosen: LinesToCarryOut
