"""Fields that several structs of purchasing share. A field of a single struct is described there."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CodeOrBlank,
    Day,
    ForeignNo,
    Money,
    No,
    NoOrBlank,
    Percent,
    Quantity,
    QuantityOrZero,
    Text50,
    Text100,
    TotalQuantity,
    choice,
)

SPECIAL_ORDER: Final = "special_order"
DROP_SHIPMENT: Final = "drop_shipment"
ORDER: Final = "order"
"""Kind of a demand link: made by *create purchase orders* of a sales order."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

Blocked = Annotated[
    str,
    choice("", "payment", "all"),
    Meta(description='What the vendor is blocked for: "" nothing, `payment`, `all`.', examples=["payment"]),
]
GroupingPolicy = Annotated[
    str,
    choice("standard", "per_sales_order", "merge_special_orders"),
    Meta(description="Which lines of requests share a purchase order.", examples=["standard"]),
]
ShipmentMethodCode = Annotated[
    CodeOrBlank, Meta(description='How and on whose risk goods are shipped; "" for none.', examples=["EXW"])
]
ShipToCodeOrBlank = Annotated[
    CodeOrBlank,
    Meta(description="The customer's delivery address; \"\" is the customer's own.", examples=["LAKE"]),
]
YourReference = Annotated[
    Text50, Meta(description="Reference that the vendor shall quote.", examples=["Anniversary"])
]
OrderDate = Annotated[Day, Meta(description="The day of the order.", examples=["2026-03-02"])]
Description = Annotated[Text100, Meta(description="Text of the line.", examples=["Brass compass"])]
OrderedQuantity = Annotated[
    Quantity, Meta(description="What is ordered, in the line's unit.", examples=["5"])
]
QtyPerUnit = Annotated[
    Decimal, Meta(description="How many base units of the item one unit of the line holds.", examples=["1"])
]
DirectUnitCost = Annotated[
    Money, Meta(description="The vendor's price of one unit, without tax.", examples=["80.00"])
]
LineDiscountPct = Annotated[
    Percent,
    Meta(description="Discount in percent of the line's price: two percent are 2, not 0.02.", examples=["5"]),
]
ExpectedReceiptDate = Annotated[
    Day, Meta(description="When the goods are expected.", examples=["2026-03-09"])
]
RequestedReceiptDate = Annotated[Day, Meta(description="When the goods are wanted.", examples=["2026-03-09"])]
ConfirmedQuantity = Annotated[
    QuantityOrZero, Meta(description="What the vendor has confirmed to deliver.", examples=["5"])
]
ConfirmedDate = Annotated[
    Day, Meta(description="When the vendor has confirmed to deliver.", examples=["2026-03-10"])
]
MinimumQuantity = Annotated[QuantityOrZero, Meta(description="The quantity it begins at.", examples=["10"])]
VendorItemNo = Annotated[
    ForeignNo, Meta(description="The vendor's own number of the item.", examples=["BC-9"])
]
VendorInvoiceNo = Annotated[
    ForeignNo, Meta(description="Number of the invoice at the vendor.", examples=["CW-4711"])
]
VendorName = Annotated[Text100, Meta(description="Name of the vendor.", examples=["Compass Works"])]
PostingDate = Annotated[Day, Meta(description="The day it is posted for.", examples=["2026-03-09"])]
PostedDocumentNo = Annotated[str, Meta(description="Number of the posted document.", examples=["PI-1001"])]
OrderStatus = Annotated[
    str,
    choice("open", "released", "closed"),
    Meta(
        description="`open`: may change; `released`: at the vendor; `closed`: received and invoiced in full.",
        examples=["released"],
    ),
]
LinkKind = Annotated[
    str,
    choice(SPECIAL_ORDER, DROP_SHIPMENT),
    Meta(
        description="`special_order`: bought for one sales line through stock; `drop_shipment`: the vendor delivers "
        "to the customer.",
        examples=["special_order"],
    ),
]
QuantityReceived = Annotated[
    TotalQuantity, Meta(description="Received and not undone, in the line's unit.", examples=["2"])
]
QuantityInvoiced = Annotated[
    TotalQuantity, Meta(description="Invoiced by the vendor, in the line's unit.", examples=["2"])
]
AmountInvoiced = Annotated[
    Amount,
    Meta(
        description="What the vendor has invoiced of the line without tax, in the order's currency; null: nothing.",
        examples=["160.00"],
    ),
]
PurchaseInvoiceNo = Annotated[No, Meta(description="Number of the purchase invoice.", examples=["PIV-1001"])]
PurchaseInvoiceNoOrBlank = Annotated[
    NoOrBlank, Meta(description='Number of the purchase invoice; "" for none.', examples=["PIV-1001"])
]
PurchaseRequestId = Annotated[
    UUID, Meta(description="The purchase request that made the order.", examples=[EXAMPLE_ID])
]
RequisitionLineId = Annotated[
    UUID, Meta(description="The requisition line that asked for it.", examples=[EXAMPLE_ID])
]
SalesLineId = Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]
PurchaseOrderLineNo = Annotated[
    int, Meta(description="Number of the line on the purchase order.", examples=[10000])
]
