"""What was taken from a card for an order after the customer had left (POS-32)."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from contracts.captures import CaptureResult, Reference
from contracts.fields import EXAMPLE_ID
from contracts.pos import CardToken, Tender

EXECUTED: Final = "executed"
DECLINED: Final = "declined"


class CardCapture(Tender, frozen=True, kw_only=True, omit_defaults=False):
    """An attempt to take money from the card, with its outcome. No terminal took it: its journal has none of it."""

    card_token: CardToken
    instruction_id: Annotated[UUID, Meta(description="The payment instruction.", examples=[EXAMPLE_ID])]
    outcome: CaptureResult
    reference: Reference = ""
