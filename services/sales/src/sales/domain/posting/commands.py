"""What callers ask of postings: ship and invoice, ship several orders together, undo a shipment, correct an invoice."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts import fields
from contracts.sales.fields import PostingDate
from domainkit.sending import Sending

QtyToShip = Annotated[
    fields.QuantityOrZero, Meta(description="What the next posting ships; the set-up's default if null.")
]
QtyToInvoice = Annotated[
    fields.QuantityOrZero, Meta(description="What the next posting invoices; all that has left if null.")
]


class LineToPost(msgspec.Struct, frozen=True, kw_only=True):
    """What to post of one line; without figures the line's own quantities."""

    line_no: fields.LineNo
    qty_to_ship: (
        Annotated[fields.QuantityOrZero, Meta(description="What leaves; the line's own quantity if null.")]
        | None
    ) = None
    qty_to_invoice: (
        Annotated[
            fields.QuantityOrZero, Meta(description="What is invoiced; the line's own quantity if null.")
        ]
        | None
    ) = None
    posted_before: (
        Annotated[
            fields.QuantityOrZero,
            Meta(
                description="The shipped total that the caller saw, for drop shipments; the current one if null."
            ),
        ]
        | None
    ) = None


class PostingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Ship, invoice or both. `lines` null: the lines' own quantities; no lines at all: nothing to post."""

    ship: Annotated[bool, Meta(description="Post what leaves.", examples=[True])] = False
    invoice: Annotated[bool, Meta(description="Post an invoice.", examples=[False])] = False
    posting_date: PostingDate | None = None
    send: (
        Annotated[
            Sending,
            Meta(description="Send the invoice, or else the packing slip; null: do not."),
        ]
        | None
    ) = None
    lines: (
        Annotated[
            tuple[LineToPost, ...],
            Meta(
                max_length=fields.MAX_LINES,
                description="Only these lines; null: all, by their own quantities.",
            ),
        ]
        | None
    ) = None


class ShipmentUndo(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of a posted shipment are taken back."""

    lines: (
        Annotated[
            tuple[fields.LineNo, ...],
            Meta(
                min_length=1,
                max_length=fields.MAX_LINES,
                description="Only these lines; null: all that were not taken back before.",
            ),
        ]
        | None
    ) = None


class UndoShipment(msgspec.Struct, frozen=True):
    """Take movements of a posted shipment back."""

    no: str
    undo: ShipmentUndo


class PostOrder(msgspec.Struct, frozen=True):
    """Ship an order, invoice it, or both; post an invoice or a return order."""

    no: str
    posting: PostingOptions
    mail_is_configured: bool = False
    """Whether this installation has a mail server."""


class CorrectInvoice(msgspec.Struct, frozen=True):
    """Take a posted invoice back."""

    no: str
    preview: bool = False
    """Answer the steps instead of taking them."""


class LineToCombine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order that leaves with those of other orders."""

    sales_order_no: fields.SalesOrderNo
    line_no: fields.LineNo
    qty_to_ship: (
        Annotated[fields.Quantity, Meta(description="What leaves; the line's own quantity if null.")] | None
    ) = None


class CombinedShipment(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one customer's orders that leave together."""

    customer_no: fields.CustomerNo
    posting_date: PostingDate | None = None
    lines: Annotated[
        tuple[LineToCombine, ...],
        Meta(min_length=1, max_length=fields.MAX_LINES, description="What leaves."),
    ]
