"""What the POS gateway publishes of money that is taken from a customer's card after the till's order was made."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.fields import EXAMPLE_ID, SalesOrderNoOrBlank, Text100, Timestamp, Version, choice
from contracts.pos import ConfirmationNo, Tender, TransactionId
from contracts.values import Deleted, Happened

CaptureResult = Annotated[
    str,
    choice("executed", "declined"),
    Meta(description="Whether the money moved, or the card's issuer declined.", examples=["executed"]),
]
Reference = Annotated[Text100, Meta(description="The payment provider's number of it.", examples=["P-7"])]


class Capture(Tender, frozen=True, kw_only=True):
    """Money that a till or a payment service has tried to take from the card that an order names."""

    instruction_id: Annotated[UUID, Meta(description="The payment instruction.", examples=[EXAMPLE_ID])]
    reference: Reference = ""
    confirmed_at: Annotated[
        Timestamp, Meta(description="When the outcome was reported.", examples=["2026-03-14T09:14:59Z"])
    ]


class CaptureOutcome(Capture, frozen=True, kw_only=True):
    """What became of an instruction to take money; key: its id. It never changes: its version is 1."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False
    outcome: CaptureResult
    confirmation_no: ConfirmationNo
    transaction_id: TransactionId
    sales_order_no: SalesOrderNoOrBlank = ""
