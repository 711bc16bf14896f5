"""The purchase order with its lines and their links to demand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    CurrencyCodeOrBlank,
    CustomerNoOrBlank,
    ExternalReference,
    InvoiceDiscountAmount,
    ItemNo,
    LineDiscountAmount,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNo,
    PurchasingCodeOrBlank,
    QuantityOrZero,
    SalesOrderNo,
    Text100,
    Timestamp,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
    Version,
    choice,
)
from contracts.purchasing.fields import (
    ONE,
    ORDER,
    ZERO,
    AmountInvoiced,
    ConfirmedDate,
    ConfirmedQuantity,
    Description,
    DirectUnitCost,
    ExpectedReceiptDate,
    LineDiscountPct,
    LinkKind,
    OrderDate,
    OrderedQuantity,
    OrderStatus,
    PurchaseRequestId,
    QtyPerUnit,
    QuantityInvoiced,
    QuantityReceived,
    RequestedReceiptDate,
    RequisitionLineId,
    SalesLineId,
    ShipToCodeOrBlank,
    VendorItemNo,
    VendorName,
    YourReference,
)
from contracts.values import Address, Deleted, Happened, Model, Posting, PostingId, SalesLineRef


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
