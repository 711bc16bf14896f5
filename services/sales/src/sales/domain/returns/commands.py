"""What callers ask of return orders, besides what they ask of orders."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from contracts import fields
from sales.domain.orders.commands import LineChanges, NewSalesLine, NewSalesOrder

PostedInvoiceNo = Annotated[
    fields.No, Meta(description="Posted invoice of what comes back.", examples=["SI-1001"])
]
PostedInvoiceLineNo = Annotated[
    fields.LineNo, Meta(description="Line of the posted invoice.", examples=[10000])
]


class NewReturnLine(NewSalesLine, frozen=True, kw_only=True):
    """A line to add. What is left out comes from the line of the posted invoice that it names."""

    posted_invoice_no: PostedInvoiceNo | None = None
    posted_invoice_line_no: PostedInvoiceLineNo | None = None


class NewReturnOrder(NewSalesOrder, frozen=True, kw_only=True):
    """A return order to make. What is left out comes from the customer or the company."""

    lines: Annotated[
        tuple[NewReturnLine, ...],
        fields.new_lines("What comes back; lines can be added later."),
    ] = ()


class ReturnLineChanges(LineChanges, frozen=True, kw_only=True):
    """Changes of a line; another line of an invoice brings its price along."""

    posted_invoice_no: PostedInvoiceNo | UnsetType = UNSET
    posted_invoice_line_no: PostedInvoiceLineNo | UnsetType = UNSET
