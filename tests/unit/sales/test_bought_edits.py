"""Edits at tills that have happened, of goods that are being bought."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from sales.domain.channel.acts import carried_out, taken_in, waiting_for_purchasing
from sales.domain.channel.bought_edits import edited_with_purchases, wishes_of
from sales.domain.channel.editing import edited
from sales.domain.channel.transactions import MAX_ATTEMPTS, TillTransaction, retrying
from tests.unit.sales.samples import NOW, context
from tests.unit.sales.test_till_acts import act, line, order_of, till

SPECIAL = line(10000, item_no="SPECIAL", purchasing_code="SPEC")
ROPES = line(20000)


def test_g5_purchasing_is_asked_for_the_quantity_of_a_bought_line_and_the_rest_holds_at_once() -> None:
    """P1: one whose till waits is refused instead."""
    before = till(SPECIAL, ROPES)
    after = till(replace(SPECIAL, quantity=Decimal(5)), replace(ROPES, quantity=Decimal(4)), line(30000))
    order = order_of(before)
    with pytest.raises(Refusal) as refusal:
        edited(order, before, after, context())
    assert refusal.value.code == "line-being-procured"
    edit = edited_with_purchases(order, before, after, replace(context(), new_id=uuid4))
    assert [(x.line_no, x.quantity) for x in edit.order.lines] == [(10000, 3), (20000, 4), (30000, 3)]
    (asked,) = edit.asked
    assert (asked.line_no, asked.is_pending, asked.wanted.quantity) == (10000, True, 5)
    assert asked.order.requested_changes[0].lines[0].quantity == 5


def test_g5_a_bought_line_that_was_taken_off_is_given_up_by_purchasing() -> None:
    """It stays until then: its purchase may be on its way."""
    before = till(SPECIAL, ROPES)
    edit = edited_with_purchases(order_of(before), before, till(ROPES), context())
    assert [x.line_no for x in edit.order.lines] == [10000, 20000]
    assert [(x.line_no, x.wanted.quantity) for x in edit.asked] == [(10000, 0)]


def test_nothing_is_asked_where_the_order_is_as_the_till_has_it_or_has_ended() -> None:
    before, after = till(SPECIAL), till(replace(SPECIAL, quantity=Decimal(5)))
    order = order_of(before)
    assert wishes_of(order, before, after, context()) == {10000: {"quantity": Decimal(5)}}
    changed = order.with_line(replace(order.lines[0], quantity=Decimal(5)))
    assert wishes_of(changed, before, after, context()) == {}
    assert wishes_of(replace(order, status="cancelled"), before, after, context()) == {}


def test_an_edit_that_waits_for_purchasing_has_not_failed_and_is_looked_at_until_it_ends() -> None:
    """POS-106: the number of attempts counts failures only."""
    before = till(SPECIAL)
    (kept,) = taken_in((), replace(before, acts=(act("edit"),)), before)
    for _ in range(MAX_ATTEMPTS + 1):
        kept = waiting_for_purchasing(kept)
    transaction = TillTransaction(transaction_id=before.transaction_id, payload=before, acts=(kept,))
    assert kept.attempts == 0
    assert kept.waits_for_purchasing
    assert retrying(transaction, NOW, 0.0).next_attempt_at is not None
    assert not carried_out(kept).is_open
