"""What the sales service publishes: its master data, orders, invoices and channel transactions.

The bases hold the fields that requests, the service's own records, events and answers share.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    Code,
    CodeOrBlank,
    CurrencyCode,
    CurrencyCodeOrBlank,
    CustomerNo,
    Day,
    ExternalReference,
    ForeignNo,
    Generation,
    InvoiceDiscountAmount,
    ItemNoOrBlank,
    LineNo,
    LocationCodeOrBlank,
    No,
    NoOrBlank,
    Percent,
    PurchaseOrderNoOrBlank,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    Rate,
    SalesOrderNo,
    SalesOrderNoOrBlank,
    SharedDiscount,
    Text50,
    Text100,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNoOrBlank,
    Version,
    choice,
    names,
    text,
)
from contracts.values import (
    Address,
    Deleted,
    Happened,
    InvoicedPostings,
    Model,
    PostalAddress,
    Posting,
    PostingId,
    Problem,
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


class CompanyDetails(PostalAddress, frozen=True, kw_only=True):
    """The one company of the installation, as it is entered."""

    name: Annotated[
        str,
        text(100, min_length=1),
        Meta(description="Name of the company.", examples=["Northsea Outfitters"]),
    ]
    currency_code: CurrencyCode
    time_zone: Annotated[
        Text50,
        Meta(description='IANA time zone, which decides what "today" is.', examples=["Europe/Berlin"]),
    ]


class Company(CompanyDetails, frozen=True, kw_only=True):
    """The one company of the installation."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class ExchangeRateDetails(Model, frozen=True, kw_only=True):
    """What a unit of a currency is worth in the company's, as it is entered."""

    rate: Annotated[Rate, Meta(description="Units of the company's currency per unit of this one.")]


class ExchangeRate(ExchangeRateDetails, frozen=True, kw_only=True):
    """What a unit of a currency is worth in the company's, from a date on; key `<currency>/<date>`."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    currency_code: CurrencyCode
    date: Annotated[Day, Meta(description="The first day of the rate.")]


class ShipToAddressDetails(Address, frozen=True, kw_only=True):
    """An alternate delivery address, as it is entered."""

    location_code: LocationCodeOrBlank = ""


class ShipToAddress(ShipToAddressDetails, frozen=True, kw_only=True):
    """An alternate delivery address of a customer; key `<customer_no>/<code>`."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    customer_no: CustomerNo
    code: Annotated[Code, Meta(description="Code of the address.", examples=["SHED"])]


class CustomerDetails(Address, frozen=True, kw_only=True):
    """A customer, as it is entered."""

    name: Annotated[
        str, text(100, min_length=1), Meta(description="Name of the customer.", examples=["Anna Berg"])
    ]
    email: Annotated[Text100, Meta(description="Address for e-mail.", examples=["anna@example.com"])] = ""
    currency_code: CurrencyCodeOrBlank = ""
    location_code: LocationCodeOrBlank = ""
    blocked: Blocked = ""
    privacy_blocked: Annotated[
        bool, Meta(description="Blocked for everything, for privacy.", examples=[False])
    ] = False
    reserve: Reserve = "optional"
    shipping_advice: ShippingAdvice = "partial"
    customer_type: CustomerType = "person"


class Customer(CustomerDetails, frozen=True, kw_only=True):
    """A customer with addresses, terms and blocking, as other services see it."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    no: CustomerNo


class PurchasingCodeDetails(Model, frozen=True, kw_only=True):
    """How lines with a code are procured, as it is entered: at most one of the two flags."""

    description: Annotated[Text100, Meta(description="What the code means.", examples=["Special order"])] = ""
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False


class PurchasingCode(PurchasingCodeDetails, frozen=True, kw_only=True):
    """How a line is procured: at most one of the two flags."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    code: Annotated[Code, Meta(description="The code.", examples=["SPEC"])]


class ChargeCodeDetails(Model, frozen=True, kw_only=True):
    """A charge such as shipping, as it is entered."""

    description: Annotated[Text100, Meta(description="What is charged.", examples=["Shipping"])] = ""
    tax_pct: TaxPct = Decimal(0)
    refundable: Annotated[
        bool, Meta(description="The charge is paid back with a return.", examples=[False])
    ] = False


class ChargeCode(ChargeCodeDetails, frozen=True, kw_only=True):
    """A charge, such as shipping or a cancellation."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    code: Annotated[No, Meta(description="The code.", examples=["SHIPPING"])]


class LineDemand(Model, frozen=True, kw_only=True):
    """The demand of a flagged line; planning compares every link with the newest generation."""

    generation: Generation
    quantity: Annotated[
        QuantityOrZero, Meta(description="The wanted total in the line's unit; 0: nothing any more.")
    ]
    released: Annotated[
        bool,
        Meta(description="Set by the first release; stays true when the order is reopened.", examples=[True]),
    ] = False
    supplied: Annotated[
        QuantityOrZero,
        Meta(
            description="What of the total is here for the line already, or has left, without a purchase of this "
            "generation.",
            examples=["0"],
        ),
    ] = Decimal(0)


class Reallocation(Model, frozen=True, kw_only=True):
    """Received goods of one special order that a person gave to another; a permanent record of both lines."""

    id: Annotated[UUID, Meta(description="Identifies it on both lines.", examples=[EXAMPLE_ID])]
    quantity: Annotated[
        TotalQuantity, Meta(description="In the lines' unit; negative: given away.", examples=["-3"])
    ]
    sales_order_no: Annotated[SalesOrderNo, Meta(description="The other line's order.")]
    sales_order_line_no: Annotated[LineNo, Meta(description="The other line.")]
    sales_line_id: Annotated[SalesLineId, Meta(description="The other line's id.")]
    purchase_order_no: Annotated[
        PurchaseOrderNoOrBlank, Meta(description='The purchase that brought the goods; "": others gave them.')
    ] = ""
    reallocated_at: Annotated[Timestamp | None, Meta(description="When it was done.")] = None


class SalesLineTerms(Model, frozen=True, kw_only=True):
    """What a line of a sales order sells and how it is procured."""

    id: SalesLineId
    line_no: LineNo
    type: SalesLineType = "item"
    item_no: ItemNoOrBlank = ""
    charge_code: ChargeCodeNoOrBlank = ""
    description: LineDescription = ""
    quantity: Annotated[QuantityOrZero, Meta(description="What is sold, in the line's unit.")] = Decimal(0)
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    qty_per_unit_of_measure: QtyPerUnit = Decimal(1)
    unit_price: UnitPrice = Decimal(0)
    line_discount_pct: LineDiscountPct = Decimal(0)
    tax_pct: TaxPct = Decimal(0)
    location_code: LocationCodeOrBlank = ""
    shipment_date: ShipmentDate | None = None
    planned_delivery_date: Annotated[Day, Meta(description="When the goods arrive.")] | None = None
    promised_delivery_date: (
        Annotated[
            Day, Meta(description="What was promised to the customer when the order was released first.")
        ]
        | None
    ) = None
    purchasing_code: PurchasingCodeOrBlank = ""
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False
    nonstock: Annotated[bool, Meta(description="A catalog item that is not kept.", examples=[False])] = False
    catalog_entry_no: Annotated[
        NoOrBlank,
        Meta(description="The catalog item that the line selected; empty for none.", examples=["CAT-1001"]),
    ] = ""
    reserve: Reserve = "optional"


class SalesLine(SalesLineTerms, frozen=True, kw_only=True):
    """A line of a sales order. `id` binds links; `line_no` is for people and never used twice."""

    quantity_shipped: Annotated[TotalQuantity, Meta(description="What has left for the customer.")] = Decimal(
        0
    )
    quantity_invoiced: Annotated[TotalQuantity, Meta(description="What is invoiced now.")] = Decimal(0)
    ever_invoiced: Annotated[
        TotalQuantity,
        Meta(description="All that was ever invoiced of the line; only grows, also over corrections."),
    ] = Decimal(0)
    demand: LineDemand | None = None
    postings: Annotated[tuple[Posting, ...], Meta(description="Its shipments.", examples=[[]])] = ()
    reallocations: Annotated[
        tuple[Reallocation, ...],
        Meta(description="Received goods that it gave to other lines, or got from them.", examples=[[]]),
    ] = ()


class PostingRequestLine(Model, frozen=True, kw_only=True):
    """One drop-shipment line to post."""

    sales_line_id: SalesLineId
    base: Annotated[TotalQuantity, Meta(description="What sales saw as shipped.")]
    quantity: Annotated[TotalQuantity, Meta(description="What moves now.")]


class PostingRequest(Model, frozen=True, kw_only=True):
    """Sales asks purchasing to post receipts for drop-shipment lines, all or nothing."""

    id: Annotated[UUID, Meta(description="The operation's id.", examples=[EXAMPLE_ID])]
    posting_date: PostingDate
    lines: Annotated[tuple[PostingRequestLine, ...], Meta(description="What to receive.")]


class WithdrawalRequest(Model, frozen=True, kw_only=True):
    """Sales gives flagged lines up: purchasing takes back what is bought for them, all lines or none.

    `remaining`: what was received stays sold, only the rest is given up.
    """

    id: Annotated[UUID, Meta(description="The operation's id.", examples=[EXAMPLE_ID])]
    remaining: Annotated[bool, Meta(description="Give up only what was not received.", examples=[False])] = (
        False
    )
    sales_line_ids: Annotated[
        tuple[SalesLineId, ...], Meta(description="The lines to give up.", examples=[[EXAMPLE_ID]])
    ]


class PurchaseInvoiceRequest(Model, frozen=True, kw_only=True):
    """Sales asks purchasing for an unposted purchase invoice of a document's lines."""

    id: Annotated[UUID, Meta(description="The operation's id.", examples=[EXAMPLE_ID])]
    line_nos: Annotated[
        tuple[LineNo, ...], Meta(description="The lines to buy; none: all.", examples=[[10000]])
    ] = ()
    vendor_no: VendorNoOrBlank = ""
    allow_repeat: Annotated[
        bool, Meta(description="Also lines that a purchase invoice was made of before.", examples=[False])
    ] = False


class RequestedChangeLine(Model, frozen=True, kw_only=True):
    """One linked line that sales wants changed."""

    sales_line_id: SalesLineId
    posting_ids: Annotated[
        tuple[UUID, ...], Meta(description="The movements to take back.", examples=[[EXAMPLE_ID]])
    ] = ()
    generation: Annotated[
        Generation,
        Meta(
            description="Of a change: the newest generation that sales knows. If nothing is bought for the line, "
            "nothing of this generation is bought any more, and the change takes the next one."
        ),
    ] = 0
    quantity: (
        Annotated[
            QuantityOrZero,
            Meta(
                description="Of a change: what its purchase shall bring in all; 0: nothing more, null: as before. Of a "
                "correction: what is credited."
            ),
        ]
        | None
    ) = None
    quantity_before: Annotated[
        QuantityOrZero, Meta(description="What its purchase had to bring in all before the change.")
    ] = Decimal(0)
    location_code: (
        Annotated[
            LocationCodeOrBlank, Meta(description="Where the goods shall be received; null: as before.")
        ]
        | None
    ) = None


class RequestedChange(Model, frozen=True, kw_only=True):
    """Sales asks purchasing to change linked purchase lines: all lines or none, decided once."""

    id: Annotated[UUID, Meta(description="The operation's id.", examples=[EXAMPLE_ID])]
    kind: Annotated[
        str,
        choice("undo_shipment", "close_short", "change", "correct_invoice"),
        Meta(
            description="Take movements back, order no more than was received, change what is ordered, or let the "
            "vendor invoice less, because the sales invoice of a drop shipment is taken back.",
            examples=["close_short"],
        ),
    ]
    lines: Annotated[tuple[RequestedChangeLine, ...], Meta(description="The lines that it concerns.")]
    ship_to: (
        Annotated[
            Address, Meta(description="Where the lines, all drop shipments, shall go; null: as before.")
        ]
        | None
    ) = None
    ship_to_code: ShipToCodeOrBlank = ""
    unbought_only: Annotated[
        bool,
        Meta(
            description="The change makes another purchase of the lines: refused once they are bought.",
            examples=[False],
        ),
    ] = False


class UndoDecision(Model, frozen=True, kw_only=True):
    """What sales decided about purchasing's wish to take receipts back; kept, so that it is decided once."""

    id: Annotated[UUID, Meta(description="Id of the request.", examples=[EXAMPLE_ID])]
    purchase_order_no: PurchaseOrderNoOrBlank
    errors: Annotated[tuple[Problem, ...], Meta(description="Why not; empty: granted.")] = ()


class PromiseDecision(Model, frozen=True, kw_only=True):
    """What sales decided about the dates that planning promised; the last ones are kept, so each is decided once."""

    id: Annotated[UUID, Meta(description="Id of the promise.", examples=[EXAMPLE_ID])]
    errors: Annotated[tuple[Problem, ...], Meta(description="Why not; empty: its lines have the dates.")] = ()


class SalesReferences(Model, frozen=True, kw_only=True):
    """Whose document it is, and what it is called on the other side: on orders and posted documents alike."""

    customer_no: CustomerNo
    external_document_no: ExternalDocumentNo = ""
    your_reference: YourReference = ""
    external_reference: ExternalReference = ""


class SalesOrderTerms(SalesReferences, frozen=True, kw_only=True):
    """Header fields that are kept just as the caller gives them."""

    requested_delivery_date: RequestedDeliveryDate | None = None
    procurement_automation: ProcurementAutomation = ""
    invoice_discount_amount: InvoiceDiscountAmount = Decimal(0)


class SalesOrderHeader(SalesOrderTerms, frozen=True, kw_only=True):
    """The header of a sales order."""

    no: SalesOrderNo
    status: SalesOrderStatus
    customer_name: CustomerName = ""
    order_date: OrderDate
    ship_to_code: ShipToCodeOrBlank = ""
    ship_to: Address = Address()
    location_code: LocationCodeOrBlank = ""
    currency_code: CurrencyCodeOrBlank = ""
    confirmation_no: ConfirmationNoOrBlank = ""


class SalesOrder(SalesOrderHeader, frozen=True, kw_only=True):
    """A sales order; key: its number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    lines: Annotated[tuple[SalesLine, ...], Meta(description="What is sold.")] = ()
    posting_requests: Annotated[
        tuple[PostingRequest, ...], Meta(description="Postings that wait for purchasing's receipts.")
    ] = ()
    withdrawal_requests: Annotated[
        tuple[WithdrawalRequest, ...],
        Meta(description="Purchases that purchasing is asked to take back.", examples=[[]]),
    ] = ()
    purchase_invoice_requests: Annotated[
        tuple[PurchaseInvoiceRequest, ...], Meta(description="Purchase invoices that purchasing shall make.")
    ] = ()
    requested_changes: Annotated[
        tuple[RequestedChange, ...], Meta(description="Changes that wait for purchasing's decision.")
    ] = ()
    undo_decisions: Annotated[
        tuple[UndoDecision, ...], Meta(description="What sales decided about receipts to take back.")
    ] = ()
    promise_decisions: Annotated[
        tuple[PromiseDecision, ...],
        Meta(description="What sales decided about promised dates, the last ones.", examples=[[]]),
    ] = ()


class UnpostedSalesInvoice(SalesReferences, frozen=True, kw_only=True):
    """A sales invoice without an order, before it is posted and after; key: its number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    no: Annotated[No, Meta(description="Number of the sales invoice.", examples=["SIV-1001"])]
    location_code: LocationCodeOrBlank = ""
    lines: Annotated[tuple[SalesLine, ...], Meta(description="What is sold.")] = ()
    purchase_invoice_requests: Annotated[
        tuple[PurchaseInvoiceRequest, ...], Meta(description="Purchase invoices that purchasing shall make.")
    ] = ()


class PostedSalesLine(Model, frozen=True, kw_only=True):
    """What lines of posted shipments and sales invoices have from the order's line, and from its purchase."""

    line_no: LineNo
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: SalesOrderLineNo = 0
    sales_line_id: SalesLineId | None = None
    type: SalesLineType = "item"
    item_no: ItemNoOrBlank = ""
    charge_code: ChargeCodeNoOrBlank = ""
    description: LineDescription = ""
    unit_of_measure_code: UnitOfMeasureCodeOrBlank = ""
    unit_price: UnitPrice = Decimal(0)
    unit_cost: PostedUnitCost = Decimal(0)
    line_discount_pct: LineDiscountPct = Decimal(0)
    tax_pct: TaxPct = Decimal(0)
    location_code: LocationCodeOrBlank = ""
    shipment_date: ShipmentDate | None = None
    purchasing_code: PurchasingCodeOrBlank = ""
    drop_shipment: DropShipment = False
    special_order: SpecialOrder = False
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    purchase_order_line_no: (
        Annotated[LineNo, Meta(description="Line of the purchase order.", examples=[10000])] | None
    ) = None


class PostedSalesInvoiceLine(PostedSalesLine, frozen=True, kw_only=True):
    """A line of a posted sales invoice."""

    quantity: Annotated[TotalQuantity, Meta(description="What was invoiced.")]
    amount: Annotated[Amount, Meta(description="Amount without tax.")]
    tax_amount: Annotated[Amount, Meta(description="Tax on the amount.", examples=["23.75"])] = Decimal(0)
    invoice_discount_amount: SharedDiscount = Decimal(0)
    posting_id: Annotated[PostingId | None, Meta(description="The first of the shipments it bills.")] = None
    posting_ids: InvoicedPostings = ()
    qty_per_unit_of_measure: QtyPerUnit = Decimal(1)
    shipment: Annotated[
        Posting | None,
        Meta(description="What left with the invoice itself; null if it left with the shipment of an order."),
    ] = None
    quantity_credited: Annotated[
        TotalQuantity, Meta(description="What of it was given back by credit memos.", examples=["0"])
    ] = Decimal(0)


SalesInvoiceNoOrBlank = Annotated[
    NoOrBlank,
    Meta(description="Sales invoice that it was posted from; empty if none.", examples=["SIV-1001"]),
]


class PostedSalesDocument(SalesReferences, frozen=True, kw_only=True):
    """What posted shipments and sales invoices have from the order's header."""

    customer_name: CustomerName = ""
    order_date: OrderDate | None = None
    requested_delivery_date: RequestedDeliveryDate | None = None
    ship_to_code: ShipToCodeOrBlank = ""
    ship_to: Address = Address()
    location_code: LocationCodeOrBlank = ""
    currency_code: CurrencyCodeOrBlank = ""
    confirmation_no: ConfirmationNoOrBlank = ""


class PostedSalesInvoice(PostedSalesDocument, frozen=True, kw_only=True):
    """A posted sales invoice; key: its number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    no: Annotated[No, Meta(description="Number of the invoice.", examples=["SI-1001"])]
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_invoice_no: SalesInvoiceNoOrBlank = ""
    posting_date: PostingDate
    amount: Annotated[Amount, Meta(description="Amount of all lines without tax.")]
    tax_amount: Annotated[Amount, Meta(description="Tax on the amount.", examples=["23.75"])] = Decimal(0)
    lines: Annotated[tuple[PostedSalesInvoiceLine, ...], Meta(description="What was invoiced.")] = ()


class PostedSalesCreditMemoLine(PostedSalesLine, frozen=True, kw_only=True):
    """A line of a posted credit memo: what is given back of one line of an invoice."""

    posted_invoice_no: Annotated[
        NoOrBlank, Meta(description="The invoice that is credited.", examples=["SI-1001"])
    ] = ""
    posted_invoice_line_no: Annotated[int, Meta(description="Line of the invoice.", examples=[10000])] = 0
    quantity: Annotated[TotalQuantity, Meta(description="What is credited.")]
    qty_per_unit_of_measure: QtyPerUnit = Decimal(1)
    amount: Annotated[Amount, Meta(description="Amount without tax.")]
    tax_amount: Annotated[Amount, Meta(description="Tax on the amount.", examples=["23.75"])] = Decimal(0)
    receipt: Annotated[Posting | None, Meta(description="What came back with it; null if no goods did.")] = (
        None
    )


SalesReturnNoOrBlank = Annotated[
    NoOrBlank,
    Meta(description="Return order that it was posted from; empty for a correction.", examples=["SR-1001"]),
]


class PostedSalesCreditMemo(PostedSalesDocument, frozen=True, kw_only=True):
    """A posted sales credit memo; key: its number."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    no: Annotated[No, Meta(description="Number of the credit memo.", examples=["SC-1001"])]
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_return_order_no: SalesReturnNoOrBlank = ""
    posting_date: PostingDate
    amount: Annotated[Amount, Meta(description="Amount of all lines without tax.")]
    tax_amount: Annotated[Amount, Meta(description="Tax on the amount.", examples=["23.75"])] = Decimal(0)
    lines: Annotated[tuple[PostedSalesCreditMemoLine, ...], Meta(description="What is given back.")] = ()
