"""A sale that moves proposes to move its own purchase, and nothing else does (G17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.purchasing.orders import PurchaseOrder
from contracts.refusals import Refusal
from contracts.values import Problem
from planning.domain.demand.outcomes import follow_outcome
from planning.domain.demand.purchase_orders import follow_purchase_order
from planning.domain.demand.rows import OrderDemand
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.demand.worksheets import (
    CarryOutContext,
    put_deleted,
    put_edited,
    put_handed_over,
    requests_for,
)
from planning.domain.requisitions.checks import obstacles
from planning.domain.requisitions.commands import LineChanges
from planning.domain.requisitions.editing import edit_line
from planning.domain.requisitions.lines import RequisitionLine
from tests.unit.planning import samples as x

LATER, LATEST = date(2026, 3, 27), date(2026, 4, 3)
FIRST = follow_sales_order(x.EMPTY, x.sales_order(x.sales_line()), x.context())


def supply(day: date = x.DUE, **fields: Any) -> PurchaseOrder:
    """The purchase of the line, which comes on this day."""
    order = x.bought(FIRST.requests[0])
    return replace(order, lines=(replace(order.lines[0], expected_receipt_date=day, **fields),))


BOUGHT = follow_purchase_order(FIRST.demand, supply(), uuid4)


def moved(day: date, demand: OrderDemand = BOUGHT) -> OrderDemand:
    """The sale was put on this day."""
    line = replace(x.sales_line(), shipment_date=day)
    return follow_sales_order(demand, x.sales_order(line), x.context()).demand


def supplied(demand: OrderDemand, day: date, **fields: Any) -> OrderDemand:
    return follow_purchase_order(demand, supply(day, **fields), uuid4)


def messages(demand: OrderDemand) -> list[RequisitionLine]:
    return [line for line in demand.lines.values() if line.is_live and not line.wants_purchase]


def only_message(demand: OrderDemand) -> RequisitionLine:
    (message,) = messages(demand)
    return message


def test_g17_a_moved_sale_raises_a_reschedule_message_about_its_own_purchase() -> None:
    after = moved(LATER)
    message = only_message(after)
    assert (message.action_message, message.accept_action_message, message.status) == (
        "reschedule",
        False,
        "open",
    )
    assert (message.due_date, message.original_due_date) == (LATER, x.DUE)
    assert (message.purchase_order_no, message.purchase_order_line_no) == ("P-1", 10000)
    assert (message.quantity, message.original_quantity, message.vendor_no) == (2, 2, "V10")
    assert after.version == BOUGHT.version, "it is planning's proposal: other services see nothing of it"


def test_the_same_snapshot_again_raises_nothing_more() -> None:
    once = moved(LATER)
    assert moved(LATER, once).lines == once.lines


def test_a_sale_that_moves_on_changes_its_message_and_one_that_moves_back_takes_it_back() -> None:
    on = moved(LATEST, moved(LATER))
    assert (only_message(on).due_date, only_message(on).original_due_date) == (LATEST, x.DUE)
    assert messages(moved(x.DUE, on)) == []


def test_a_vendor_who_is_late_raises_no_message() -> None:
    """The sale did not move: its promised date is at risk instead."""
    assert messages(supplied(BOUGHT, LATER)) == []


def test_a_purchase_that_follows_by_hand_takes_the_message_back() -> None:
    assert messages(supplied(moved(LATER), LATER)) == []
    assert messages(supplied(moved(LATER), x.DUE, confirmed_date=LATER)) == []


def test_what_is_here_already_is_not_rescheduled() -> None:
    here = supplied(BOUGHT, x.DUE, quantity_received=Decimal(2))
    assert messages(moved(LATER, here)) == []
    assert messages(supplied(moved(LATER), x.DUE, quantity_received=Decimal(2))) == []


def test_a_sale_that_moves_while_its_purchase_is_asked_for_raises_the_message_with_the_purchase() -> None:
    asked = moved(LATER, FIRST.demand)
    assert messages(asked) == []
    assert only_message(supplied(asked, x.DUE)).due_date == LATER


def test_a_purchase_that_others_made_is_followed_from_the_next_move_on() -> None:
    line = x.sales_line()
    order = x.linked_by_others(line, 3)
    order = replace(order, lines=(replace(order.lines[0], expected_receipt_date=LATEST),))
    adopted = follow_purchase_order(x.EMPTY, order, uuid4)
    seen = follow_sales_order(adopted, x.sales_order(line), x.context()).demand
    assert messages(seen) == []
    assert only_message(moved(LATER, seen)).original_due_date == LATEST


def test_a_supply_that_changed_since_makes_the_message_a_question_until_a_person_looks_at_it() -> None:
    outdated = supplied(moved(LATER), LATEST)
    message = only_message(outdated)
    assert (message.warning, message.accept_action_message, message.original_due_date) == (
        "plan-outdated",
        False,
        x.DUE,
    )
    accepted = edit_line(message, LineChanges(accept_action_message=True), x.references())
    looked_at = only_message(put_edited(outdated, accepted))
    assert (looked_at.warning, looked_at.accept_action_message, looked_at.original_due_date) == (
        "",
        True,
        LATEST,
    )


def test_a_person_who_deletes_the_message_leaves_the_purchase_where_it_is() -> None:
    after = moved(LATER)
    without = put_deleted(after, only_message(after).cancelled())
    assert messages(supplied(without, x.DUE)) == []
    assert only_message(moved(LATEST, without)).due_date == LATEST


def test_a_sale_that_needs_nothing_any_more_is_a_matter_of_cancelling_alone() -> None:
    gone = follow_sales_order(moved(LATER), x.sales_order(), x.context()).demand
    assert [message.action_message for message in messages(gone)] == ["cancel"]


def test_a_message_about_a_deleted_purchase_line_came_to_nothing() -> None:
    after = follow_purchase_order(moved(LATER), x.bought(FIRST.requests[0], active=False), uuid4)
    (message,) = (line for line in after.lines.values() if line.action_message == "reschedule")
    assert (message.status, message.problem and message.problem.code) == (
        "cancelled",
        "purchase-line-deleted",
    )


def handed_over(demand: OrderDemand) -> tuple[OrderDemand, Any]:
    """The message, carried out by a person."""
    message = only_message(demand)
    context = CarryOutContext(references=x.references(), new_id=uuid4)
    ((request, _),) = requests_for([message], context, run_id=uuid4(), order_date=None)
    return put_handed_over(demand, [(message, request)]), request


def test_carrying_a_message_out_asks_purchasing_for_the_day_and_nothing_else() -> None:
    after, request = handed_over(moved(LATER))
    assert (request.lines, request.reschedule.due_date, request.reschedule.original_due_date) == (
        (),
        LATER,
        x.DUE,
    )
    assert x.states(after) == {(10000, 1): "ordered"}
    assert obstacles(only_message(after), None, x.references()) is None


def test_a_purchase_that_moved_ends_its_message_whatever_comes_first() -> None:
    after, request = handed_over(moved(LATER))
    done = replace(x.refused(request), outcome="rescheduled", errors=())
    for learned in (
        supplied(follow_outcome(after, done, uuid4), LATER),
        follow_outcome(supplied(after, LATER), done, uuid4),
    ):
        (message,) = (line for line in learned.lines.values() if line.action_message == "reschedule")
        assert (message.status, message.purchase_order_no) == ("carried_out", "P-1")
        assert messages(moved(LATER, learned)) == []


def test_a_sale_that_moves_on_while_purchasing_decides_is_asked_about_again() -> None:
    after, request = handed_over(moved(LATER))
    done = replace(x.refused(request), outcome="rescheduled", errors=())
    on = follow_outcome(moved(LATEST, after), done, uuid4)
    assert (only_message(on).due_date, only_message(on).original_due_date) == (LATEST, LATER)


def test_a_refused_message_is_open_again_and_the_sale_is_bought_as_before() -> None:
    after, request = handed_over(moved(LATER))
    problem = Problem(code="plan-outdated", detail="it comes on another day")
    refused = follow_outcome(after, x.refused(request, problem), uuid4)
    message = only_message(refused)
    assert (message.status, message.accept_action_message, message.problem) == ("open", False, problem)
    assert x.states(refused) == {(10000, 1): "ordered"}


@pytest.mark.parametrize("changes", [LineChanges(quantity=Decimal(5)), LineChanges(vendor_no="V20")])
def test_a_message_has_all_but_its_day_from_the_purchase_line(changes: LineChanges) -> None:
    with pytest.raises(Refusal) as refused:
        edit_line(only_message(moved(LATER)), changes, x.references())
    assert refused.value.code == "action-message-not-new"
