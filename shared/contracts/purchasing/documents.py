"""Posted documents of purchasing: receipts' lines and invoices."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    Amount,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    ExternalReference,
    ItemNoOrBlank,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNoOrBlank,
    PurchasingCodeOrBlank,
    SalesOrderNoOrBlank,
    SharedDiscount,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    Version,
)
from contracts.purchasing.fields import (
    ONE,
    ZERO,
    Description,
    DirectUnitCost,
    LineDiscountPct,
    OrderDate,
    PostedDocumentNo,
    PostingDate,
    PurchaseOrderLineNo,
    QtyPerUnit,
    ShipmentMethodCode,
    ShipToCodeOrBlank,
    VendorInvoiceNo,
    VendorItemNo,
    VendorName,
    YourReference,
)
from contracts.values import Address, Deleted, Happened, InvoicedPostings, Model, Posting, PostingId


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
