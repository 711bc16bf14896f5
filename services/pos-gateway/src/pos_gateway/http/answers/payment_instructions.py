"""Answers about payment instructions."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.captures import Reference
from contracts.fields import Amount, Timestamp
from contracts.pos import CardToken, ConfirmationNo, PaymentMethod
from domainkit.structs import extended
from pos_gateway.domain.payment_instructions.instruction import (
    InstructionId,
    InstructionKind,
    InstructionStatus,
    PaymentInstruction,
)


class PaymentInstructionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to move money on a card."""

    id: InstructionId
    confirmation_no: ConfirmationNo
    kind: InstructionKind
    method: PaymentMethod
    amount: Annotated[Amount, Meta(description="In the order's currency.", examples=["90.00"])]
    card_token: CardToken
    attempt: Annotated[int, Meta(description="1, or 2 after the card was declined.", examples=[1])]
    status: InstructionStatus
    reference: Reference
    requested_at: Annotated[
        Timestamp, Meta(description="Since when it can be executed.", examples=["2026-03-12T09:14:59Z"])
    ]
    confirmed_at: Annotated[
        Timestamp | None,
        Meta(description="When its outcome was confirmed; null before.", examples=["2026-03-12T09:15:04Z"]),
    ]


def present_instruction(instruction: PaymentInstruction) -> PaymentInstructionAnswer:
    """What a till or a payment service gets of it."""
    return extended(PaymentInstructionAnswer, instruction)
