"""An instruction to a till or a payment service: take money from a card, or release what is held on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.captures import Reference
from contracts.fields import EXAMPLE_ID, Amount, choice
from contracts.pos import CardToken, ConfirmationNo, PaymentMethod, StoreNo
from pos_gateway.domain.orders.captures import DECLINED

CAPTURE: Final = "capture"
VOID: Final = "void"
REFUND: Final = "refund"
REQUESTED: Final = "requested"
ATTEMPTS_MAX: Final = 2
"""A declined card is tried once more (POS-72)."""

InstructionId = Annotated[UUID, Meta(description="Id of the instruction.", examples=[EXAMPLE_ID])]
InstructionKind = Annotated[
    str,
    choice(CAPTURE, VOID, REFUND),
    Meta(
        description="Take the amount from the card, release what is held on it, or give it back.",
        examples=[CAPTURE],
    ),
]
InstructionStatus = Annotated[
    str,
    choice(REQUESTED, "executed", "declined"),
    Meta(description="Whether it was carried out.", examples=[REQUESTED]),
]


class PaymentInstruction(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `number` counts the instructions of a kind on an order; all attempts of one have the same."""

    id: UUID
    confirmation_no: ConfirmationNo
    store_no: StoreNo
    kind: InstructionKind
    number: int
    attempt: Annotated[int, Meta(description="1, or 2 after the card was declined.", examples=[1])]
    method: PaymentMethod = "card"
    amount: Annotated[Amount, Meta(description="In the order's currency.", examples=["90.00"])]
    card_token: CardToken
    status: InstructionStatus = REQUESTED
    reference: Reference = ""
    requested_at: datetime
    confirmed_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the card was declined for the last time."""
        return self.status == DECLINED and self.attempt == ATTEMPTS_MAX
