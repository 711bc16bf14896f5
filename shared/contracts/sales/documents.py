"""Invoices and credit memos of sales, posted and not."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    Amount,
    CurrencyCodeOrBlank,
    ItemNoOrBlank,
    LineNo,
    LocationCodeOrBlank,
    No,
    NoOrBlank,
    PurchaseOrderNoOrBlank,
    PurchasingCodeOrBlank,
    SalesOrderNoOrBlank,
    SharedDiscount,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    Version,
)
from contracts.sales.fields import (
    ChargeCodeNoOrBlank,
    ConfirmationNoOrBlank,
    CustomerName,
    DropShipment,
    LineDescription,
    LineDiscountPct,
    OrderDate,
    PostedUnitCost,
    PostingDate,
    QtyPerUnit,
    RequestedDeliveryDate,
    SalesInvoiceNoOrBlank,
    SalesLineId,
    SalesLineType,
    SalesOrderLineNo,
    SalesReturnNoOrBlank,
    ShipmentDate,
    ShipToCodeOrBlank,
    SpecialOrder,
    TaxPct,
    UnitPrice,
)
from contracts.sales.orders import SalesLine, SalesReferences
from contracts.sales.requests import PurchaseInvoiceRequest
from contracts.values import Address, Deleted, Happened, InvoicedPostings, Model, Posting, PostingId


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
