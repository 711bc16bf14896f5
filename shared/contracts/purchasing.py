"""What the purchasing service publishes: vendors, purchase orders with their links and receipts, and its decisions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CodeOrBlank,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    Day,
    Days,
    ExternalReference,
    ForeignNo,
    InvoiceDiscountAmount,
    ItemNo,
    ItemNoOrBlank,
    LineDiscountAmount,
    LineNo,
    LocationCodeOrBlank,
    Money,
    No,
    NoOrBlank,
    Percent,
    PurchaseOrderNo,
    PurchaseOrderNoOrBlank,
    PurchasingCodeOrBlank,
    Quantity,
    QuantityOrZero,
    SalesOrderNo,
    SalesOrderNoOrBlank,
    SharedDiscount,
    Text50,
    Text100,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    Version,
    choice,
)
from contracts.values import (
    Address,
    Deleted,
    Happened,
    InvoicedPostings,
    Model,
    Posting,
    PostingId,
    Problem,
    SalesLineRef,
)

SPECIAL_ORDER: Final = "special_order"
DROP_SHIPMENT: Final = "drop_shipment"
ORDER: Final = "order"
"""Kind of a demand link: made by *create purchase orders* of a sales order."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

# What several structs share. A field of a single struct is described there.
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


class VendorDetails(Address, frozen=True, kw_only=True):
    """What is known of a vendor besides its number."""

    email: Annotated[
        Text100, Meta(description="Where orders are sent.", examples=["orders@compass.example"])
    ] = ""
    currency_code: CurrencyCodeOrBlank = ""
    blocked: Blocked = ""
    privacy_blocked: Annotated[
        bool, Meta(description="The vendor's data may not be used any more.", examples=[False])
    ] = False
    lead_time_days: Annotated[Days, Meta(description="Days from order to receipt.", examples=[5])] = 0
    grouping_policy: GroupingPolicy = "standard"
    location_code: LocationCodeOrBlank = ""
    shipment_method_code: ShipmentMethodCode = ""
    over_receipt_pct: Annotated[
        Percent,
        Meta(
            description="How much more than ordered may be received, in percent; not on drop shipments.",
            examples=["2.5"],
        ),
    ] = ZERO


class Vendor(VendorDetails, frozen=True, kw_only=True):
    """A vendor, published by purchasing; key: its number."""

    no: VendorNo
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class PriceBreak(Model, frozen=True, kw_only=True):
    """A price from a quantity on, between two dates (both included)."""

    minimum_quantity: MinimumQuantity = ZERO
    direct_unit_cost: DirectUnitCost
    line_discount_pct: LineDiscountPct = ZERO
    from_date: (
        Annotated[Day, Meta(description="First day; null: no bound.", examples=["2026-01-01"])] | None
    ) = None
    to_date: Annotated[Day, Meta(description="Last day; null: no bound.", examples=["2026-12-31"])] | None = (
        None
    )


class ItemVendorDetails(Model, frozen=True, kw_only=True):
    """The vendor's terms for an item."""

    vendor_item_no: VendorItemNo = ""
    direct_unit_cost: DirectUnitCost = ZERO
    minimum_quantity: Annotated[
        QuantityOrZero, Meta(description="The least that the vendor sells at once.", examples=["10"])
    ] = ZERO
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    lead_time_days: (
        Annotated[
            Days,
            Meta(description="Days from order to receipt; null: the item's or the vendor's.", examples=[3]),
        ]
        | None
    ) = None
    currency_code: CurrencyCodeOrBlank = ""
    price_breaks: Annotated[
        tuple[PriceBreak, ...],
        Meta(description="Prices from quantities on; the lowest that holds is taken.", max_length=100),
    ] = ()


class ItemVendor(ItemVendorDetails, frozen=True, kw_only=True):
    """An item in a vendor's catalogue; key `<vendor_no>/<item_no>`."""

    vendor_no: VendorNo
    item_no: ItemNo
    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class PurchaseLink(Model, frozen=True, kw_only=True):
    """Connects a purchase line with the sales line that it serves. At most one link per sales line is active.

    A link is identified by sales line and generation: a later generation starts with nothing received.
    """

    link_id: Annotated[UUID, Meta(description="Identifies the link.", examples=[EXAMPLE_ID])]
    kind: LinkKind
    sales: SalesLineRef
    active: Annotated[bool, Meta(description="The purchase line serves the sales line.", examples=[True])] = (
        True
    )
    replaced: Annotated[
        bool,
        Meta(description="Received and given to another sale; the line is bought again.", examples=[False]),
    ] = False


class DemandLink(Model, frozen=True, kw_only=True):
    """The sales line that a purchase was made for, without binding it: neither side is guarded by it."""

    kind: Annotated[
        str,
        choice(ORDER),
        Meta(
            description="How the purchase was made: `order` (*create purchase orders* of a sales order).",
            examples=["order"],
        ),
    ]
    sales_order_no: SalesOrderNo
    sales_order_line_no: LineNo
    sales_line_id: SalesLineId
    quantity: Annotated[
        QuantityOrZero, Meta(description="How much of the purchase, in its unit.", examples=["5"])
    ]


class PurchaseLineTerms(Model, frozen=True, kw_only=True):
    """What a line of a purchase order says; costs in the order's currency."""

    id: Annotated[UUID, Meta(description="Identifies the line.", examples=[EXAMPLE_ID])]
    line_no: LineNo
    item_no: ItemNo
    description: Description = ""
    vendor_item_no: VendorItemNo = ""
    quantity: OrderedQuantity
    unit_of_measure_code: UnitOfMeasureCodeOrBlank
    qty_per_unit_of_measure: QtyPerUnit = ONE
    direct_unit_cost: DirectUnitCost = ZERO
    line_discount_pct: LineDiscountPct = ZERO
    line_discount_amount: LineDiscountAmount | None = None
    location_code: LocationCodeOrBlank = ""
    expected_receipt_date: ExpectedReceiptDate | None = None
    requested_receipt_date: RequestedReceiptDate | None = None
    confirmed_quantity: ConfirmedQuantity | None = None
    confirmed_date: ConfirmedDate | None = None
    refusal_reason: Annotated[
        Text100,
        Meta(
            description='Why the vendor does not deliver the line; "" where it was not refused.',
            examples=["Out of production"],
        ),
    ] = ""
    refused_quantity: Annotated[
        QuantityOrZero, Meta(description="What was ordered when the vendor refused it.", examples=["5"])
    ] = ZERO
    purchasing_code: PurchasingCodeOrBlank = ""
    nonstock: Annotated[
        bool, Meta(description="The item was taken from a catalog for a sale.", examples=[False])
    ] = False
    quantity_invoiced: QuantityInvoiced = ZERO
    amount_invoiced: AmountInvoiced | None = None
    requisition_line_id: RequisitionLineId | None = None
    demand: Annotated[
        tuple[DemandLink, ...],
        Meta(description="Sales lines that it was bought for, without a binding link."),
    ] = ()


class UndoRequestLine(Model, frozen=True, kw_only=True):
    """A receipt of a linked line that purchasing wants to take back."""

    sales_order_no: SalesOrderNo
    sales_line_id: SalesLineId
    posting_id: PostingId


class UndoRequest(Model, frozen=True, kw_only=True):
    """Purchasing asks sales whether receipts of linked lines may be taken back: all of them or none."""

    id: Annotated[UUID, Meta(description="The operation's id.", examples=[EXAMPLE_ID])]
    lines: Annotated[tuple[UndoRequestLine, ...], Meta(description="The receipts to take back.")]


class PurchaseLine(PurchaseLineTerms, frozen=True, kw_only=True):
    """A line of a purchase order. A deleted one stays, its link inactive, so that sales sees the deletion."""

    quantity_received: QuantityReceived = ZERO
    link: PurchaseLink | None = None
    receipts: Annotated[tuple[Posting, ...], Meta(description="All posted receipts of the line.")] = ()
    closed_short: Annotated[
        bool,
        Meta(
            description="No more will come: the quantity was lowered to what was received.", examples=[False]
        ),
    ] = False
    deleted: Deleted = False


class PurchaseOrderTerms(Model, frozen=True, kw_only=True):
    """Header fields of a purchase order that its author enters."""

    vendor_no: VendorNo
    sell_to_customer_no: CustomerNoOrBlank = ""
    ship_to_code: ShipToCodeOrBlank = ""
    currency_code: CurrencyCodeOrBlank = ""
    your_reference: YourReference = ""
    invoice_discount_amount: InvoiceDiscountAmount = ZERO


class PurchaseOrderHeader(PurchaseOrderTerms, frozen=True, kw_only=True):
    """The header of a purchase order."""

    no: PurchaseOrderNo
    status: OrderStatus
    vendor_name: VendorName = ""
    purchase_request_id: PurchaseRequestId | None = None
    ship_to: Address = Address()
    location_code: LocationCodeOrBlank = ""
    order_date: OrderDate
    external_reference: ExternalReference = ""
    revision: Annotated[
        int,
        Meta(description="Printed on the order; the first change after it was sent raises it.", examples=[1]),
    ] = 1
    sent_at: Annotated[Timestamp, Meta(description="When it was last sent; null: never.")] | None = None
    sent_to: Annotated[
        Text100,
        Meta(description="Address it was mailed to; empty: none.", examples=["orders@compass.example"]),
    ] = ""
    changed_since_sent: Annotated[
        bool, Meta(description="The vendor has an older revision.", examples=[False])
    ] = False


class PurchaseOrder(PurchaseOrderHeader, frozen=True, kw_only=True):
    """A purchase order; key: its number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    lines: Annotated[tuple[PurchaseLine, ...], Meta(description="All lines, deleted ones too.")] = ()
    undo_requests: Annotated[
        tuple[UndoRequest, ...], Meta(description="Receipts to take back that wait for sales' decision.")
    ] = ()


class SkippedLine(Model, frozen=True, kw_only=True):
    """A line that a request left out because its sales line was procured already."""

    requisition_line_id: RequisitionLineId | None = None
    sales_line_id: SalesLineId
    code: Annotated[
        str,
        Meta(
            description="Why: `already-associated-with-purchase-order` or `superseded`.",
            examples=["already-associated-with-purchase-order"],
        ),
    ]
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    detail: Annotated[
        str,
        Meta(
            description="For people.",
            examples=["sales order S-1001 line 20000 is already associated with purchase order P-1001"],
        ),
    ] = ""


class RequestedPosting(Model, frozen=True, kw_only=True):
    """A receipt that answers a posting request of sales."""

    sales_line_id: SalesLineId
    purchase_order_no: PurchaseOrderNo
    purchase_order_line_no: PurchaseOrderLineNo
    posting: Posting


class WithdrawnLine(Model, frozen=True, kw_only=True):
    """A sales line whose purchase was taken back, but for what had been received."""

    sales_line_id: SalesLineId
    quantity_received: Annotated[
        TotalQuantity, Meta(description="What was received for the line before.", examples=["0"])
    ] = Decimal(0)


class ChangedLine(Model, frozen=True, kw_only=True):
    """A purchase line after a requested change."""

    sales_line_id: SalesLineId
    quantity: Annotated[TotalQuantity, Meta(description="What it orders now.")]
    quantity_received: QuantityReceived = ZERO
    unbought: Annotated[
        bool,
        Meta(
            description="Nothing was bought for the line, and nothing of the named generation will be.",
            examples=[False],
        ),
    ] = False
    not_taken: Annotated[
        bool,
        Meta(
            description="The purchase stays as it is: it cannot take more any more.",
            examples=[False],
        ),
    ] = False


class RequestOutcome(Model, frozen=True, kw_only=True):
    """Purchasing's decision on a request of another service; key: `request_id`; decided once, so its version is 1."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    request_id: Annotated[UUID, Meta(description="Id of the request.", examples=[EXAMPLE_ID])]
    kind: Annotated[
        str,
        Meta(
            description="`purchase_request` (planning's), `posting_request`, `withdrawal_request`, "
            "`requested_change` or `purchase_invoice_request` (sales').",
            examples=["purchase_request"],
        ),
    ]
    outcome: Annotated[
        str,
        Meta(
            description="`created`, `skipped` (every line was procured already), `refused` (`errors` holds every "
            "reason), `superseded` (a higher generation is known), `posted`, `already_posted` (the same delivery was "
            "posted before), `withdrawn` (the purchases of the lines are taken back), `changed`, `rescheduled` (the "
            "purchase line comes another day).",
            examples=["created"],
        ),
    ]
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    skipped: Annotated[tuple[SkippedLine, ...], Meta(description="Lines that were left out.")] = ()
    errors: Annotated[tuple[Problem, ...], Meta(description="Every reason of a refusal.")] = ()
    postings: Annotated[tuple[RequestedPosting, ...], Meta(description="The receipts asked for.")] = ()
    withdrawn: Annotated[
        tuple[WithdrawnLine, ...], Meta(description="Lines whose purchases were taken back.", examples=[[]])
    ] = ()
    purchase_invoice_no: PurchaseInvoiceNoOrBlank = ""
    sales_invoice_no: Annotated[
        NoOrBlank,
        Meta(description="Sales invoice that the request is about; empty if none.", examples=["SIV-1001"]),
    ] = ""
    changed_lines: Annotated[
        tuple[ChangedLine, ...], Meta(description="The purchase lines after a requested change.")
    ] = ()


class PostedPurchaseLine(Model, frozen=True, kw_only=True):
    """What lines of posted receipts and purchase invoices have from the order's line."""

    line_no: LineNo
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    purchase_order_line_no: PurchaseOrderLineNo = 0
    item_no: ItemNoOrBlank = ""
    description: Description = ""
    vendor_item_no: VendorItemNo = ""
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    direct_unit_cost: DirectUnitCost = ZERO
    line_discount_pct: LineDiscountPct = ZERO
    location_code: LocationCodeOrBlank = ""
    purchasing_code: PurchasingCodeOrBlank = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: LineNo | None = None
    drop_shipment: Annotated[
        bool, Meta(description="The vendor delivered to the customer.", examples=[False])
    ] = False
    special_order: Annotated[bool, Meta(description="Bought for one sales line.", examples=[True])] = False


class PostedPurchaseInvoiceLine(PostedPurchaseLine, frozen=True, kw_only=True):
    """A line of a posted purchase invoice."""

    quantity: Annotated[TotalQuantity, Meta(description="What was invoiced.", examples=["2"])]
    amount: Annotated[Amount, Meta(description="Amount of the line without tax.", examples=["160.00"])]
    invoice_discount_amount: SharedDiscount = ZERO
    posting_id: Annotated[PostingId | None, Meta(description="The first of the receipts it bills.")] = None
    posting_ids: InvoicedPostings = ()
    qty_per_unit_of_measure: QtyPerUnit = ONE
    receipt: (
        Annotated[
            Posting,
            Meta(description="What the invoice itself received into stock; null: it bills receipts or text."),
        ]
        | None
    ) = None


class PostedPurchaseDocument(Model, frozen=True, kw_only=True):
    """What posted receipts and purchase invoices have from the order's header."""

    vendor_no: VendorNo
    vendor_name: VendorName = ""
    sell_to_customer_no: CustomerNoOrBlank = ""
    ship_to_code: ShipToCodeOrBlank = ""
    ship_to: Address = Address()
    location_code: LocationCodeOrBlank = ""
    order_date: OrderDate | None = None
    your_reference: YourReference = ""
    shipment_method_code: ShipmentMethodCode = ""
    external_reference: ExternalReference = ""


class PostedPurchaseInvoiceHeader(PostedPurchaseDocument, frozen=True, kw_only=True):
    """The header of a posted purchase invoice."""

    no: PostedDocumentNo
    vendor_invoice_no: VendorInvoiceNo
    posting_date: PostingDate
    currency_code: CurrencyCodeOrBlank
    amount: Annotated[Amount, Meta(description="Sum of the lines without tax.", examples=["160.00"])]


class PostedPurchaseInvoice(PostedPurchaseInvoiceHeader, frozen=True, kw_only=True):
    """A posted purchase invoice; key: its number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    posted_at: (
        Annotated[
            Timestamp,
            Meta(description="When it was posted, on whatever date; null: by a release that did not say."),
        ]
        | None
    ) = None
    lines: Annotated[
        tuple[PostedPurchaseInvoiceLine, ...], Meta(description="The lines that were invoiced.")
    ] = ()
