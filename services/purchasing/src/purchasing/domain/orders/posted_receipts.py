"""Posted purchase receipts: documents that never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import (
    EXAMPLE_ID,
    CustomerNoOrBlank,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNo,
    SalesOrderNoOrBlank,
    Text50,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
)
from contracts.purchasing import Description, PostingDate, PurchaseOrderLineNo, VendorName
from contracts.values import Model
from domainkit.structs import extended
from purchasing.domain.orders.order import Line, Order


class DeliveryDetails(Model, frozen=True, kw_only=True):
    """What one post has in common for all its lines."""

    posting_date: PostingDate
    posted_at: Annotated[Timestamp, Meta(description="When it was posted.")]
    posted_by: Annotated[str, Meta(description="Who posted it.", examples=["buyer-7"])] = ""
    origin: Annotated[
        str,
        Meta(description="Service whose user posted it: `sales` or `purchasing`.", examples=["purchasing"]),
    ]
    carrier: Annotated[Text50, Meta(description="Who carried the goods.", examples=["DHL"])] = ""
    tracking_no: Annotated[Text50, Meta(description="The carrier's number.", examples=["JD0146000"])] = ""


class Delivery(DeliveryDetails, frozen=True, kw_only=True):
    """One post, with the id of the document that it makes and the request that it answers."""

    document_id: UUID
    request_id: UUID | None = None


class PostedReceiptLine(Model, frozen=True, kw_only=True):
    """A line of a posted receipt, with the names of its source."""

    line_no: LineNo
    item_no: ItemNo
    description: Description = ""
    quantity: Annotated[TotalQuantity, Meta(description="What was received.", examples=["2"])]
    unit_of_measure_code: UnitOfMeasureCodeOrBlank
    location_code: LocationCodeOrBlank = ""
    posting_id: Annotated[
        UUID, Meta(description="Identifies the movement in all services.", examples=[EXAMPLE_ID])
    ]
    purchase_order_no: PurchaseOrderNo
    purchase_order_line_no: PurchaseOrderLineNo
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: LineNo | None = None
    drop_shipment: Annotated[
        bool, Meta(description="The vendor delivered to the customer.", examples=[False])
    ] = False
    special_order: Annotated[bool, Meta(description="Received for one sales line.", examples=[True])] = False


class PostedReceiptHeader(DeliveryDetails, frozen=True, kw_only=True):
    """The header of a posted receipt."""

    no: Annotated[str, Meta(description="Number of the posted receipt.", examples=["PR-1001"])] = ""
    purchase_order_no: PurchaseOrderNo
    vendor_no: VendorNo
    vendor_name: VendorName = ""
    sell_to_customer_no: CustomerNoOrBlank = ""


class PostedReceipt(PostedReceiptHeader, frozen=True, kw_only=True):
    """A posted purchase receipt. Its number is given last (gapless), `id` at once."""

    id: UUID
    lines: tuple[PostedReceiptLine, ...]


def posted_receipt(order: Order, lines: Sequence[Line], delivery: Delivery) -> PostedReceipt:
    """The document of the newest receipt of each of these lines."""
    return PostedReceipt(
        id=delivery.document_id,
        purchase_order_no=order.no,
        vendor_no=order.vendor_no,
        vendor_name=order.vendor_name,
        sell_to_customer_no=order.sell_to_customer_no,
        posting_date=delivery.posting_date,
        posted_at=delivery.posted_at,
        posted_by=delivery.posted_by,
        origin=delivery.origin,
        carrier=delivery.carrier,
        tracking_no=delivery.tracking_no,
        lines=tuple(_line(order, line) for line in lines),
    )


def _line(order: Order, line: Line) -> PostedReceiptLine:
    receipt = line.receipts[-1]
    sales = line.link.sales if line.link is not None else None
    return extended(
        PostedReceiptLine,
        line,
        quantity=receipt.quantity,
        posting_id=receipt.posting_id,
        purchase_order_no=order.no,
        purchase_order_line_no=line.line_no,
        sales_order_no=sales.sales_order_no if sales is not None else "",
        sales_order_line_no=sales.sales_order_line_no if sales is not None else None,
    )


def with_number(document: PostedReceipt, document_nos: Mapping[UUID, str]) -> PostedReceipt:
    """The document with its number."""
    return replace(document, no=document_nos[document.id])
