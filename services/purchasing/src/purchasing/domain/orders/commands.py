"""What people ask of purchase orders: the data of requests and commands."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from contracts.fields import (
    MAX_LINES,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    InvoiceDiscountAmount,
    ItemNo,
    LineDiscountAmount,
    LineNo,
    LocationCodeOrBlank,
    NoOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    Text100,
    UnitOfMeasureCode,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    new_lines,
)
from contracts.purchasing.fields import (
    ConfirmedDate,
    ConfirmedQuantity,
    Description,
    DirectUnitCost,
    ExpectedReceiptDate,
    LineDiscountPct,
    LinkKind,
    OrderDate,
    OrderedQuantity,
    PostingDate,
    RequestedReceiptDate,
    ShipmentMethodCode,
    ShipToCodeOrBlank,
    VendorInvoiceNo,
    YourReference,
)
from contracts.purchasing.orders import PurchaseOrderTerms
from contracts.values import Address, Carrier, Model, TrackingNo
from domainkit.changes import AddressChanges, Changes
from domainkit.sending import Sending


class WrittenLine(Model, frozen=True, kw_only=True):
    """What a new line of an order or an invoice says; null is taken from the item, the vendor or the header."""

    item_no: ItemNo
    quantity: OrderedQuantity
    description: Description | None = None
    unit_of_measure_code: UnitOfMeasureCodeOrBlank | None = None
    direct_unit_cost: DirectUnitCost | None = None
    line_discount_pct: LineDiscountPct | None = None
    line_discount_amount: LineDiscountAmount | None = None
    location_code: LocationCodeOrBlank | None = None


class NewPurchaseLine(WrittenLine, frozen=True, kw_only=True):
    """A new line; what is null is taken from the item, the vendor or the header."""

    expected_receipt_date: ExpectedReceiptDate | None = None
    requested_receipt_date: RequestedReceiptDate | None = None
    confirmed_quantity: ConfirmedQuantity | None = None
    confirmed_date: ConfirmedDate | None = None


class NewPurchaseOrder(PurchaseOrderTerms, frozen=True, kw_only=True):
    """A new purchase order; what is null is taken from the vendor, the customer or the company."""

    no: Annotated[
        NoOrBlank, Meta(description='A number of your own; "" takes the next one.', examples=["P-1001"])
    ] = ""
    ship_to: Annotated[Address, Meta(description="Where the vendor delivers.")] | None = None
    location_code: LocationCodeOrBlank | None = None
    order_date: OrderDate | None = None
    shipment_method_code: ShipmentMethodCode | None = None
    lines: Annotated[tuple[NewPurchaseLine, ...], new_lines("What is bought.")] = ()


class PurchaseOrderChanges(Changes, frozen=True, kw_only=True):
    """The fields of a header to change; those left out stay."""

    vendor_no: VendorNo | UnsetType = UNSET
    sell_to_customer_no: CustomerNoOrBlank | UnsetType = UNSET
    ship_to_code: ShipToCodeOrBlank | UnsetType = UNSET
    ship_to: AddressChanges | UnsetType = UNSET
    location_code: LocationCodeOrBlank | UnsetType = UNSET
    currency_code: CurrencyCodeOrBlank | UnsetType = UNSET
    order_date: OrderDate | UnsetType = UNSET
    your_reference: YourReference | UnsetType = UNSET
    shipment_method_code: ShipmentMethodCode | UnsetType = UNSET
    invoice_discount_amount: InvoiceDiscountAmount | UnsetType = UNSET


class WrittenLineChanges(Changes, frozen=True, kw_only=True):
    """The fields that lines of orders and invoices have both; those left out stay."""

    item_no: ItemNo | UnsetType = UNSET
    quantity: OrderedQuantity | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    unit_of_measure_code: UnitOfMeasureCode | UnsetType = UNSET
    direct_unit_cost: DirectUnitCost | UnsetType = UNSET
    line_discount_pct: LineDiscountPct | UnsetType = UNSET
    line_discount_amount: LineDiscountAmount | UnsetType | None = UNSET
    location_code: LocationCodeOrBlank | UnsetType = UNSET


class PurchaseLineChanges(WrittenLineChanges, frozen=True, kw_only=True):
    """The fields of a line to change; those left out stay."""

    expected_receipt_date: ExpectedReceiptDate | UnsetType | None = UNSET
    requested_receipt_date: RequestedReceiptDate | UnsetType | None = UNSET
    confirmed_quantity: ConfirmedQuantity | UnsetType | None = UNSET
    confirmed_date: ConfirmedDate | UnsetType | None = UNSET


class LineRefusal(Model, frozen=True, kw_only=True):
    """The vendor does not deliver a line."""

    reason: Annotated[
        Text100,
        Meta(description="What the vendor says; the sales line shows it.", examples=["Out of production"]),
    ]


LinesToChange = Annotated[
    tuple[LineNo, ...],
    Meta(min_length=1, max_length=MAX_LINES, description="Only these lines; null: all that it can concern."),
]


class ReceiptUndo(Model, frozen=True, kw_only=True):
    """Which lines of a posted receipt are taken back."""

    lines: LinesToChange | None = None


class UndoReceipt(Model, frozen=True, kw_only=True):
    """Take lines of a posted receipt back."""

    no: str
    undo: ReceiptUndo


class OrderShortening(Model, frozen=True, kw_only=True):
    """Which lines will not be delivered any further."""

    lines: LinesToChange | None = None


class CloseShort(Model, frozen=True, kw_only=True):
    """Order no more than was received."""

    no: str
    shortening: OrderShortening


class SalesOrderToGet(Model, frozen=True, kw_only=True):
    """The lines of a sales order to put onto a purchase order."""

    kind: LinkKind
    sales_order_no: SalesOrderNo


class Shipment(Model, frozen=True, kw_only=True):
    """Who carried the goods of a receipt, and under which number."""

    carrier: Carrier = ""
    tracking_no: TrackingNo = ""


class LineToPost(Model, frozen=True, kw_only=True):
    """A line to post. Quantities that are null: all outstanding, all received and not invoiced."""

    line_no: LineNo
    qty_to_receive: (
        Annotated[
            QuantityOrZero, Meta(description="What has come in; 0: nothing of this line.", examples=["5"])
        ]
        | None
    ) = None
    qty_to_invoice: (
        Annotated[
            QuantityOrZero,
            Meta(description="What the vendor invoices; 0: nothing of this line.", examples=["5"]),
        ]
        | None
    ) = None
    posted_before: (
        Annotated[
            QuantityOrZero,
            Meta(
                description="Drop shipments: the total received that you saw. The same delivery that sales posted "
                "meanwhile is then answered, not posted again.",
                examples=["0"],
            ),
        ]
        | None
    ) = None


class OrderPosting(Model, frozen=True, kw_only=True):
    """What to post: receipts, invoices, or both. `lines` null: all outstanding, all received and not invoiced.

    No lines at all is nothing to post.
    """

    receive: Annotated[bool, Meta(description="Post a receipt.", examples=[True])] = False
    invoice: Annotated[bool, Meta(description="Post the vendor's invoice.", examples=[False])] = False
    posting_date: PostingDate | None = None
    vendor_invoice_no: VendorInvoiceNo = ""
    shipment: Annotated[Shipment, Meta(description="Who brought the goods.")] | None = None
    lines: (
        Annotated[
            tuple[LineToPost, ...], Meta(description="The lines to post; null: all.", max_length=MAX_LINES)
        ]
        | None
    ) = None


class ActOnOrder(Model, frozen=True, kw_only=True):
    """Release, reopen or delete this order."""

    no: str


class OrderSending(Sending, frozen=True, kw_only=True):
    """How an order goes to its vendor."""


class SendOrder(Model, frozen=True, kw_only=True):
    """Send this order. `mail_is_configured`: whether this installation has a mail server."""

    no: str
    sending: OrderSending
    mail_is_configured: bool


class ChangeHeader(Model, frozen=True, kw_only=True):
    """Change the header of this order."""

    no: str
    changes: PurchaseOrderChanges


class AddLine(Model, frozen=True, kw_only=True):
    """A new line at the end of this order."""

    no: str
    line: NewPurchaseLine


class ChangeLine(Model, frozen=True, kw_only=True):
    """Change a line of this order."""

    no: str
    line_no: int
    changes: PurchaseLineChanges


class RefuseLine(Model, frozen=True, kw_only=True):
    """The vendor refuses a line of this order."""

    no: str
    line_no: int
    refusal: LineRefusal


class DeleteLine(Model, frozen=True, kw_only=True):
    """Delete a line of this order."""

    no: str
    line_no: int


class GetSalesOrder(Model, frozen=True, kw_only=True):
    """Put lines of a sales order onto this purchase order."""

    no: str
    wanted: SalesOrderToGet


class PostOrder(Model, frozen=True, kw_only=True):
    """Receive or invoice lines of this order."""

    no: str
    posting: OrderPosting
