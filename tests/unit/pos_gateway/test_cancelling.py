"""POS-48, POS-49, POS-75 to POS-79, P13: cancellations and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.channel import ActCharge, ActLine, LineProgress
from contracts.refusals import Refusal
from contracts.sales.masters import ChargeCode
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.acting import awaits_refund, check_state
from pos_gateway.domain.acts.cancelling import CANCELLATION, decide_cancellation, decide_cancellation_of_rest
from pos_gateway.domain.acts.commands import Cancel
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.editing import EDITING
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import SalesProgress, Stage
from tests.unit.pos_gateway.samples import (
    NOW,
    act_context,
    approving,
    decide,
    line,
    new_act,
    new_order,
    reasons,
    settings,
)

D = Decimal
STAGE = Stage(status="synchronized", received_at=NOW, updated_at=NOW)
TERMS = settings(default_deposit_pct=D(10), cancellation_charge_pct=D(5))


def an_order(**changes: Any) -> CustomerOrder:
    """200.00 to pick up with 19 % tax, and shipped goods of 100.00 for 10.00: 349.90, of which 34.99 is paid."""
    lines = (line(price="100.00", quantity="2", tax_pct="19"), line("ship", "100.00"))
    cash = [{"method": "cash", "amount": "34.99"}]
    more = {"shipping_charge": "10.00", "balance_cards": [{"card_token": "t"}], "payments": cash}
    return decide(new_order(*lines, **more | changes), TERMS)


def partly(order: CustomerOrder, picked_up: str = "1") -> CustomerOrder:
    """With some pieces of the first line picked up: 119.00 each, paid with 11.90 of the deposit."""
    first, *others = order.lines
    money = replace(order.money, paid=order.money.paid + D("107.10"), deposit_used=D("11.90"))
    picked = replace(first, quantity_picked_up=D(picked_up))
    return replace(order, lines=(picked, *others), money_sums=money)


def cancel(order: CustomerOrder, context: ActContext | None = None, **changes: Any) -> Acted:
    body = {"reason": "no longer wanted"} | changes
    return decide_cancellation(order, STAGE, new_act(Cancel, **body), context or act_context())


def cancel_rest(order: CustomerOrder, context: ActContext | None = None, **changes: Any) -> Acted:
    body = {"reason": "no longer wanted"} | changes
    return decide_cancellation_of_rest(order, STAGE, new_act(Cancel, **body), context or act_context())


def refunding(amount: str) -> dict[str, Any]:
    return {"refunds": [{"method": "cash", "amount": amount}]}


def test_the_charge_is_kept_of_the_deposit_and_the_rest_goes_back() -> None:
    """POS-48, POS-49: 5 % of 349.90 is 17.50, with its tax 20.83."""
    acted = cancel(an_order(), **refunding("14.16"))
    settlement = acted.act.settlement

    assert (settlement.charge, settlement.total, settlement.due) == (D("17.50"), D("20.83"), D("-14.16"))
    assert settlement.refunded == D("14.16")
    assert acted.act.charge == ActCharge(charge_code="CANCEL", amount=D("17.50"), tax_pct=D(19))
    assert (acted.ends_as, acted.act.reason, acted.act.lines) == ("cancelled", "no longer wanted", ())
    assert [x.quantity_cancelled for x in acted.order.lines] == [D(2), D(1)]
    assert (acted.order.balance, acted.order.money.deposit_available, acted.order.card_hold) == (0, 0, 0)


def test_the_charge_holds_as_it_was_agreed() -> None:
    """POS-54: later parameters do not touch a running order."""
    today = act_context(settings(cancellation_charge_pct=D(50)))

    assert cancel(an_order(), today, **refunding("14.16")).act.settlement.charge == D("17.50")


def test_a_charge_above_the_deposit_is_collected() -> None:
    """POS-49, choice 5."""
    order = an_order(deposit_override="0", payments=[])
    acted = cancel(order, payments=[{"method": "cash", "amount": "20.83"}])

    assert acted.act.settlement.due == acted.act.settlement.paid == D("20.83")


def test_a_worker_with_the_permission_changes_the_charge() -> None:
    """POS-48, POS-77."""
    worker = replace(TERMS.worker, permissions=(*TERMS.worker.permissions, "change_cancellation_charge"))
    context = act_context(replace(TERMS, worker=worker))
    acted = cancel(an_order(), context, cancellation_charge="0", **refunding("34.99"))
    (override,) = acted.act.overrides

    assert (acted.act.charge, acted.act.settlement.charge) == (None, D("0.00"))
    assert (override.operation, override.from_amount) == ("change_cancellation_charge", D("17.50"))


def test_another_worker_needs_a_manager_for_it() -> None:
    """POS-118, POS-120: the approval names the amount."""
    order, asked = an_order(), {"cancellation_charge": "5.00", **refunding("29.04")}
    approved = act_context(approvals=approving("change_cancellation_charge", "5.00", order))
    other = act_context(approvals=approving("change_cancellation_charge", "6.00", order))

    with pytest.raises(Refusal) as refusal:
        cancel(order, **asked)
    with pytest.raises(Refusal) as of_another_amount:
        cancel(order, other, **asked)

    assert reasons(refusal.value) == [("manager-approval-required", "/cancellation_charge")]
    assert reasons(of_another_amount.value) == reasons(refusal.value)
    assert cancel(order, approved, **asked).act.overrides[0].approved_by == "W9"
    assert cancel(order, cancellation_charge="17.50", **refunding("14.16")).act.overrides == ()


@pytest.mark.parametrize("charge", ["-0.01", "349.91"])
def test_b19_a_charge_is_from_0_to_the_total(charge: str) -> None:
    with pytest.raises(Refusal) as refusal:
        cancel(an_order(), cancellation_charge=charge)

    assert reasons(refusal.value) == [("cancellation-charge-out-of-range", "/cancellation_charge")]


def test_a_quote_is_cancelled_for_nothing() -> None:
    """POS-55: no money was taken, and none is charged."""
    quote = replace(an_order(deposit_override="0", payments=[]), kind="quote")
    acted = cancel(quote)
    with pytest.raises(Refusal) as refusal:
        cancel(quote, cancellation_charge="0.01")

    assert (acted.ends_as, acted.act.charge, acted.order.balance) == ("cancelled", None, 0)
    assert reasons(refusal.value) == [("cancellation-charge-out-of-range", "/cancellation_charge")]


def test_without_a_charge_no_code_is_needed() -> None:
    """POS-03."""
    order = an_order()
    free = replace(order.terms, cancellation_pct=D(0), cancellation_charge_code="")

    assert cancel(replace(order, terms=free), **refunding("34.99")).act.charge is None


@pytest.mark.parametrize(
    ("code", "problem"), [("", "charge-code-not-configured"), ("GONE", "unknown-charge-code")]
)
def test_a_charge_needs_its_code(code: str, problem: str) -> None:
    """POS-03."""
    order = an_order()
    order = replace(order, terms=replace(order.terms, cancellation_charge_code=code))

    with pytest.raises(Refusal) as refusal:
        cancel(order)

    assert reasons(refusal.value) == [(problem, "/cancellation_charge")]


def test_pos_76_what_was_handed_over_in_part_is_not_cancelled_as_a_whole() -> None:
    with pytest.raises(Refusal) as refusal:
        cancel(partly(an_order()))

    assert refusal.value.code == "already-fulfilled-in-part"


def test_p13_the_rest_is_cancelled_for_a_charge_on_its_value() -> None:
    """5 % of 119.00 + 111.90 is 11.55, with tax 13.74; 23.09 of the deposit is left."""
    acted = cancel_rest(partly(an_order()), **refunding("9.35"))

    assert (acted.act.settlement.charge, acted.act.settlement.due) == (D("11.55"), D("-9.35"))
    assert acted.act.lines == (
        ActLine(line_no=10000, quantity=D(1)),
        ActLine(line_no=20000, quantity=D(1)),
    )
    assert (acted.ends_as, acted.order.balance) == ("", 0)
    assert [x.quantity_cancelled for x in acted.order.lines] == [D(1), D(1)]


def test_the_rest_of_what_is_whole_or_gone_is_not_cancelled() -> None:
    """POS-79, B19: each with its own reason."""
    order = an_order()
    rest_gone = cancel_rest(partly(order), **refunding("9.35")).order
    all_gone = partly(decide(new_order(line(price="100.00", quantity="2"))), "2")
    codes = []
    for each in (order, rest_gone, all_gone):
        with pytest.raises(Refusal) as refusal:
            cancel_rest(each)
        codes.append(refusal.value.code)

    assert codes == ["nothing-fulfilled-yet", "already-cancelled", "nothing-to-cancel"]


def test_the_charge_bears_the_tax_of_its_code_today() -> None:
    """POS-49."""
    found = {ChargeCode: {"CANCEL": ChargeCode(version=1, code="CANCEL")}}

    assert cancel(an_order(), act_context(found=found), **refunding("17.49")).act.settlement.total == D(
        "17.50"
    )


def in_back_office(order: CustomerOrder, cancelled: str, shipped: str = "0") -> Stage:
    """Sales has cancelled so much of each line."""
    progress = [
        LineProgress(
            line_no=x.line_no,
            quantity_received=D(0),
            quantity_invoiced=D(0),
            quantity_returned=D(0),
            quantity_cancelled=min(x.quantity, D(cancelled)),
            quantity_shipped=D(shipped) if x.mode == "pickup" else D(0),
        )
        for x in order.lines
    ]
    return replace(STAGE, sales_order_no="S-1", progress=SalesProgress(lines=tuple(progress)))


def test_what_the_back_office_cancelled_is_settled_without_a_charge() -> None:
    """POS-49, POS-127: the whole deposit goes back, once."""
    order = an_order()
    stage = in_back_office(order, "2")
    new = new_act(Cancel, reason="cancelled by phone", **refunding("34.99"))
    acted = decide_cancellation(order, stage, new, act_context())

    assert awaits_refund(order)
    assert (acted.act.settlement.charge, acted.act.settlement.due) == (0, D("-34.99"))
    assert (acted.order.balance, acted.order.money.deposit_available) == (0, 0)
    assert [x.quantity_cancelled for x in acted.order.lines] == [D(2), D(1)]
    assert not awaits_refund(acted.order)


def test_what_the_back_office_gave_up_is_settled_without_a_charge() -> None:
    """POS-49, POS-95: sales never made an order of it."""
    void = replace(STAGE, status="void")
    new = new_act(Cancel, reason="given up", **refunding("34.99"))
    acted = decide_cancellation(an_order(), void, new, act_context())

    check_state(CANCELLATION, an_order(), void, TERMS)
    assert (acted.act.charge, acted.act.settlement.due) == (None, D("-34.99"))
    assert (acted.order.balance, acted.ends_as) == (0, "cancelled")
    with pytest.raises(Refusal, match="voided"):
        check_state(EDITING, an_order(), void, TERMS)


def test_what_the_back_office_cancelled_of_the_rest_is_settled_too() -> None:
    """P13: one piece is with the customer; 23.09 of the deposit is left."""
    order = partly(an_order())
    stage = in_back_office(order, "1", shipped="1")
    new = new_act(Cancel, reason="cancelled by phone", **refunding("23.09"))
    acted = decide_cancellation_of_rest(order, stage, new, act_context())

    assert (acted.act.settlement.charge, acted.act.lines) == (0, ())
    assert (acted.order.balance, acted.order.money.deposit_available) == (0, 0)
    with pytest.raises(Refusal, match="nothing of"):
        decide_cancellation_of_rest(acted.order, stage, new, act_context())
