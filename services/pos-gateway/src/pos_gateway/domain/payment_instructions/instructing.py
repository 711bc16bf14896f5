"""Decides which instructions an order needs (POS-32, POS-34, POS-72, POS-78).

The decision compares what is due from the card so far with what was asked of it so far. So it can be made at any time
and any number of times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domainkit.money import ZERO, Currency, currency
from pos_gateway.domain.acts.acting import QUOTE
from pos_gateway.domain.acts.remaining import available_deposit, value_shipped
from pos_gateway.domain.orders.order import CustomerOrder, Stage
from pos_gateway.domain.orders.quantities import LineQuantities, quantities_by_line
from pos_gateway.domain.orders.stages import DONE
from pos_gateway.domain.payment_instructions.instruction import (
    CAPTURE,
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
    """Whether the instructions of the order must be looked at: it has a card, and something has left or ended."""
    if order.kind == QUOTE or not card_for_balance(order):
        return False
    return stage.status in DONE or any(q.shipped for q in quantities_by_line(order, stage).values())


def card_for_balance(order: CustomerOrder) -> str:
    """Token of the card that the balance is taken from; empty without one. The cards named for it come first."""
    named = [card.card_token for card in order.balance_cards]
    paid = [payment.card_token for payment in order.payments if payment.method == "card"]
    return next((token for token in (*named, *paid) if token), "")


def decide_instructions(
    order: CustomerOrder, stage: Stage, issued: Issued, context: InstructionContext
) -> tuple[PaymentInstruction, ...]:
    """Instructions that are still missing."""
    if not may_need_instructions(order, stage):
        return ()
    quantities = quantities_by_line(order, stage)
    amount = _to_capture(order, quantities, issued)
    captures = (_instruction(CAPTURE, order, issued, amount, context),) if amount > 0 else ()
    if not _is_over(stage, quantities) or any(each.kind == VOID for each in issued):
        return captures
    held = order.card_hold + order.card_hold_ended - _asked_for((*issued, *captures))
    return (*captures, _instruction(VOID, order, issued, held, context)) if held > 0 else captures


def due_from_card(order: CustomerOrder, quantities: dict[int, LineQuantities], money: Currency) -> Decimal:
    """What goods that the back office has shipped and invoiced cost, less what of the deposit pays for them."""
    invoiced = {no: _as_invoiced(q) for no, q in quantities.items()}
    from_deposit = order.money.deposit_available - available_deposit(order, invoiced, money)
    return value_shipped(order, invoiced, money).total - from_deposit


def _to_capture(order: CustomerOrder, quantities: dict[int, LineQuantities], issued: Issued) -> Decimal:
    """What was not asked for yet, at most the order's balance. A card that was declined twice is not asked again."""
    due = due_from_card(order, quantities, currency(order.currency_code))
    requested = sum((i.amount for i in issued if i.kind == CAPTURE and i.status == REQUESTED), ZERO)
    return min(due - _asked_for(issued), order.balance - requested)


def _asked_for(issued: Issued) -> Decimal:
    """By captures, each counted once, however often it was tried."""
    return sum((i.amount for i in issued if i.kind == CAPTURE and i.attempt == 1), ZERO)


def _as_invoiced(known: LineQuantities) -> LineQuantities:
    """The line as if only what is invoiced had been shipped."""
    shipped = min(known.shipped, max(ZERO, known.invoiced - known.picked_up))
    return replace(known, shipped=shipped, open=known.open + known.shipped - shipped)


def _is_over(stage: Stage, quantities: dict[int, LineQuantities]) -> bool:
    """Whether no capture can come any more."""
    return stage.status in DONE and all(_as_invoiced(q) == q for q in quantities.values())


def _instruction(
    kind: str, order: CustomerOrder, issued: Issued, amount: Decimal, context: InstructionContext
) -> PaymentInstruction:
    return PaymentInstruction(
        id=context.new_id(),
        confirmation_no=order.confirmation_no,
        store_no=order.transaction.store_no,
        kind=kind,
        number=max((i.number for i in issued if i.kind == kind), default=0) + 1,
        attempt=1,
        amount=currency(order.currency_code).rounded(amount),
        card_token=card_for_balance(order),
        requested_at=context.now,
    )
