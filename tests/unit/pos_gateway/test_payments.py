"""What was paid: POS-14, POS-32 to POS-36, B12, B13."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contracts.pos import Payment, Totals
from contracts.refusals import Violations
from pos_gateway.domain.orders.amounts import Amounts
from pos_gateway.domain.orders.order_money import CardHold
from pos_gateway.domain.orders.payments import check_card, check_cards, check_paid, check_payments, has_card
from tests.unit.pos_gateway.samples import context, found_in, new_order, settings

TEN = Decimal("10.00")
NOTHING = Decimal(0)


def paid(*payments: dict[str, Any]) -> tuple[tuple[Payment, ...], Violations]:
    found = Violations()
    return check_payments(found, new_order(payments=payments).payments, context().currency), found


def cash(amount: str) -> Payment:
    return Payment(method="cash", amount=Decimal(amount))


def card(amount: str) -> Payment:
    return Payment(method="card", amount=Decimal(amount), card_token="t")


def against(due: Decimal, *payments: Payment) -> list[tuple[str, str]]:
    found = Violations()
    check_paid(found, payments, due, context().currency)
    return found_in(found)


def card_asked(shipped: Decimal, balance: Decimal, *, strict: bool = False, known: bool = False) -> bool:
    found = Violations()
    amounts = Amounts(
        totals=Totals(net=TEN, tax=NOTHING, charges=NOTHING, total=TEN), carried_out=NOTHING, shipped=shipped
    )
    check_card(found, amounts, balance, context(settings(card_required=strict)), card_known=known)
    return bool(found)


def test_a_payment_is_kept_in_the_currency_s_minor_unit() -> None:
    kept, _ = paid({"method": "cash", "amount": "5"})

    assert str(kept[0].amount) == "5.00"


def test_a_card_payment_names_its_card() -> None:
    _, found = paid({"method": "card", "amount": "5.00"})

    assert found_in(found) == [("card-token-required", "/payments/0/card_token")]


def test_b12_the_same_card_payment_does_not_count_twice() -> None:
    once = {"method": "card", "amount": "5.00", "card_token": "t", "authorisation": "a"}

    assert found_in(paid(once, once)[1]) == [("duplicate-payment", "/payments/1")]


def test_two_authorisations_of_one_card_are_two_payments() -> None:
    payments = [
        {"method": "card", "amount": "5.00", "card_token": "t", "authorisation": a} for a in ("a", "b")
    ]

    assert found_in(paid(*payments)[1]) == []


def test_pos_36_less_than_what_is_due_is_refused() -> None:
    assert against(TEN, cash("9.99")) == [("deposit-not-paid", "/payments")]


def test_pos_36_only_cash_exceeds_what_is_due() -> None:
    assert against(TEN, card("4.00"), cash("7.00")) == []
    assert against(TEN, card("10.01")) == [("overtender-not-allowed", "/payments")]


def test_pos_32_a_balance_on_shipped_goods_needs_a_card() -> None:
    assert card_asked(shipped=TEN, balance=TEN)
    assert not card_asked(shipped=TEN, balance=TEN, known=True)


def test_pos_33_no_balance_needs_no_card() -> None:
    assert not card_asked(shipped=TEN, balance=NOTHING, strict=True)


def test_b13_a_strict_profile_asks_for_a_card_for_goods_to_pick_up() -> None:
    assert card_asked(shipped=NOTHING, balance=TEN, strict=True)
    assert not card_asked(shipped=NOTHING, balance=TEN)


def test_a_card_is_known_by_its_hold_or_by_a_payment_with_its_token() -> None:
    assert has_card((CardHold(card_token="t"),), ())
    assert has_card((), (card("1.00"),))
    assert not has_card((), (cash("1.00"),))


def test_pos_72_balance_cards_are_kept_in_their_order_each_once() -> None:
    named: list[dict[str, Any]] = [
        {"card_token": "t", "authorisation": None},
        {"card_token": "u", "amount": "150"},
        {"card_token": "t"},
    ]
    found = Violations()
    cards = check_cards(found, new_order(balance_cards=named).balance_cards, context().currency)

    assert cards == (CardHold(card_token="t"), CardHold(card_token="u", amount=Decimal("150.00")))
    too_fine = new_order(balance_cards=[{"card_token": "t", "amount": "0.001"}]).balance_cards
    check_cards(found, too_fine, context().currency)
    assert found_in(found) == [("invalid-amount", "/balance_cards/0/amount")]
