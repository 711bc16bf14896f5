"""What sales asks of purchasing within its orders (postings, withdrawals, changes, invoices), and what it decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    Generation,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNoOrBlank,
    QuantityOrZero,
    TotalQuantity,
    VendorNoOrBlank,
    choice,
)
from contracts.sales.fields import PostingDate, SalesLineId, ShipToCodeOrBlank
from contracts.values import Address, Model, Problem


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
