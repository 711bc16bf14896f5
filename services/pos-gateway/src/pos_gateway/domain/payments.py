"""What was paid at the till, and whether it suffices (POS-14, POS-32 to POS-36; B12, B13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from contracts.pos import Payment
from pos_gateway.domain.amounts import Amounts, tendered
from pos_gateway.domain.case import Case
from pos_gateway.domain.lines import is_amount
from pos_gateway.domain.money import rounded
from pos_gateway.domain.new_order import NewPayment
from pos_gateway.domain.order import CardHold

METHODS = ("cash", "card", "account")


def payments_of(case: Case) -> tuple[Payment, ...]:
    """The payments; what is wrong with them is found."""
    taken = [_payment(case, p, f"/payments/{i}") for i, p in enumerate(case.new.payments)]
    _check_played_twice(case)
    return tuple(p for p in taken if p)


def cards_of(case: Case) -> tuple[CardHold, ...]:
    """The cards for the balance."""
    return tuple(
        CardHold(card_token=c.card_token, authorisation=c.authorisation or "") for c in case.new.balance_cards
    )


def _payment(case: Case, payment: NewPayment, pointer: str) -> Payment | None:
    found = case.found
    method = payment.method.strip().lower()
    if method not in METHODS:
        found.invalid("invalid-method", f"a payment is by {', '.join(METHODS)}", f"{pointer}/method")
    if method == "card" and not (payment.card_token or payment.authorisation):
        detail = "a card payment names its token or authorisation"
        found.invalid("card-token-required", detail, f"{pointer}/card_token")
    if not is_amount(case, payment.amount, f"{pointer}/amount"):
        return None
    if not payment.amount:
        found.invalid("invalid-amount", "a payment is above 0", f"{pointer}/amount")
    return Payment(
        method=method,
        amount=rounded(payment.amount, case.unit),
        card_token=payment.card_token or "",
        authorisation=payment.authorisation or "",
    )


def _check_played_twice(case: Case) -> None:
    """The same card payment is not counted twice (B12)."""
    seen: set[tuple[str, str]] = set()
    for i, payment in enumerate(case.new.payments):
        key = (payment.card_token or "", payment.authorisation or "")
        if key != ("", "") and key in seen:
            detail = "this card payment is already in the order"
            case.found.invalid("duplicate-payment", detail, f"/payments/{i}")
        seen.add(key)


def check_paid(case: Case, payments: Sequence[Payment], due: Decimal) -> None:
    """At least what is due now; above it only cash, which gives change (POS-36)."""
    paid, cash = tendered(payments)
    if paid < due:
        detail = f"{due} must be paid now, {paid} was"
        case.found.invalid(
            "deposit-not-paid", detail, "/payments", required=due, paid=paid, missing=due - paid
        )
    elif paid - cash > due:
        detail = f"only cash may exceed the {due} that is due"
        case.found.invalid("overtender-not-allowed", detail, "/payments", due=due, paid=paid)


def check_card(case: Case, amounts: Amounts, balance: Decimal, *, card_known: bool) -> None:
    """A balance needs a card: on shipped lines always, else where the profile says so (POS-32, POS-33)."""
    if balance <= 0 or card_known:
        return
    always = case.place.profile.require_payment_for_fulfilment == "card_required"
    if amounts.shipped > 0 or always:
        detail = f"the balance of {balance} needs a card"
        case.found.invalid("card-required", detail, "/balance_cards", balance=balance)


def has_card(cards: Sequence[CardHold], payments: Sequence[Payment]) -> bool:
    """True if a card is known from which the balance can be taken."""
    return bool(cards) or any(p.method == "card" and p.card_token for p in payments)
