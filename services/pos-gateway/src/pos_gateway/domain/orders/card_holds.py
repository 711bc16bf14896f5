"""What is held on each card for an order's balance (POS-51, POS-72, POS-78)."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from domainkit.money import ZERO
from pos_gateway.domain.orders.order import CARD, CustomerOrder
from pos_gateway.domain.orders.order_money import CardHold


def cards_for_balance(order: CustomerOrder) -> tuple[CardHold, ...]:
    """The cards that the balance is taken from, in the order in which they are drawn (POS-72).

    Those named for it come before those that paid.
    """
    paid = (payment.card_token for payment in order.payments if payment.method == CARD)
    named = {card.card_token: card for card in order.balance_cards}
    others = {token: CardHold(card_token=token) for token in paid if token and token not in named}
    return (*named.values(), *others.values())


def held_by_card(order: CustomerOrder) -> dict[str, Decimal]:
    """By token what is held on each card of the balance, captured or not; a card takes what those before it leave."""
    left = order.card_hold + order.card_hold_ended
    held: dict[str, Decimal] = {}
    for card in cards_for_balance(order):
        held[card.card_token] = left if card.amount is None else min(left, card.amount)
        left -= held[card.card_token]
    return held


def edited_holds(before: CustomerOrder, after: CustomerOrder) -> CustomerOrder:
    """The order after an edit, with what of the holds it needs no more: a card was replaced, or less is to be paid."""
    needed = held_by_card(after)
    freed = {token: held - needed.get(token, ZERO) for token, held in held_by_card(before).items()}
    new = (CardHold(card_token=token, amount=amount) for token, amount in freed.items() if amount > 0)
    return replace(after, holds_freed=(*before.holds_freed, *new))
