"""The sales order with its lines, and what follows from it: demand and reallocations."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    CurrencyCodeOrBlank,
    CustomerNo,
    Day,
    ExternalReference,
    Generation,
    InvoiceDiscountAmount,
    ItemNoOrBlank,
    LineNo,
    LocationCodeOrBlank,
    NoOrBlank,
    PurchaseOrderNoOrBlank,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    Version,
)
from contracts.sales.fields import (
    ChargeCodeNoOrBlank,
    ConfirmationNoOrBlank,
    CustomerName,
    DropShipment,
    ExternalDocumentNo,
    LineDescription,
    LineDiscountPct,
    OrderDate,
    ProcurementAutomation,
    QtyPerUnit,
    RequestedDeliveryDate,
    Reserve,
    SalesLineId,
    SalesLineType,
    SalesOrderStatus,
    ShipmentDate,
    ShipToCodeOrBlank,
    SpecialOrder,
    TaxPct,
    UnitPrice,
    YourReference,
)
from contracts.sales.requests import (
    PostingRequest,
    PromiseDecision,
    PurchaseInvoiceRequest,
    RequestedChange,
    UndoDecision,
    WithdrawalRequest,
)
from contracts.values import Address, Deleted, Happened, Model, Posting


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
