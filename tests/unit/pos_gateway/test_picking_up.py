"""Pick-ups: what is handed over, to whom, and what of the deposit pays it (POS-44 to POS-47, POS-68 to POS-74)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.channel import LineProgress
from contracts.refusals import Refusal
from domainkit.money import ZERO
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.commands import PickUp
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.pickup import decide_pickup
from pos_gateway.domain.approvals.approval import COLLECTOR_OVERRIDE
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import SalesProgress
from pos_gateway.domain.setup.records import Store
from tests.unit.pos_gateway.samples import (
    OTHER,
    PENDING,
    STORE,
    act_context,
    approving,
    line,
    new_act,
    reasons,
    rehearse,
    settings,
)

TEN = settings(default_deposit_pct=Decimal(10))


def sold(*lines: dict[str, Any], paid: str = "0", **changes: Any) -> CustomerOrder:
    """An order whose deposit is paid."""
    order = rehearse(*lines, at=TEN, **changes)
    settlement = replace(order.settlement, paid=Decimal(paid))
    return replace(order, settlement=settlement)


def pick(order: CustomerOrder, *quantities: str, context: ActContext | None = None, **changes: Any) -> Acted:
    """Quantities of the lines in order."""
    asked = [
        {"line_no": x.line_no, "quantity": q} for x, q in zip(order.lines, quantities, strict=False) if q
    ]
    new = new_act(PickUp, **({"lines": asked} | changes))
    return decide_pickup(order, PENDING, new, context or act_context(TEN, dry_run=True))


def refused(order: CustomerOrder, *quantities: str, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        pick(order, *quantities, **changes)
    return reasons(refusal.value)


def at(store: Store) -> ActContext:
    return act_context(replace(TEN, store=store), dry_run=True)


def test_pos_44_45_46_parts_use_their_share_and_the_last_one_the_rest() -> None:
    order = sold(line(price="33.35", quantity="3"), paid="10.01")
    first = pick(order, "1")
    last = pick(first.order, "2")

    assert (first.act.settlement.deposit_applied, first.act.settlement.due) == (
        Decimal("3.34"),
        Decimal("30.01"),
    )
    assert (last.act.settlement.deposit_applied, last.act.settlement.due) == (
        Decimal("6.67"),
        Decimal("60.03"),
    )
    assert last.order.money.deposit_available == ZERO


def test_pos_69_70_what_is_left_out_stays_open() -> None:
    order = sold(line(quantity="3"), line())
    after = pick(order, "2").order

    assert [x.quantity_picked_up for x in after.lines] == [2, 0]
    assert refused(after, "2") == [("quantity-exceeds-outstanding", "/lines/0/quantity")]


def test_pos_70_a_line_of_quantity_0_stays_open() -> None:
    """POS-69: a till may send all lines, with 0 for those that stay; at least one is above 0 (POS-68)."""
    order = sold(line(quantity="3"), line(), line("ship"))
    acted = pick(order, "2", "0", "0")

    assert [x.quantity_picked_up for x in acted.order.lines] == [2, 0, 0]
    assert [(x.line_no, x.quantity) for x in acted.act.lines] == [(10000, 2)]
    assert refused(order, "0", "0") == [("lines-required", "/lines")]


def test_b18_only_lines_to_pick_up_are_picked_up_and_at_least_one() -> None:
    order = sold(line("ship"), line())

    assert refused(order, "1") == [("not-for-pickup", "/lines/0/line_no")]
    assert refused(order) == [("lines-required", "/lines")]


def test_b18_a_line_is_named_once_and_exists() -> None:
    asked = [{"line_no": no, "quantity": "1"} for no in (10000, 10000, 70000)]

    assert refused(sold(line(quantity="2")), lines=asked) == [
        ("duplicate-line", "/lines/1/line_no"),
        ("unknown-line", "/lines/2/line_no"),
    ]


def test_pos_68_goods_are_handed_over_where_they_wait() -> None:
    order = sold(line(fulfilment={"mode": "pickup", "store_no": "S2"}))

    assert refused(order, "1", context=at(STORE)) == [("wrong-pickup-store", "/lines/0/line_no")]
    assert pick(order, "1", context=at(OTHER)).act.lines[0].quantity == 1


def test_pos_73_what_was_paid_elsewhere_counts() -> None:
    order = sold(line(fulfilment={"mode": "pickup", "store_no": "S2"}), paid="10.00")

    assert pick(order, "1", context=at(OTHER)).act.settlement.due == 90


@pytest.mark.parametrize(("received", "wanted"), [("0", "1"), ("2", "3")])
def test_a_special_order_is_picked_up_as_far_as_it_has_come_in(received: str, wanted: str) -> None:
    order = sold(line(quantity="3", purchasing_code="SPECIAL"))
    known = LineProgress(
        line_no=10000,
        quantity_received=Decimal(received),
        quantity_shipped=ZERO,
        quantity_invoiced=ZERO,
        quantity_returned=ZERO,
        quantity_cancelled=ZERO,
    )
    stage = replace(PENDING, progress=SalesProgress(lines=(known,)))
    new = new_act(PickUp, lines=[{"line_no": 10000, "quantity": wanted}])

    with pytest.raises(Refusal) as refusal:
        decide_pickup(order, stage, new, act_context(TEN, dry_run=True))
    assert reasons(refusal.value) == [("quantity-exceeds-received", "/lines/0/quantity")]
    assert refusal.value.violations[0].members["remaining"] == Decimal(received)


def test_p12_the_collector_proves_it_by_the_code() -> None:
    order = sold(line(), collector={"name": "Ben"})
    by = {"name": "Ben", "pickup_code": "123456"}

    assert pick(order, "1", collected_by=by).act.overrides == ()
    assert refused(order, "1", collected_by=by | {"pickup_code": "1"}) == [
        ("collector-not-authorised", "/collected_by/pickup_code")
    ]
    assert pick(order, "1").act.overrides == ()


def test_p12_of_an_order_without_a_collector_a_manager_approves_one() -> None:
    order, by = sold(line()), {"name": "Ben", "pickup_code": ""}
    approvals = approving(COLLECTOR_OVERRIDE, "0", order)
    open_ = {id_: replace(each, amount=None) for id_, each in approvals.open.items()}
    context = act_context(TEN, approvals=replace(approvals, open=open_), dry_run=True)

    assert refused(order, "1", collected_by=by)[0][0] == "collector-not-authorised"
    (override,) = pick(order, "1", context=context, collected_by=by).act.overrides
    assert (override.operation, override.approved_by) == (COLLECTOR_OVERRIDE, "W9")


def test_b5_the_till_s_totals_are_those_of_the_pick_up() -> None:
    assert refused(sold(line(quantity="2")), "1", totals={"total": "200.00"}) == [
        ("total-mismatch", "/totals/total")
    ]


def test_pos_46_what_is_due_must_be_paid() -> None:
    paid = [{"method": "cash", "amount": "99.99"}]

    assert refused(sold(line()), "1", context=act_context(TEN), payments=paid) == [
        ("deposit-not-paid", "/payments")
    ]
