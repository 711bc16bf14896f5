"""Edits: which lines change and how, what stays as agreed, and the deposit (POS-57, POS-61, POS-65, POS-66)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.refusals import Refusal
from pos_gateway.domain.acts.act import Acted
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.acts.edit_commands import EditOrder
from pos_gateway.domain.acts.editing import decide_edit
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.setup.records import FunctionalityProfile, Worker
from tests.unit.pos_gateway.samples import (
    FOUND,
    FULFILMENT,
    PENDING,
    WORKER,
    act_context,
    line,
    new_act,
    reasons,
    rehearse,
    settings,
)

MAY = (*WORKER.permissions, "edit_order", "recalculate")
TEN = replace(settings(default_deposit_pct=Decimal(10)), worker=Worker(id="W1", permissions=MAY))


def sold(*lines: dict[str, Any], at: TillSettings = TEN, **changes: Any) -> CustomerOrder:
    """An order whose deposit is paid."""
    order = rehearse(*lines, at=at, **changes)
    return replace(order, settlement=replace(order.settlement, paid=order.settlement.due))


def edit(order: CustomerOrder, context: ActContext | None = None, **changes: Any) -> Acted:
    return decide_edit(
        order, PENDING, new_act(EditOrder, **changes), context or act_context(TEN, dry_run=True)
    )


def refused(order: CustomerOrder, context: ActContext | None = None, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        edit(order, context, **changes)
    return reasons(refusal.value)


def changed(**changes: Any) -> dict[str, Any]:
    return {"lines": [{"line_no": 10000} | changes]}


def test_pos_66_the_difference_of_the_deposit_is_due_or_given_back() -> None:
    order = sold(line(quantity="2"))
    more, less = edit(order, **changed(quantity="5")), edit(order, **changed(quantity="1"))

    assert (more.act.settlement.total, more.act.settlement.due) == (500, 30)
    assert (less.act.settlement.total, less.act.settlement.due) == (100, -10)
    assert (less.order.totals.total, less.order.deposit_required) == (100, 10)
    assert (more.order.money.deposit_paid, less.order.money.deposit_paid) == (50, 10)


def test_lines_are_added_under_new_numbers_and_removed() -> None:
    order = sold(line(), line())
    first = edit(order, remove_line_nos=[20000], lines=[line(price="7.00", item_no="1100")]).order
    second = edit(first, remove_line_nos=[30000], lines=[line()]).order

    assert [(x.line_no, x.item_no, x.unit_price) for x in first.lines] == [
        (10000, "1000", 100),
        (30000, "1100", 7),
    ]
    assert [x.line_no for x in second.lines] == [10000, 40000]


def test_pos_65_existing_prices_are_agreed() -> None:
    order = sold(line(discount="5.00"))

    assert refused(order, **changed(unit_price="90.00", discount="6.00")) == [
        ("price-locked", "/lines/0/unit_price"),
        ("price-locked", "/lines/0/discount"),
    ]
    assert edit(order, **changed(quantity="2", unit_price="100.00")).order.lines[0].net == 195


def test_pos_65_recalculating_unlocks_all_lines() -> None:
    item = Item(version=1, no="1000", base_unit_of_measure="KG", unit_price=Decimal(80))
    found: dict[type[Any], Mapping[str, Any]] = {**FOUND, Item: {**FOUND[Item], "1000": item}}
    context = act_context(TEN, found=found, dry_run=True)
    order = sold(line(discount="5.00"), line(), line(item_no="1100"))
    after = edit(order, context, recalculate=True, **changed(unit_price="60.00")).order

    assert [(x.unit_price, x.discount) for x in after.lines] == [(60, 0), (80, 0), (100, 0)]


def test_pos_116_recalculating_and_ways_of_delivery_need_permissions() -> None:
    worker = Worker(id="W1", permissions=("edit_order", "pickup_lines"))
    context = act_context(replace(TEN, worker=worker), dry_run=True)

    assert refused(sold(line()), context, recalculate=True, **changed(fulfilment=FULFILMENT["ship"])) == [
        ("permission-missing", "/recalculate"),
        ("permission-missing", "/lines/0/fulfilment/mode"),
    ]


def test_b17_no_less_than_what_was_handed_over() -> None:
    order = sold(line(quantity="5"), line())
    partly = replace(order, lines=(replace(order.lines[0], quantity_picked_up=Decimal(2)), *order.lines[1:]))

    assert refused(partly, **changed(quantity="1")) == [("quantity-below-fulfilled", "/lines/0/quantity")]
    assert refused(partly, remove_line_nos=[10000]) == [("quantity-below-fulfilled", "/remove_line_nos/0")]
    assert refused(partly, **changed(fulfilment={"store_no": "S2"})) == [
        ("line-not-changeable", "/lines/0/fulfilment")
    ]
    assert edit(partly, **changed(quantity="2")).order.lines[0].quantity_picked_up == 2


def test_pos_72_another_card_is_named_for_the_balance_of_a_complete_order() -> None:
    """And nothing else is changed with it; without a balance there is nothing that a card could pay (B17)."""
    order = sold(line("ship"), balance_cards=[{"card_token": "tok_1"}])
    complete, cards = replace(PENDING, status="fulfilled"), [{"card_token": "tok_2"}]

    def named(of: CustomerOrder, **more: Any) -> CustomerOrder:
        new = new_act(EditOrder, balance_cards=cards, **more)
        return decide_edit(of, complete, new, act_context(TEN)).order

    after = named(order)
    assert [card.card_token for card in after.balance_cards] == ["tok_2"]
    assert (after.totals, after.balance) == (order.totals, order.balance)
    paid = replace(order, settlement=replace(order.settlement, paid=order.totals.total))
    for of, more in ((order, {"recalculate": True}), (order, changed(quantity="2")), (paid, {})):
        with pytest.raises(Refusal) as refusal:
            named(of, **more)
        assert reasons(refusal.value) == [("already-fulfilled", "")]


def test_pos_17_a_store_may_not_edit_what_is_handed_over_in_part() -> None:
    order = sold(line(quantity="5"))
    partly = replace(order, lines=(replace(order.lines[0], quantity_picked_up=Decimal(2)),))
    profile = FunctionalityProfile(edit_partially_fulfilled_orders=False)
    context = act_context(replace(TEN, profile=profile), dry_run=True)

    assert refused(partly, context, **changed(quantity="6"))[0][0] == "already-fulfilled-in-part"
    assert edit(order, context, **changed(quantity="6")).order.totals.total == 600


def test_goods_move_to_another_store_and_keep_what_is_not_said() -> None:
    order = sold(line(fulfilment={"mode": "pickup", "store_no": "S1", "date": "2026-03-12"}), line("ship"))
    after = edit(order, **changed(fulfilment={"store_no": "S2"})).order

    assert [(x.pickup_store_no, x.location_code) for x in after.lines] == [("S2", "SHOP2"), ("", "SHOP1")]
    assert str(after.lines[0].requested_date) == "2026-03-12"
    assert after.pickup_stores == ("S2",)


def test_pos_31_a_delivery_for_all_replaces_that_of_each_line() -> None:
    order = sold(line(), line("carry_out"), line())
    after = edit(order, fulfilment={"mode": "pickup", "store_no": "S2"}).order

    assert [x.pickup_store_no for x in after.lines] == ["S2", "", "S2"]


def test_nothing_is_carried_out_by_an_edit_and_what_was_is_not_changed() -> None:
    order = sold(line("carry_out"), line())

    assert refused(order, lines=[line("carry_out")]) == [
        ("carry-out-not-allowed", "/lines/0/fulfilment/mode")
    ]
    assert refused(order, **changed(quantity="3")) == [("line-not-changeable", "/lines/0")]


def test_an_order_keeps_a_line_and_a_new_one_is_complete() -> None:
    assert refused(sold(line()), remove_line_nos=[10000]) == [("lines-required", "/remove_line_nos")]
    assert refused(sold(line()), lines=[{"item_no": "1100", "quantity": "1"}]) == [
        ("required", "/lines/0/unit_price")
    ]
    assert refused(sold(line()), lines=[{"line_no": 10000}, {"line_no": 10000}, {"line_no": 5}]) == [
        ("duplicate-line", "/lines/1/line_no"),
        ("unknown-line", "/lines/2/line_no"),
    ]
    assert refused(sold(line()), **changed(item_no="1100")) == [("line-not-changeable", "/lines/0/item_no")]


def test_shipping_is_charged_under_the_order_s_own_terms() -> None:
    """POS-04, POS-29, POS-54."""
    order = sold(line("ship"))
    after = edit(order, shipping_charge="10.00").order

    assert (after.shipping_charge_code, after.shipping_charge_tax_pct) == ("SHIP", 19)
    assert after.totals.total == Decimal("111.90")
    assert edit(after, shipping_charge="0").order.totals.total == 100
    assert refused(sold(line()), shipping_charge="10.00") == [
        ("shipping-charge-not-allowed", "/shipping_charge")
    ]


def test_a_deposit_that_a_worker_set_holds_until_another_is_set() -> None:
    order = sold(line(quantity="2"), deposit_override="50.00")

    assert edit(order, **changed(quantity="3")).order.deposit_required == 50
    after = edit(order, deposit_override="80.00")
    assert (after.order.deposit_required, after.act.settlement.due) == (80, 30)
    assert [x.operation for x in after.act.overrides] == ["deposit_override"]
    assert refused(order, deposit_override="201.00") == [
        ("deposit-override-out-of-range", "/deposit_override")
    ]


def test_another_collector_gets_another_code() -> None:
    order = sold(line(), collector={"name": "Ben"})
    renewed = replace(order, collector=replace(order.collector, pickup_code="9"))  # type: ignore[type-var]
    ben = edit(renewed, collector={"name": "Ben", "phone": "1"}).order.collector
    eve = edit(renewed, collector={"name": "Eve"}).order.collector

    assert ben is not None
    assert eve is not None
    assert (ben.pickup_code, ben.phone, eve.name, eve.pickup_code) == ("9", "1", "Eve", "123456")


def test_pos_57_a_quote_is_edited_without_money() -> None:
    quote = rehearse(line(), at=TEN, kind="quote")

    after = edit(quote, **changed(quantity="3"))
    assert (after.order.totals.total, after.act.settlement.due) == (300, 0)
    assert refused(quote, deposit_override="5.00", payments=[{"method": "cash", "amount": "5.00"}]) == [
        ("deposit-override-not-allowed", "/deposit_override"),
        ("payment-not-allowed", "/payments"),
    ]


def test_pos_32_a_balance_to_ship_needs_a_card_after_an_edit_too() -> None:
    order = sold(line(), balance_cards=[])
    paying = act_context(TEN)

    assert refused(order, paying, **changed(fulfilment=FULFILMENT["ship"])) == [
        ("card-required", "/balance_cards")
    ]
    after = edit(order, paying, balance_cards=[{"card_token": "t"}], **changed(fulfilment=FULFILMENT["ship"]))
    assert after.order.card_hold == 90
