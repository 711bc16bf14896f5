"""Posted purchase receipts: of one only changes which of its lines were taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import PurchaseOrderNo, Timestamp, TotalQuantity, Version
from contracts.purchasing.documents import PostedPurchaseDocument, PostedPurchaseLine
from contracts.purchasing.fields import PostingDate
from contracts.values import Carrier, Model, PostingId, PostingOrigin, TrackingNo
from domainkit.structs import extended
from purchasing.domain.orders.order import Line, Order

PostedAt = Annotated[Timestamp, Meta(description="When it was posted.")]
PostedBy = Annotated[str, Meta(description="Who posted it.", examples=["buyer-7"])]


class Delivery(Model, frozen=True, kw_only=True):
    """What one post has in common for all its lines.

    `document_id` is the posted receipt that it makes, `request_id` the request of sales that it answers.
    """

    posting_date: PostingDate
    posted_at: PostedAt
    posted_by: PostedBy = ""
    origin: PostingOrigin
    carrier: Carrier = ""
    tracking_no: TrackingNo = ""
    document_id: UUID
    request_id: UUID | None = None


class PostedReceiptLine(PostedPurchaseLine, frozen=True, kw_only=True):
    """A line of a posted receipt, with the names of its source."""

    quantity: Annotated[TotalQuantity, Meta(description="What was received.", examples=["2"])]
    posting_id: PostingId
    undone: Annotated[bool, Meta(description="The receipt was taken back.", examples=[False])] = False


class PostedReceiptHeader(PostedPurchaseDocument, frozen=True, kw_only=True):
    """The header of a posted receipt: that of its order, and of the delivery."""

    no: Annotated[str, Meta(description="Number of the posted receipt.", examples=["PR-1001"])] = ""
    version: Version = 1
    """Counts the acts that took lines of it back."""
    purchase_order_no: PurchaseOrderNo
    posting_date: PostingDate
    posted_at: PostedAt
    posted_by: PostedBy = ""
    origin: PostingOrigin
    carrier: Carrier = ""
    tracking_no: TrackingNo = ""


class PostedReceipt(PostedReceiptHeader, frozen=True, kw_only=True):
    """A posted purchase receipt. Its number is given last (gapless), `id` at once."""

    id: UUID
    lines: tuple[PostedReceiptLine, ...]


def posted_receipt(order: Order, lines: Sequence[Line], delivery: Delivery) -> PostedReceipt:
    """The document of the newest receipt of each of these lines."""
    return extended(
        PostedReceipt,
        order,
        id=delivery.document_id,
        no="",
        version=1,
        purchase_order_no=order.no,
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
    return extended(
        PostedReceiptLine,
        line,
        **source_of(order, line),
        quantity=receipt.quantity,
        posting_id=receipt.posting_id,
    )


def source_of(order: Order, line: Line) -> dict[str, Any]:
    """The purchase and sales lines that a line of a posted document comes from."""
    sales = line.link.sales if line.link is not None else None
    return {
        "purchase_order_no": order.no,
        "purchase_order_line_no": line.line_no,
        "sales_order_no": sales.sales_order_no if sales is not None else "",
        "sales_order_line_no": sales.sales_order_line_no if sales is not None else None,
    }


def undone_receipt(document: PostedReceipt, posting_ids: Collection[UUID]) -> PostedReceipt:
    """The document once receipts of it were taken back; the same ones again change nothing."""
    lines = tuple(replace(x, undone=True) if x.posting_id in posting_ids else x for x in document.lines)
    if lines == document.lines:
        return document
    return replace(document, lines=lines, version=document.version + 1)


def with_number(document: PostedReceipt, document_nos: Mapping[UUID, str]) -> PostedReceipt:
    """The document with its number."""
    return replace(document, no=document_nos[document.id])
