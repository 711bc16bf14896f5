"""POS-36, POS-84: what an act asks for is paid, and exactly what is due goes back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from contracts.channel import Refund
from contracts.pos import Payment
from contracts.refusals import Violations
from domainkit.money import currency
from pos_gateway.domain.acts.amounts import NetAndTax
from pos_gateway.domain.acts.bills import Bill, bill_of_cancellation, bill_of_pickup
from pos_gateway.domain.acts.card_refunds import MoneyTaken
from pos_gateway.domain.acts.commands import NewAct, NewRefund
from pos_gateway.domain.acts.settling import Settled, check_settled
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.commands import NewPayment
from pos_gateway.domain.setup.records import RefundTender
from tests.unit.pos_gateway.samples import (
    NOW,
    act_context,
    approving,
    decide,
    found_in,
    line,
    new_order,
    settings,
)

EUR = currency("EUR")
D = Decimal
PAYS_50 = bill_of_pickup(NetAndTax(D("50.00")), D(0))
GIVES_BACK_50 = bill_of_cancellation(D("50.00"), NetAndTax(D(0)), D("50.00"))
BY_CARD = MoneyTaken(currency=EUR, payments=(Payment(method="card", amount=D("50.00"), card_token="t"),))
BY_BOTH = MoneyTaken(
    currency=EUR,
    payments=(
        Payment(method="card", amount=D("30.00"), card_token="t"),
        Payment(method="cash", amount=D("20.00")),
    ),
)


def settle(
    bill: Bill,
    *tenders: Mapping[str, Any],
    taken: MoneyTaken = BY_CARD,
    rules: tuple[RefundTender, ...] = (),
    dry_run: bool = False,
    approvals: GivenApprovals | None = None,
) -> tuple[Settled, list[tuple[str, str]]]:
    """The act with these payments, or with these refunds where money is due to the customer."""
    found = Violations()
    new = NewAct(
        transaction=new_order().transaction,
        occurred_at=NOW,
        payments=tuple(NewPayment(**t) for t in tenders) if bill.due > 0 else (),
        refunds=tuple(NewRefund(**t) for t in tenders) if bill.due <= 0 else (),
    )
    context = act_context(settings(refund_tenders=rules), approvals=approvals, dry_run=dry_run)
    return check_settled(found, new, bill, taken, context), found_in(found)


def tender(method: str, amount: str, **more: str) -> dict[str, Any]:
    return {"method": method, "amount": D(amount), **more}


def test_cash_above_what_is_due_gives_change() -> None:
    """POS-36: paid is net of change."""
    settled, found = settle(PAYS_50, tender("cash", "70.00"))

    assert not found
    assert (settled.settlement.paid, settled.settlement.change) == (D("50.00"), D("20.00"))
    assert settled.payments == (Payment(method="cash", amount=D("50.00")),)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (tender("cash", "49.99"), "deposit-not-paid"),
        (tender("card", "50.01", card_token="t"), "overtender-not-allowed"),
    ],
)
def test_too_little_or_a_card_charged_too_much_is_refused(given: dict[str, Any], code: str) -> None:
    """POS-36."""
    assert settle(PAYS_50, given)[1] == [(code, "/payments")]


@pytest.mark.parametrize("amount", ["49.99", "50.01"])
def test_exactly_what_is_due_goes_back(amount: str) -> None:
    """POS-36."""
    assert settle(GIVES_BACK_50, tender("cash", amount))[1] == [("refund-mismatch", "/refunds")]
    assert settle(GIVES_BACK_50, tender("cash", "50.00"))[1] == []


def test_a_rehearsal_asks_for_no_money() -> None:
    """Its answer says what is due."""
    for bill in (PAYS_50, GIVES_BACK_50):
        settled, found = settle(bill, dry_run=True)
        assert not found
        assert settled.settlement.due == bill.due


def test_a_card_gets_back_no_more_than_it_paid() -> None:
    """POS-84: over all acts, and no card that did not pay."""
    before = MoneyTaken(
        currency=EUR,
        payments=BY_CARD.payments,
        refunds=(Refund(method="card", amount=D("10.00"), card_token="t"),),
    )
    exceeds = [("refund-exceeds-payment", "/refunds/0")]

    assert settle(GIVES_BACK_50, tender("card", "50.00", card_token="t"))[1] == []
    assert settle(GIVES_BACK_50, tender("card", "50.00", card_token="t"), taken=before)[1] == exceeds
    assert settle(GIVES_BACK_50, tender("card", "50.00", card_token="u"))[1] == exceeds


def test_pos_84_a_refund_without_a_named_card_is_split_over_the_cards_that_paid() -> None:
    """One that names its card comes first; together they give back no more than the cards paid."""
    taken = MoneyTaken(
        currency=EUR,
        payments=tuple(
            Payment(method="card", amount=D(amount), card_token=token)
            for token, amount in (("t", "30.00"), ("u", "25.00"))
        ),
    )
    unnamed = {"method": "card", "amount": D("30.00")}
    named = {"method": "card", "amount": D("20.00"), "card_token": "t"}

    settled, found = settle(GIVES_BACK_50, unnamed, named, taken=taken)
    assert found == []
    assert [(x.card_token, x.amount) for x in settled.refunds] == [("t", 10), ("u", 20), ("t", 20)]
    too_much = MoneyTaken(currency=EUR, payments=taken.payments[:1])
    _, found = settle(GIVES_BACK_50, unnamed, named, taken=too_much)
    assert found == [("refund-exceeds-payment", "/refunds/0")]


def test_the_company_says_how_money_goes_back() -> None:
    """POS-84: what a card paid goes back to cards, where a manager may not allow otherwise."""
    to_cards = (RefundTender(paid_by="card", refund_by=("card",)),)
    barred = [("refund-tender-not-allowed", "/refunds/0/method")]

    assert settle(GIVES_BACK_50, tender("cash", "50.00"), rules=to_cards)[1] == barred
    assert settle(GIVES_BACK_50, tender("card", "50.00", card_token="t"), rules=to_cards)[1] == []


def test_a_manager_may_allow_another_way_where_the_company_says_so() -> None:
    """POS-84."""
    rules = (RefundTender(paid_by="card", refund_by=("card",), manager_may_override=True),)

    assert settle(GIVES_BACK_50, tender("cash", "50.00"), rules=rules)[1] == [
        ("manager-approval-required", "/refunds/0")
    ]
    approvals = approving("refund_tender", "50.00", decide(new_order(line())))
    settled, found = settle(GIVES_BACK_50, tender("cash", "50.00"), rules=rules, approvals=approvals)
    assert not found
    assert [(each.operation, each.approved_by) for each in settled.overrides] == [("refund_tender", "W9")]


def test_what_came_in_as_cash_goes_back_as_cash_beside_a_card() -> None:
    """POS-84: each part by its own way."""
    rules = (RefundTender(paid_by="card", refund_by=("card",)),)
    card, cash = tender("card", "30.00", card_token="t"), tender("cash", "20.00")

    assert settle(GIVES_BACK_50, cash, card, taken=BY_BOTH, rules=rules)[1] == []
    less, more = tender("card", "20.00", card_token="t"), tender("cash", "30.00")
    assert settle(GIVES_BACK_50, more, less, taken=BY_BOTH, rules=rules)[1] == [
        ("refund-tender-not-allowed", "/refunds/0/method")
    ]
