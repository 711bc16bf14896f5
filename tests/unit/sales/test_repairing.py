"""Repairs of tills' transactions."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.pos import Payment, Totals
from contracts.refusals import Refusal
from contracts.values import Problem
from sales.domain.channel.repairing import (
    LineRepair,
    PayloadRepair,
    given_up,
    held,
    released,
    repaired,
    resubmitted,
)
from sales.domain.channel.transactions import MadeOrder, TillTransaction, succeeded
from tests.unit.sales.samples import NOW
from tests.unit.sales.test_till_acts import line, till

FAILED = TillTransaction(
    transaction_id=UUID(int=7), payload=till(line(10000), line(20000)), status="failed", attempts=3
)


def test_a_repair_changes_lines_by_their_numbers_and_notes_each_field() -> None:
    """POS-101: who, when, which field, from what to what."""
    changes = PayloadRepair(customer_no="C2", lines=(LineRepair(line_no=20000, quantity=Decimal(5)),))
    after = repaired(FAILED, changes, NOW, "anna")
    assert [x.quantity for x in after.payload.lines] == [3, 5]
    noted = [(x.field, x.line_no, x.old, x.new, x.by, x.at) for x in after.audit]
    assert noted == [
        ("customer_no", None, "C1", "C2", "anna", NOW),
        ("quantity", 20000, "3", "5", "anna", NOW),
    ]
    assert (after.status, after.repaired) == ("editing", True)


def test_a_repair_that_changes_nothing_is_none() -> None:
    assert repaired(FAILED, PayloadRepair(customer_no="C1"), NOW, "anna") is FAILED


def test_pos_90_what_is_prepaid_changes_as_the_payments_do() -> None:
    """POS-101: neither is repaired to something that the other contradicts, nor totals to no sum of their parts."""
    cash = Payment(method="cash", amount=Decimal("20.00"))
    before = FAILED.payload.prepaid_amount
    after = repaired(FAILED, PayloadRepair(payments=(cash,)), NOW, "anna")
    crooked = Totals(net=Decimal(1), tax=Decimal(1), charges=Decimal(1), total=Decimal(4))
    with pytest.raises(Refusal) as refused:
        repaired(
            FAILED,
            PayloadRepair(payments=(cash,), prepaid_amount=before, totals=crooked),
            NOW,
            "anna",
        )

    assert FAILED.payload.payments == ()
    assert after.payload.prepaid_amount == before + 20
    assert {x.field for x in after.audit} == {"payments", "prepaid_amount"}
    assert [(x.code, x.pointer) for x in refused.value.violations] == [
        ("total-mismatch", "/payload/prepaid_amount"),
        ("total-mismatch", "/payload/totals/total"),
    ]


def test_a_repaired_transaction_is_held_once_its_order_is_made() -> None:
    """POS-102."""
    sent_again = resubmitted(repaired(FAILED, PayloadRepair(customer_no="C2"), NOW, "anna"), NOW)
    assert (sent_again.status, sent_again.attempts, sent_again.confirmation_no) == ("pulled", 0, "K-1")
    made = succeeded(sent_again, MadeOrder("S-1", "C2"), NOW)
    assert made.status == "held"
    assert released(made, NOW).status == "succeeded"


def test_what_has_its_order_is_neither_repaired_nor_given_up() -> None:
    """POS-95, POS-101."""
    made = succeeded(FAILED, MadeOrder("S-1", "C1"), NOW)
    for act in (given_up, lambda x: held(x, ""), lambda x: resubmitted(x, NOW), lambda x: released(x, NOW)):
        with pytest.raises(Refusal):
            act(made)
    with pytest.raises(Refusal):
        repaired(replace(made, status="held"), PayloadRepair(customer_no="C2"), NOW, "anna")


def test_a_repair_answers_what_the_gateway_found_wrong() -> None:
    """POS-101: the order's own rules judge what the person made of it."""
    wrong = replace(
        FAILED, payload=replace(FAILED.payload, errors=(Problem(code="deposit-not-paid", detail="-"),))
    )
    assert repaired(wrong, PayloadRepair(customer_no="C2"), NOW, "anna").payload.errors == ()
