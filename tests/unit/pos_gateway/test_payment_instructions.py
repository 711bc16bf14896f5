"""What is taken from a card for shipped goods, and what is released on it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.channel import LineProgress
from contracts.refusals import Refusal
from pos_gateway.domain.acts.acting import concluded
from pos_gateway.domain.acts.cancelling import decide_cancellation
from pos_gateway.domain.acts.commands import Cancel
from pos_gateway.domain.acts.edit_commands import EditOrder
from pos_gateway.domain.acts.editing import decide_edit
from pos_gateway.domain.acts.finishing import money_of_order
from pos_gateway.domain.orders.card_holds import cards_for_balance
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import SalesProgress, Stage
from pos_gateway.domain.orders.stages import status_by_quantities
from pos_gateway.domain.payment_instructions.commands import Confirmation
from pos_gateway.domain.payment_instructions.confirming import Confirmed, decide_confirmation
from pos_gateway.domain.payment_instructions.instructing import (
    InstructionContext,
    decide_instructions,
)
from pos_gateway.domain.payment_instructions.instruction import PaymentInstruction
from tests.unit.pos_gateway.samples import (
    NOW,
    PENDING,
    act_context,
    decide,
    line,
    new_act,
    new_order,
    settings,
)

D = Decimal
CONTEXT = InstructionContext(uuid4, NOW)
SYNCHRONIZED = replace(PENDING, status="synchronized", sales_order_no="S-1")


def an_order(quantity: str = "3", pct: str = "10", paid: str = "30.00", **changes: object) -> CustomerOrder:
    """Pieces at 100.00 to ship, with the deposit in cash and a card for the rest."""
    given = {"payments": [{"method": "cash", "amount": paid}] if paid else []}
    cards = {"balance_cards": [{"card_token": "tok_1"}]}
    at = settings(default_deposit_pct=D(pct), cancellation_charge_code="")
    return decide(new_order(line("ship", quantity=quantity), **(given | cards | changes)), at)


def shipped(order: CustomerOrder, quantity: str, invoiced: str | None = None, cancelled: str = "0") -> Stage:
    progress = LineProgress(
        line_no=10000,
        quantity_received=D(0),
        quantity_shipped=D(quantity),
        quantity_invoiced=D(quantity if invoiced is None else invoiced),
        quantity_returned=D(0),
        quantity_cancelled=D(cancelled),
    )
    stage = replace(SYNCHRONIZED, progress=SalesProgress(lines=(progress,)))
    return replace(stage, status=status_by_quantities(order, stage, "synchronized"))


def asked(
    order: CustomerOrder, stage: Stage, issued: Sequence[PaymentInstruction] = ()
) -> list[tuple[str, Decimal]]:
    found = decide_instructions(order, stage, issued, CONTEXT)
    return [(each.kind, each.amount) for each in found]


def instructed(
    order: CustomerOrder, stage: Stage, issued: Sequence[PaymentInstruction] = ()
) -> PaymentInstruction:
    (instruction,) = decide_instructions(order, stage, issued, CONTEXT)
    return instruction


def confirmed(order: CustomerOrder, instruction: PaymentInstruction, outcome: str) -> Confirmed:
    found = decide_confirmation(instruction, order, Confirmation(outcome=outcome, reference="P-7"), CONTEXT)
    assert found is not None
    return found


def test_pos_32_the_balance_of_shipped_goods_is_captured_when_they_are_invoiced() -> None:
    order = an_order()

    assert asked(order, SYNCHRONIZED) == []
    assert asked(order, shipped(order, "1", invoiced="0")) == []
    first = instructed(order, shipped(order, "1"))
    assert (first.kind, first.amount, first.card_token, first.attempt) == ("capture", 90, "tok_1", 1)


def test_the_same_progress_again_asks_for_nothing_more() -> None:
    order = an_order()
    stage = shipped(order, "2")
    first = instructed(order, stage)

    assert asked(order, stage, [first]) == []
    taken = confirmed(order, first, "executed")
    assert asked(taken.order, stage, [taken.instruction]) == []


def test_partial_shipments_add_up_to_the_balance() -> None:
    order = an_order()
    issued: list[PaymentInstruction] = []
    for count in ("1", "2", "3"):
        done = confirmed(order, instructed(order, shipped(order, count), issued), "executed")
        order = done.order
        issued.append(done.instruction)

    assert [each.amount for each in issued] == [90, 90, 90]
    assert [each.number for each in issued] == [1, 2, 3]
    assert (order.balance, order.captured) == (0, 270)


def test_pos_34_nothing_is_captured_of_what_the_deposit_pays() -> None:
    order = an_order(paid="300.00", deposit_override="300.00")

    assert asked(order, shipped(order, "3")) == []


def test_an_order_without_a_card_is_paid_later() -> None:
    order = replace(an_order(), balance_cards=())

    assert cards_for_balance(order) == ()
    assert asked(order, shipped(order, "3")) == []


def test_pos_72_a_declined_card_is_tried_once_more_then_the_balance_stays() -> None:
    order = an_order()
    stage = shipped(order, "3")
    first = confirmed(order, instructed(order, stage), "declined")
    assert first.again is not None
    assert (first.again.attempt, first.again.number, first.again.amount) == (2, 1, 270)
    assert (first.again.card_token, first.again.status) == ("tok_1", "requested")

    second = confirmed(first.order, first.again, "declined")
    issued = [first.instruction, second.instruction]
    assert second.again is None
    assert (second.order.balance, second.order.captured) == (270, 0)
    assert [capture.outcome for capture in second.order.captures] == ["declined", "declined"]
    assert asked(second.order, stage, issued) == []


TWO_CARDS = [{"card_token": "tok_1", "amount": "150.00"}, {"card_token": "tok_2", "amount": "200.00"}]


def by_card(made: Sequence[PaymentInstruction]) -> list[tuple[str, str, Decimal]]:
    return [(each.kind, each.card_token, each.amount) for each in made]


def test_pos_72_cards_are_drawn_in_order_each_up_to_its_authorisation() -> None:
    order = an_order(balance_cards=TWO_CARDS)
    first = decide_instructions(order, shipped(order, "1"), (), CONTEXT)
    rest = decide_instructions(order, shipped(order, "3"), first, CONTEXT)

    assert by_card(first) == [("capture", "tok_1", 90)]
    assert by_card(rest) == [("capture", "tok_1", 60), ("capture", "tok_2", 120)]
    assert [each.number for each in (*first, *rest)] == [1, 2, 3]
    assert decide_instructions(order, shipped(order, "3"), (*first, *rest), CONTEXT) == ()


def test_pos_72_what_no_card_was_authorised_for_stays_in_the_balance() -> None:
    order = an_order(balance_cards=[{"card_token": "tok_1", "amount": "100.00"}])
    made = decide_instructions(order, shipped(order, "3"), (), CONTEXT)

    assert by_card(made) == [("capture", "tok_1", 100)]
    assert confirmed(order, made[0], "executed").order.balance == 170


def test_pos_72_what_a_card_has_failed_to_pay_is_taken_from_the_next_one() -> None:
    order = an_order(balance_cards=[{"card_token": "tok_1"}, {"card_token": "tok_2"}])
    stage = shipped(order, "3")
    first = confirmed(order, instructed(order, stage), "declined")
    assert first.again is not None
    assert asked(first.order, stage, [first.instruction, first.again]) == []
    second = confirmed(first.order, first.again, "declined")
    issued = [first.instruction, second.instruction]
    (next_card,) = decide_instructions(second.order, stage, issued, CONTEXT)

    assert (next_card.card_token, next_card.amount, next_card.number) == ("tok_2", 270, 2)
    done = confirmed(second.order, next_card, "executed")
    assert (done.order.balance, asked(done.order, stage, [*issued, done.instruction])) == (0, [])


def test_pos_78_each_card_is_released_of_what_was_held_on_it() -> None:
    order = an_order(balance_cards=TWO_CARDS)
    cancelled = replace(PENDING, status="void")
    first = decide_instructions(order, shipped(order, "1"), (), CONTEXT)

    voids = decide_instructions(order, cancelled, first, CONTEXT)
    assert by_card(voids) == [("void", "tok_1", 60), ("void", "tok_2", 120)]
    assert decide_instructions(order, cancelled, (*first, *voids), CONTEXT) == ()


def cancelled_by_card() -> CustomerOrder:
    """The deposit of 30.00 was paid by two cards and goes back to them; no card is held for the balance."""
    paid = [
        {"method": "card", "amount": "10.00", "card_token": "tok_1"},
        {"method": "card", "amount": "20.00", "card_token": "tok_2"},
    ]
    order = an_order(payments=paid)
    back = [{"method": "card", "amount": "30.00"}]
    cancel = new_act(Cancel, reason="x", refunds=back, cancellation_charge=0)
    return decide_cancellation(order, SYNCHRONIZED, cancel, act_context()).order


def test_pos_84_money_goes_back_to_each_card_by_an_instruction() -> None:
    """The till names no card: it is split, to none above what it paid."""
    order = cancelled_by_card()
    refunds = [i for i in decide_instructions(order, SYNCHRONIZED, (), CONTEXT) if i.kind == "refund"]

    assert [(i.card_token, i.amount, i.number) for i in refunds] == [("tok_1", 10, 1), ("tok_2", 20, 2)]
    assert [refund.by_instruction for refund in order.refunds] == [True, True]
    assert asked(order, SYNCHRONIZED, refunds) == []
    executed = confirmed(order, refunds[0], "executed")
    assert (executed.order, executed.again) == (order, None)


def test_pos_84_a_refund_that_a_card_declines_twice_is_still_owed() -> None:
    order = cancelled_by_card()
    stage = replace(SYNCHRONIZED, status="cancelled")
    _, second, *_ = [i for i in decide_instructions(order, stage, (), CONTEXT) if i.kind == "refund"]
    first_try = confirmed(order, second, "declined")
    assert (first_try.order, first_try.again and first_try.again.attempt) == (order, 2)
    assert first_try.again is not None
    failed = confirmed(order, first_try.again, "declined")

    assert (order.balance, failed.order.balance, failed.again) == (0, -20, None)
    assert [refund.declined for refund in failed.order.refunds_known] == [False, True]
    assert money_of_order(failed.order).left_on("tok_2") == 20


def test_pos_84_what_has_not_gone_back_is_still_prepaid() -> None:
    """POS-127: also where an act was under way, which was decided before the card was declined."""
    order = cancelled_by_card()
    under_way = replace(order, version=2, prepaid_amount=order.prepaid_now)
    stage = replace(SYNCHRONIZED, status="cancelled")
    _, second, *_ = [i for i in decide_instructions(order, stage, (), CONTEXT) if i.kind == "refund"]
    failed = confirmed(order, replace(second, attempt=2), "declined").order
    after = concluded(under_way, failed)

    assert under_way.prepaid_amount == 0
    assert (failed.prepaid_amount, after.prepaid_amount, after.version) == (20, 20, 2)


def test_a_refund_from_before_refunds_were_instructed_is_not_given_back_again() -> None:
    order = cancelled_by_card()
    old = replace(order, refunds=tuple(replace(each, by_instruction=False) for each in order.refunds))

    assert [kind for kind, _ in asked(old, SYNCHRONIZED)] == []


def test_the_second_attempt_pays_the_balance() -> None:
    order = an_order()
    first = confirmed(order, instructed(order, shipped(order, "3")), "declined")
    assert first.again is not None
    second = confirmed(first.order, first.again, "executed")

    assert second.order.balance == 0


def test_an_outcome_is_confirmed_once() -> None:
    order = an_order()
    done = confirmed(order, instructed(order, shipped(order, "3")), "executed")
    again = Confirmation(outcome="executed", reference="another")

    assert decide_confirmation(done.instruction, done.order, again, CONTEXT) is None
    with pytest.raises(Refusal) as refused:
        decide_confirmation(done.instruction, done.order, Confirmation(outcome="declined"), CONTEXT)
    assert refused.value.code == "payment-instruction-confirmed"


def test_pos_78_a_cancelled_order_releases_the_card() -> None:
    order = an_order()
    cancel = new_act(
        Cancel, reason="x", refunds=[{"method": "cash", "amount": "30.00"}], cancellation_charge=0
    )
    acted = decide_cancellation(order, SYNCHRONIZED, cancel, act_context())
    stage = replace(SYNCHRONIZED, status="cancelled")
    void = instructed(acted.order, stage)

    assert (acted.order.card_hold, void.kind, void.amount, void.card_token) == (0, "void", 270, "tok_1")
    assert asked(acted.order, stage, [void]) == []
    assert confirmed(acted.order, void, "executed").order == acted.order


def test_pos_78_what_is_held_for_nothing_is_released_when_the_order_is_complete() -> None:
    """Two of three pieces were shipped, the rest was cancelled in the back office."""
    order = an_order()

    assert asked(order, shipped(order, "2")) == [("capture", D("180.00"))]
    assert asked(order, shipped(order, "2", invoiced="0", cancelled="1")) == []
    done = asked(order, shipped(order, "2", cancelled="1"))
    assert [kind for kind, _ in done] == ["capture", "void"]
    assert sum(amount for _, amount in done) == order.card_hold == 270


def test_an_order_that_the_back_office_voided_releases_the_card() -> None:
    assert asked(an_order(), replace(PENDING, status="void")) == [("void", D("270.00"))]


def test_pos_84_a_card_can_get_back_what_was_captured_from_it() -> None:
    order = an_order()
    done = confirmed(order, instructed(order, shipped(order, "3")), "executed")

    assert money_of_order(order).left_on("tok_1") == 0
    assert money_of_order(done.order).left_on("tok_1") == 270
    declined = confirmed(order, instructed(order, shipped(order, "3")), "declined")
    assert money_of_order(declined.order).left_on("tok_1") == 0


def test_an_instruction_is_about_its_order() -> None:
    instruction = instructed(an_order(), shipped(an_order(), "3"))

    assert isinstance(instruction.id, UUID)
    assert (instruction.confirmation_no, instruction.store_no, instruction.method) == ("K-1", "S1", "card")


def edited(order: CustomerOrder, stage: Stage = SYNCHRONIZED, **changes: object) -> CustomerOrder:
    return decide_edit(order, stage, new_act(EditOrder, **changes), act_context()).order


def test_pos_78_a_card_that_an_edit_replaces_is_released_at_once() -> None:
    order = edited(an_order(paid="30.00"), balance_cards=[{"card_token": "tok_2"}])
    (void,) = decide_instructions(order, SYNCHRONIZED, (), CONTEXT)
    assert by_card([void]) == [("void", "tok_1", 270)]
    stage = shipped(order, "3")
    later = decide_instructions(order, stage, [void], CONTEXT)
    assert by_card(later) == [("capture", "tok_2", 270)]
    assert decide_instructions(order, stage, [void, *later], CONTEXT) == ()


def test_pos_78_a_card_that_is_named_again_is_released_of_each_hold_once() -> None:
    order = edited(an_order(), balance_cards=[{"card_token": "tok_2"}])
    first = decide_instructions(order, SYNCHRONIZED, (), CONTEXT)
    order = edited(order, balance_cards=[{"card_token": "tok_1"}])
    second = decide_instructions(order, SYNCHRONIZED, first, CONTEXT)
    last = decide_instructions(order, replace(SYNCHRONIZED, status="cancelled"), (*first, *second), CONTEXT)
    assert by_card(first) == [("void", "tok_1", 270)]
    assert by_card(second) == [("void", "tok_2", 270)]
    assert by_card(last) == [("void", "tok_1", 270)]


def test_pos_78_what_an_edit_makes_cheaper_is_released_and_what_was_captured_is_not() -> None:
    order = an_order(pct="0", paid="")
    stage = shipped(order, "1")
    capture = instructed(order, stage)
    free = settings(default_deposit_pct=D(0))
    at = act_context(replace(free, profile=replace(free.profile, edit_partially_fulfilled_orders=True)))
    fewer = new_act(EditOrder, lines=[{"line_no": 10000, "quantity": "2"}])
    order = decide_edit(order, stage, fewer, at).order
    (void,) = decide_instructions(order, stage, [capture], CONTEXT)
    assert by_card([capture, void]) == [("capture", "tok_1", 100), ("void", "tok_1", 100)]
    assert asked(order, shipped(order, "2"), [capture, void]) == [("capture", D("100.00"))]
