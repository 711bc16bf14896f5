"""Posted shipments and invoices as resources: every field is there, empty or not."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import Amount
from contracts.values import AddressAnswer
from domainkit.structs import extended
from sales.domain.posting.documents import (
    PostedInvoice,
    PostedInvoiceLine,
    PostedShipment,
    PostedShipmentLine,
)


class PostedShipmentLineAnswer(PostedShipmentLine, frozen=True, kw_only=True, omit_defaults=False):
    """What left of one line of the order."""


class PostedShipmentAnswer(PostedShipment, frozen=True, kw_only=True, omit_defaults=False):
    """A posted sales shipment: what left, and where to."""

    ship_to: AddressAnswer = AddressAnswer()
    lines: Annotated[tuple[PostedShipmentLineAnswer, ...], Meta(description="What left.")] = ()


class PostedInvoiceLineAnswer(PostedInvoiceLine, frozen=True, kw_only=True, omit_defaults=False):
    """What was invoiced of one line."""


class PostedInvoiceAnswer(PostedInvoice, frozen=True, kw_only=True, omit_defaults=False):
    """A posted sales invoice: what is owed for what was shipped."""

    total: Annotated[Amount, Meta(description="Amount and tax: what the customer owes.", examples=["148.75"])]
    lines: Annotated[tuple[PostedInvoiceLineAnswer, ...], Meta(description="What was invoiced.")] = ()


def shipment_answer(shipment: PostedShipment) -> PostedShipmentAnswer:
    """The shipment as GET answers it."""
    return extended(
        PostedShipmentAnswer,
        shipment,
        ship_to=extended(AddressAnswer, shipment.ship_to),
        lines=tuple(extended(PostedShipmentLineAnswer, line) for line in shipment.lines),
    )


def invoice_answer(invoice: PostedInvoice) -> PostedInvoiceAnswer:
    """The invoice as GET answers it."""
    return extended(
        PostedInvoiceAnswer,
        invoice,
        lines=tuple(extended(PostedInvoiceLineAnswer, line) for line in invoice.lines),
    )
