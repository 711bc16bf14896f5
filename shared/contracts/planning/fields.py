"""Fields that several structs of planning share. A field of a single struct is described there."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import EXAMPLE_ID, CodeOrBlank, Days, ItemNo, No, choice

ZERO = Decimal(0)
UNITS_MAX = 50
"""Units of measure that an item may have."""
Reserve = Annotated[
    str,
    choice("never", "optional", "always"),
    Meta(description="Whether stock of the item may be reserved for sales lines.", examples=["optional"]),
]
ReorderingPolicy = Annotated[
    str,
    choice("", "fixed_reorder_qty", "maximum_qty", "order", "lot_for_lot"),
    Meta(description='How planning proposes replenishment; "": it does not.', examples=["lot_for_lot"]),
]
Automation = Annotated[
    str,
    choice("manual", "requisition", "purchase_order"),
    Meta(
        description=(
            "How far a released sales line goes by itself: `manual` (it waits for *get sales orders*), `requisition` "
            "(a requisition line is written) or `purchase_order` (purchasing is asked at once)."
        ),
        examples=["purchase_order"],
    ),
]
LeadTimeDays = Annotated[
    Days, Meta(description="Calendar days from ordering until the goods arrive.", examples=[7])
]
SafetyLeadTimeDays = Annotated[
    Days, Meta(description="Days by which goods shall come before they are needed.", examples=[2])
]
DropShipment = Annotated[
    bool, Meta(description="The vendor ships straight to the customer.", examples=[False])
]
SpecialOrder = Annotated[
    bool, Meta(description="Bought for this one sales line and received into stock first.", examples=[True])
]
Nonstock = Annotated[bool, Meta(description="The item was taken from a catalogue.", examples=[False])]
SalesLineId = Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]
RequisitionLineId = Annotated[UUID, Meta(description="Id of the requisition line.", examples=[EXAMPLE_ID])]
DemandState = Annotated[
    str,
    choice("awaiting_requisition", "requisitioned", "requested", "ordered", "cancelled", "exception"),
    Meta(description="How far the procurement of the line has come.", examples=["requested"]),
]


CreatedFromCatalog = Annotated[bool, Meta(description="It was made of a catalog item.", examples=[False])]


ManufacturerCode = Annotated[
    CodeOrBlank, Meta(description='Who makes it; "" where the vendor does.', examples=["ACME"])
]
CatalogEntryNo = Annotated[No, Meta(description="Number of the catalog item.", examples=["CAT-1001"])]


CatalogItemNo = Annotated[
    ItemNo,
    Meta(
        description="The item that it becomes; its number is reserved from the start.", examples=["TENT-3P"]
    ),
]
ItemCreated = Annotated[bool, Meta(description="The item exists.", examples=[False])]
