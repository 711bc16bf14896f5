"""Acts of tills on sales orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from contracts.channel import ActLine, ChannelAct, ChannelOrder
from contracts.pos import Totals, TransactionIdentity, TransactionLine
from contracts.refusals import Refusal, conflict
from sales.domain.channel.acts import carried_out, happened, refused, taken_in, with_act
from sales.domain.channel.editing import edited
from sales.domain.channel.handing_over import posting_of_pickup, withdrawn
from sales.domain.channel.orders import order_of_till
from sales.domain.channel.progress import NONE, progress_of
from sales.domain.channel.transactions import (
    MAX_ATTEMPTS,
    MadeOrder,
    TillTransaction,
    retrying,
    snapshot,
    succeeded,
    voided,
    with_snapshot,
)
from sales.domain.orders.order import Cancellation, Order
from sales.domain.posting.applying import apply_posting
from tests.unit.sales.samples import DAY, NOW, context


def line(line_no: int, quantity: str = "3", **more: Any) -> TransactionLine:
    given: dict[str, Any] = {"item_no": "STOCK", "unit_price": Decimal(10), "mode": "pickup", **more}
    return TransactionLine(line_no=line_no, quantity=Decimal(quantity), **given)


def till(*lines: TransactionLine, version: int = 1, **more: Any) -> ChannelOrder:
    total = sum((x.quantity * x.unit_price for x in lines), Decimal(0))
    return ChannelOrder(
        version=version,
        confirmation_no="K-1",
        transaction_id=UUID(int=7),
        transaction=TransactionIdentity(store_no="ST1", terminal_no="T", business_date=DAY, sequence=1),
        occurred_at=NOW,
        received_at=NOW,
        lines=lines,
        customer_no="C1",
        currency_code="EUR",
        totals=Totals(net=total, tax=Decimal(0), charges=Decimal(0), total=total),
        **more,
    )


def act(operation: str, *quantities: tuple[int, str]) -> ChannelAct:
    return ChannelAct(
        act_id=uuid4(),
        operation=operation,
        transaction=TransactionIdentity(store_no="ST1", terminal_no="T", business_date=DAY, sequence=2),
        occurred_at=NOW,
        received_at=NOW,
        lines=tuple(ActLine(line_no=no, quantity=Decimal(quantity)) for no, quantity in quantities),
    )


def order_of(payload: ChannelOrder) -> Order:
    return replace(order_of_till(payload, "C1", context()), no="S-1")


def after_pickup(order: Order, *quantities: tuple[int, str]) -> Order:
    return apply_posting(
        order, posting_of_pickup(order, act("pickup", *quantities), context()), {}, NOW
    ).order


def test_an_act_is_taken_in_once() -> None:
    """POS-103: the same snapshot again, and an older one, change nothing."""
    first, second = act("pickup"), act("edit")
    order = till(line(10000))
    acts = taken_in((), replace(order, acts=(first, second)), order)
    assert [(x.status, x.before) for x in acts] == [("waiting", None), ("waiting", order)]
    assert taken_in(acts, replace(order, acts=(first,)), order) == acts


def test_a_newer_snapshot_is_the_order_and_an_older_one_is_not() -> None:
    """POS-104."""
    kept = TillTransaction(transaction_id=UUID(int=7), payload=till(line(10000), version=3))
    newer = with_snapshot(kept, till(line(10000), line(20000), version=4, acts=(act("edit"),)))
    assert [x.line_no for x in newer.payload.lines] == [10000, 20000]
    assert newer.payload.acts == ()
    assert with_snapshot(newer, till(line(10000), version=2)) == newer


def test_a_void_transaction_is_never_tried() -> None:
    """POS-95."""
    void = voided(TillTransaction(transaction_id=UUID(int=7), payload=till(), next_attempt_at=NOW))
    assert (void.status, void.next_attempt_at) == ("void", None)


def test_acts_that_failed_are_tried_again_until_the_last_attempt() -> None:
    """POS-106."""
    made = succeeded(TillTransaction(transaction_id=UUID(int=7), payload=till()), MadeOrder("S-1", "C1"), NOW)
    (kept,) = taken_in((), replace(till(), acts=(act("pickup"),)), None)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        kept = refused(kept, conflict("order-not-open", "it is cancelled"))
        after = retrying(replace(made, acts=(kept,)), NOW, 0.0)
        assert (after.next_attempt_at is None) == (attempt == MAX_ATTEMPTS)
    assert snapshot(after).acts[0].errors[0].code == "order-not-open"


def test_what_became_of_acts_is_said_once() -> None:
    (kept,) = taken_in((), replace(till(), acts=(act("pickup"),)), None)
    done = with_act((kept,), carried_out(kept))
    assert happened((), (kept,)) == ()
    assert happened((kept,), done) == ("picked_up",)
    assert happened(done, done) == ()


def test_a_pickup_ships_and_invoices_its_quantities_and_nothing_else() -> None:
    """POS-70, POS-74: the other lines stay open; a customer's wish for complete deliveries does not count."""
    order = replace(order_of(till(line(10000), line(20000))), shipping_advice="complete")
    after = after_pickup(order, (10000, "2"))
    assert [(x.quantity_shipped, x.invoiced) for x in after.lines] == [(2, 2), (0, 0)]
    assert after.status == "released"


def test_a_pickup_of_more_than_is_open_is_refused() -> None:
    """POS-69."""
    with pytest.raises(Refusal) as why:
        after_pickup(order_of(till(line(10000))), (10000, "4"))
    assert why.value.violations[0].code == "quantity-exceeds-outstanding"


def test_an_order_that_is_cancelled_already_stays_cancelled() -> None:
    order = order_of(till(line(10000)))
    cancelled = withdrawn(order, act("cancel"), context())
    assert cancelled.status == "cancelled"
    assert withdrawn(cancelled, act("cancel"), context()) is cancelled


def test_ordered_is_what_left_was_cancelled_or_is_open() -> None:
    """POS-124: of each line; a line of which nothing has happened is not reported."""
    payload = till(line(10000), line(20000))
    order = after_pickup(order_of(payload), (10000, "2"))
    before = progress_of(NONE, payload, order, {})
    assert [(x.line_no, x.quantity_shipped, x.quantity_cancelled) for x in before.lines] == [(10000, 2, 0)]
    rest = withdrawn(order, act("cancel_remaining"), context())
    after = progress_of(before, payload, rest, {})
    assert [(x.quantity_shipped, x.quantity_cancelled) for x in after.lines] == [(2, 1), (0, 3)]
    assert after.order_closed


def test_a_line_that_the_back_office_deleted_counts_as_cancelled() -> None:
    """POS-124."""
    payload = till(line(10000), line(20000))
    order = order_of(payload)
    after = progress_of(NONE, payload, replace(order, lines=order.lines[:1]), {})
    assert [(x.line_no, x.quantity_cancelled) for x in after.lines] == [(20000, 3)]


def test_an_edit_changes_only_what_the_till_has_changed() -> None:
    """POS-65: what the back office has changed stays."""
    before = till(line(10000), line(20000))
    order = order_of(before)
    described = order.with_line(replace(order.lines[0], description="For Anna"))
    after = edited(described, before, till(line(10000, "5")), context())
    assert [(x.line_no, x.quantity, x.description) for x in after.lines] == [(10000, 5, "For Anna")]
    assert (after.status, after.totals.total) == ("released", 50)


def test_two_edits_that_come_in_one_snapshot_add_a_line_once() -> None:
    """POS-103: each of them is what the till had before and what it has after both."""
    before = till(line(10000))
    after = till(line(10000, "5"), line(20000), line(30000))
    edits = replace(context(), new_id=uuid4)
    once = edited(order_of(before), before, after, edits)
    assert [x.line_no for x in once.lines] == [10000, 20000, 30000]
    assert edited(once, before, after, edits) == once


def test_pos_72_an_edit_that_concerns_the_till_alone_leaves_a_closed_order_as_it_is() -> None:
    """Such as one that names another card; goods of a closed order are not edited (B17)."""
    before = till(line(10000))
    closed = replace(order_of(before), status="closed")

    assert edited(closed, before, replace(before, version=2), context()) is closed
    with pytest.raises(Refusal):
        edited(closed, before, till(line(10000, "5")), context())


def test_an_edit_that_comes_to_another_total_is_refused() -> None:
    before = till(line(10000))
    with pytest.raises(Refusal) as why:
        edited(order_of(before), before, replace(till(line(10000, "5")), totals=before.totals), context())
    assert why.value.violations[0].code == "total-mismatch"


@pytest.mark.parametrize(
    ("status", "operation"),
    [("cancelled", "cancel"), ("cancelled", "cancel_remaining"), ("closed", "cancel_remaining")],
)
def test_what_the_back_office_cancelled_is_cancelled_at_the_till_too(status: str, operation: str) -> None:
    """POS-75: so the till can give the deposit back."""
    order = replace(order_of(till(line(10000))), status=status)

    assert withdrawn(order, act(operation), context()) == order


def test_a_cancellation_that_purchasing_is_asked_for_is_not_asked_for_again() -> None:
    """Another kind of cancellation is."""
    asked = Cancellation(id=uuid4(), remaining=False, was="released", sales_line_ids=())
    order = replace(order_of(till(line(10000))), status="cancelling", cancellation=asked)

    settled = replace(order, cancellation=replace(asked, at_till=True))
    assert withdrawn(order, act("cancel"), context()) == settled
    with pytest.raises(Refusal, match="being cancelled"):
        withdrawn(order, act("cancel_remaining"), context())
