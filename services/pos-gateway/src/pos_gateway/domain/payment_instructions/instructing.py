"""Decides which instructions an order needs (POS-32, POS-34, POS-72, POS-78, POS-84).

The decision compares what is due from the card so far with what was asked of it so far. So it can be made at any time
and any number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domainkit.money import ZERO, Currency, currency
from pos_gateway.domain.acts.acting import QUOTE
from pos_gateway.domain.acts.remaining import available_deposit, value_shipped
from pos_gateway.domain.orders.card_holds import cards_for_balance, held_by_card
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.quantities import LineQuantities, quantities_by_line
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.orders.stages import DONE
from pos_gateway.domain.payment_instructions.instruction import (
    CAPTURE,
    REFUND,
    REQUESTED,
    VOID,
    PaymentInstruction,
)

Issued = Sequence[PaymentInstruction]
"""All instructions that an order has, with all their attempts."""


class InstructionContext(msgspec.Struct, frozen=True):
    """What new instructions are made with."""

    new_id: Callable[[], UUID]
    now: datetime


def may_need_instructions(order: CustomerOrder, stage: Stage) -> bool:
    """Whether the order's instructions must be looked at.

    They must if money goes back, an edit freed a hold, or it has a card and goods left or it ended.
    """
    if order.holds_freed or any(refund.by_instruction for refund in order.refunds):
        return True
    if order.kind == QUOTE or not cards_for_balance(order):
        return False
    return stage.status in DONE or any(q.shipped for q in quantities_by_line(order, stage).values())


def decide_instructions(
    order: CustomerOrder, stage: Stage, issued: Issued, context: InstructionContext
) -> tuple[PaymentInstruction, ...]:
    """Instructions that are still missing."""
    if not may_need_instructions(order, stage):
        return ()
    new = _refunds(order, issued, context)
    if order.kind == QUOTE:
        return tuple(new)
    quantities = quantities_by_line(order, stage)
    new += _captures(order, quantities, issued, context)
    new += _voids(order, [*issued, *new], context, over=_is_over(stage, quantities))
    return tuple(new)


def _refunds(order: CustomerOrder, issued: Issued, context: InstructionContext) -> list[PaymentInstruction]:
    """One for each refund of the order that a payment service carries out; its number is the refund's place."""
    asked = {each.number for each in issued if each.kind == REFUND}
    return [
        _instruction(REFUND, order, number, refund.amount, refund.card_token, context)
        for number, refund in enumerate(order.refunds_by_instruction, start=1)
        if number not in asked
    ]


def _captures(
    order: CustomerOrder, quantities: dict[int, LineQuantities], issued: Issued, context: InstructionContext
) -> list[PaymentInstruction]:
    """What is to be captured, card by card, up to what each was authorised for; never from one that failed."""
    left = _to_capture(order, quantities, issued)
    refused = {each.card_token for each in issued if each.kind == CAPTURE and each.has_failed}
    last = _last_number(CAPTURE, issued)
    new: list[PaymentInstruction] = []
    for card in cards_for_balance(order):
        room = left if card.amount is None else card.amount - _asked_of(card.card_token, issued)
        amount = min(left, room)
        if amount > 0 and card.card_token not in refused:
            number = last + len(new) + 1
            new.append(_instruction(CAPTURE, order, number, amount, card.card_token, context))
            left -= amount
    return new


def _voids(
    order: CustomerOrder, issued: Issued, context: InstructionContext, *, over: bool
) -> list[PaymentInstruction]:
    """What is held on cards and not needed: what edits have freed at once, all else once no capture can come."""
    needed = held_by_card(order)
    freed: dict[str, Decimal] = {}
    for hold in order.holds_freed:
        freed[hold.card_token] = freed.get(hold.card_token, ZERO) + (hold.amount or ZERO)
    last = _last_number(VOID, issued)
    new: list[PaymentInstruction] = []
    for token in needed | freed:
        all_held = needed.get(token, ZERO) + freed.get(token, ZERO)
        released = _sum(each for each in issued if each.kind == VOID and each.card_token == token)
        amount = all_held - _asked_of(token, issued) - released
        if not over:
            amount = min(amount, freed.get(token, ZERO) - released)
        if amount > 0:
            number = last + len(new) + 1
            new.append(_instruction(VOID, order, number, amount, token, context))
    return new


def due_from_card(order: CustomerOrder, quantities: dict[int, LineQuantities], money: Currency) -> Decimal:
    """What goods that the back office has shipped and invoiced cost, less what of the deposit pays for them."""
    invoiced = {no: _as_invoiced(q) for no, q in quantities.items()}
    from_deposit = order.money.deposit_available - available_deposit(order, invoiced, money)
    return value_shipped(order, invoiced, money).total - from_deposit


def _to_capture(order: CustomerOrder, quantities: dict[int, LineQuantities], issued: Issued) -> Decimal:
    """What was not asked for yet, at most the order's balance. What a card failed to pay is asked of the next one."""
    due = due_from_card(order, quantities, currency(order.currency_code))
    failed = {each.number for each in issued if each.kind == CAPTURE and each.has_failed}
    asked = _sum(each for each in issued if _is_first(each) and each.number not in failed)
    requested = _sum(each for each in issued if each.kind == CAPTURE and each.status == REQUESTED)
    return min(due - asked, order.balance - requested)


def _asked_of(card_token: str, issued: Issued) -> Decimal:
    """By captures from the card, each counted once, however often it was tried."""
    return _sum(each for each in issued if _is_first(each) and each.card_token == card_token)


def _is_first(each: PaymentInstruction) -> bool:
    return each.kind == CAPTURE and each.attempt == 1


def _sum(instructions: Iterable[PaymentInstruction]) -> Decimal:
    return sum((each.amount for each in instructions), ZERO)


def _last_number(kind: str, issued: Issued) -> int:
    return max((each.number for each in issued if each.kind == kind), default=0)


def _as_invoiced(known: LineQuantities) -> LineQuantities:
    """The line as if only what is invoiced had been shipped."""
    shipped = min(known.shipped, max(ZERO, known.invoiced - known.picked_up))
    return replace(known, shipped=shipped, open=known.open + known.shipped - shipped)


def _is_over(stage: Stage, quantities: dict[int, LineQuantities]) -> bool:
    """Whether no capture can come any more."""
    return stage.status in DONE and all(_as_invoiced(q) == q for q in quantities.values())


def _instruction(
    kind: str,
    order: CustomerOrder,
    number: int,
    amount: Decimal,
    card_token: str,
    context: InstructionContext,
) -> PaymentInstruction:
    return PaymentInstruction(
        id=context.new_id(),
        confirmation_no=order.confirmation_no,
        store_no=order.transaction.store_no,
        kind=kind,
        number=number,
        attempt=1,
        amount=currency(order.currency_code).rounded(amount),
        card_token=card_token,
        requested_at=context.now,
    )
