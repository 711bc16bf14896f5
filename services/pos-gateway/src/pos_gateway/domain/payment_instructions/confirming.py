"""Decides what the outcome of an instruction means (POS-72, POS-84)."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from contracts.captures import CaptureOutcome
from contracts.refusals import conflict
from pos_gateway.domain.orders.captures import DECLINED, CardCapture
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.payment_instructions.commands import Confirmation
from pos_gateway.domain.payment_instructions.instructing import InstructionContext
from pos_gateway.domain.payment_instructions.instruction import (
    ATTEMPTS_MAX,
    CAPTURE,
    REFUND,
    REQUESTED,
    VOID,
    PaymentInstruction,
)


class Confirmed(msgspec.Struct, frozen=True):
    """The instruction with its outcome, the order with it, and the next attempt if the card is tried again."""

    instruction: PaymentInstruction
    order: CustomerOrder
    again: PaymentInstruction | None = None


def decide_confirmation(
    instruction: PaymentInstruction,
    order: CustomerOrder,
    confirmation: Confirmation,
    context: InstructionContext,
) -> Confirmed | None:
    """What changes; None for an outcome that is known already. Another outcome is refused."""
    outcome = confirmation.outcome
    if instruction.status == outcome:
        return None
    if instruction.status != REQUESTED:
        detail = f"this instruction is {instruction.status} already"
        raise conflict("payment-instruction-confirmed", detail, outcome=instruction.status)
    confirmed = replace(
        instruction, status=outcome, reference=confirmation.reference, confirmed_at=context.now
    )
    again = None
    if outcome == DECLINED and instruction.kind != VOID and instruction.attempt < ATTEMPTS_MAX:
        again = replace(
            instruction, id=context.new_id(), attempt=instruction.attempt + 1, requested_at=context.now
        )
    if instruction.kind == CAPTURE:
        order = replace(order, captures=(*order.captures, _capture(confirmed)))
    elif instruction.kind == REFUND and confirmed.has_failed:
        order = replace(order, refunds_declined=(*order.refunds_declined, instruction.number))
        order = replace(order, prepaid_amount=order.prepaid_now)
    return Confirmed(confirmed, order, again)


def _capture(confirmed: PaymentInstruction) -> CardCapture:
    return CardCapture(
        method=confirmed.method,
        amount=confirmed.amount,
        card_token=confirmed.card_token,
        instruction_id=confirmed.id,
        outcome=confirmed.status,
        reference=confirmed.reference,
    )


def capture_outcome(instruction: PaymentInstruction, order: CustomerOrder, stage: Stage) -> CaptureOutcome:
    """What sales learns of a confirmed capture. The card's token stays here."""
    assert instruction.confirmed_at is not None  # noqa: S101 - of a confirmed one alone
    return CaptureOutcome(
        version=1,
        happened=(instruction.status,),
        instruction_id=instruction.id,
        method=instruction.method,
        amount=instruction.amount,
        reference=instruction.reference,
        confirmed_at=instruction.confirmed_at,
        outcome=instruction.status,
        confirmation_no=order.confirmation_no,
        transaction_id=order.transaction_id,
        sales_order_no=stage.sales_order_no,
    )
