"""What was paid at the till, and whether it suffices (POS-14, POS-32 to POS-36; B12, B13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from contracts.pos import Payment
from contracts.refusals import Violations
from domainkit.money import Currency
from pos_gateway.domain.orders.amounts import Amounts, check_amount, tendered
from pos_gateway.domain.orders.commands import BalanceCard, NewPayment
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.order_money import CardHold


def check_payments(
    found: Violations, payments: Sequence[NewPayment], currency: Currency
) -> tuple[Payment, ...]:
    """The payments as they are kept."""
    for i, payment in enumerate(payments):
        check_amount(found, payment.amount, currency, f"/payments/{i}/amount")
        if payment.method == "card" and not (payment.card_token or payment.authorisation):
            detail = "a card payment names its token or authorisation"
            found.invalid("card-token-required", detail, f"/payments/{i}/card_token")
    _check_paid_once(found, payments)
    return tuple(
        Payment(
            method=payment.method,
            amount=currency.rounded(payment.amount),
            card_token=payment.card_token or "",
            authorisation=payment.authorisation or "",
        )
        for payment in payments
    )


def check_cards(found: Violations, cards: Sequence[BalanceCard], currency: Currency) -> tuple[CardHold, ...]:
    """The cards that the balance can be taken from, in the order in which they are drawn, each once (POS-72)."""
    once: dict[str, BalanceCard] = {}
    for i, card in enumerate(cards):
        once.setdefault(card.card_token, card)
        if card.amount is not None:
            check_amount(found, card.amount, currency, f"/balance_cards/{i}/amount")
    return tuple(
        CardHold(
            card_token=card.card_token,
            authorisation=card.authorisation or "",
            amount=None if card.amount is None else currency.rounded(card.amount),
        )
        for card in once.values()
    )


def _check_paid_once(found: Violations, payments: Sequence[NewPayment]) -> None:
    """The same card payment is not counted twice (B12)."""
    seen: set[tuple[str, str]] = set()
    for i, payment in enumerate(payments):
        key = (payment.card_token or "", payment.authorisation or "")
        if key != ("", "") and key in seen:
            detail = "this card payment is already in the order"
            found.invalid("duplicate-payment", detail, f"/payments/{i}")
        seen.add(key)


def check_paid(found: Violations, payments: Sequence[Payment], due: Decimal, currency: Currency) -> None:
    """At least what is due now; above it only cash, which gives change (POS-36)."""
    paid, cash = (currency.rounded(amount) for amount in tendered(payments))
    if paid < due:
        detail = f"{due} must be paid now, {paid} was"
        found.invalid("deposit-not-paid", detail, "/payments", required=due, paid=paid, missing=due - paid)
    elif paid - cash > due:
        detail = f"only cash may exceed the {due} that is due"
        found.invalid("overtender-not-allowed", detail, "/payments", due=due, paid=paid)


def check_card(
    found: Violations, amounts: Amounts, balance: Decimal, context: OrderContext, *, card_known: bool
) -> None:
    """A balance needs a card: on shipped lines always, else where the profile says so (POS-32, POS-33)."""
    if balance <= 0 or card_known:
        return
    always = context.settings.profile.require_payment_for_fulfilment == "card_required"
    if amounts.shipped > 0 or always:
        detail = f"the balance of {balance} needs a card"
        found.invalid("card-required", detail, "/balance_cards", balance=balance)


def has_card(cards: Sequence[CardHold], payments: Sequence[Payment]) -> bool:
    """Whether a card is known from which the balance can be taken."""
    return bool(cards) or any(p.method == "card" and p.card_token for p in payments)
