"""How far an order is: what the gateway has sent, and what sales made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from contracts.channel import ActOutcome, ChannelInvoice, LineProgress, PostedSalesInvoiceNoOrBlank
from contracts.fields import CustomerNoOrBlank, NoOrBlank, SalesOrderNoOrBlank, choice
from contracts.values import Model, Problem

STATUSES: Final = (
    "submitting",
    "pending",
    "pulled",
    "synchronized",
    "failed",
    "held",
    "void",
    "cancelled",
    "partly_fulfilled",
    "fulfilled",
    "closed",
)
Status = Annotated[
    str,
    choice(*STATUSES),
    Meta(description="The order's progress in sales.", examples=["synchronized"]),
]


class SalesProgress(Model, frozen=True, kw_only=True):
    """What sales has reported of the order, its lines and its acts."""

    lines: tuple[LineProgress, ...] = ()
    invoices: tuple[ChannelInvoice, ...] = ()
    acts: tuple[ActOutcome, ...] = ()
    order_closed: bool = False

    def line(self, line_no: int) -> LineProgress | None:
        """The progress of a line; None where nothing has happened to it."""
        return next((line for line in self.lines if line.line_no == line_no), None)

    def outcome(self, act_id: UUID | None) -> ActOutcome | None:
        """What sales made of an act; None while it does not know the act."""
        return next((act for act in self.acts if act.act_id == act_id), None)


class Stage(Model, frozen=True, kw_only=True):
    """The progress of an order in sales. It is learned from there: the order's version stays the same."""

    status: Status
    sales_order_no: SalesOrderNoOrBlank = ""
    customer_no: CustomerNoOrBlank = ""
    invoice_no: PostedSalesInvoiceNoOrBlank = ""
    sales_quote_no: NoOrBlank = ""
    errors: tuple[Problem, ...] = ()
    progress: SalesProgress | None = None
    """None until sales reports something of lines, invoices or acts."""
    received_at: datetime
    updated_at: datetime

    @property
    def synchronized(self) -> bool:
        """Whether sales has made its document of the order."""
        return bool(self.sales_order_no or self.sales_quote_no)
