"""Fields that several structs of sales share. A field of a single struct is described there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CodeOrBlank,
    Day,
    ForeignNo,
    NoOrBlank,
    Percent,
    Text50,
    Text100,
    TotalQuantity,
    choice,
    names,
)

Reserve = Annotated[
    str,
    choice("never", "optional", "always"),
    Meta(description="Whether stock is reserved for the line.", examples=["optional"]),
]
ShippingAdvice = Annotated[
    str,
    choice("partial", "complete"),
    Meta(description="Whether the order may leave in parts.", examples=["partial"]),
]
ProcurementAutomation = Annotated[
    str,
    choice("", "manual", "requisition", "purchase_order"),
    Meta(
        description="How far flagged lines are bought automatically; empty: as planning's set-up says.",
        examples=["purchase_order"],
    ),
]
CustomerType = Annotated[
    str,
    choice("person", "company"),
    Meta(description="Kind of customer; companies pay no deposit at the till.", examples=["person"]),
]
Blocked = Annotated[
    str,
    choice("", "ship", "invoice", "all"),
    Meta(description="What the customer is blocked for; empty: nothing.", examples=["ship"]),
]
SalesOrderStatus = Annotated[
    str,
    choice("open", "released", "cancelling", "cancelled", "closed"),
    Meta(description="State of the order; lines and header change while it is open.", examples=["released"]),
]
SalesLineType = Annotated[
    str,
    choice("item", "comment", "charge"),
    Meta(description="What the line sells.", examples=["item"]),
]
ShipToCodeOrBlank = Annotated[
    CodeOrBlank,
    Meta(description="The customer's alternate address to ship to; empty for its own.", examples=["SHED"]),
]
ConfirmationNoOrBlank = Annotated[
    NoOrBlank,
    Meta(
        description="Number under which a till confirmed the order; empty for others.", examples=["K-100001"]
    ),
]
ChargeCodeNoOrBlank = Annotated[
    NoOrBlank,
    names("charge-code"),
    Meta(description="The charge of a charge line.", examples=["SHIPPING"]),
]
SalesLineId = Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]
CustomerName = Annotated[Text100, Meta(description="Name of the customer.", examples=["Anna Berg"])]
LineDescription = Annotated[
    Text100, Meta(description="Text of the line; the item's unless given.", examples=["Brass compass"])
]
ExternalDocumentNo = Annotated[
    ForeignNo, Meta(description="The document's number in the customer's system.", examples=["WEB-77"])
]
YourReference = Annotated[Text50, Meta(description="The customer's reference.", examples=["Anniversary"])]
OrderDate = Annotated[Day, Meta(description="The day of the order; today by default.")]
RequestedDeliveryDate = Annotated[Day, Meta(description="When the customer wants the goods.")]
ShipmentDate = Annotated[Day, Meta(description="When the goods leave.")]
PostingDate = Annotated[Day, Meta(description="The day of the posting; today by default.")]
DropShipment = Annotated[
    bool, Meta(description="The vendor delivers straight to the customer.", examples=[False])
]
SpecialOrder = Annotated[
    bool,
    Meta(description="The goods are bought for this line and received in our location.", examples=[True]),
]
SalesOrderLineNo = Annotated[
    int, Meta(description="Line of the sales order; 0: of no order.", examples=[10000])
]
QtyPerUnit = Annotated[TotalQuantity, Meta(description="How many base units one unit holds.", examples=["1"])]
UnitPrice = Annotated[Amount, Meta(description="Price of one unit without tax.", examples=["12.50"])]
PostedUnitCost = Annotated[
    Amount,
    Meta(
        description="Cost of one unit in the company's currency; of a bought line what its purchase cost by then.",
        examples=["80.00"],
    ),
]
LineDiscountPct = Annotated[
    Percent, Meta(description="Discount in percent: two percent are 2, not 0.02.", examples=["10"])
]
TaxPct = Annotated[Percent, Meta(description="Tax in percent.")]


SalesInvoiceNoOrBlank = Annotated[
    NoOrBlank,
    Meta(description="Sales invoice that it was posted from; empty if none.", examples=["SIV-1001"]),
]


SalesReturnNoOrBlank = Annotated[
    NoOrBlank,
    Meta(description="Return order that it was posted from; empty for a correction.", examples=["SR-1001"]),
]
