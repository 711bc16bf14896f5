"""A customer order as it is kept."""

from __future__ import annotations

from contracts.values import Address
from pos_gateway.domain.orders.commands import NewAddress, address_of
from pos_gateway.domain.orders.order import as_channel_order
from pos_gateway.domain.orders.quantities import quantities_of
from tests.unit.pos_gateway.samples import PENDING, line, rehearse, settings


def test_pos_30_an_order_knows_whether_goods_left_with_the_customer() -> None:
    assert rehearse(line("carry_out"), line()).carried_out
    assert not rehearse(line()).carried_out


def test_pos_26_without_dates_the_business_day_is_wanted() -> None:
    assert str(rehearse(line()).wanted_date) == "2026-03-02"


def test_each_pick_up_store_is_named_once() -> None:
    there = line(fulfilment={"mode": "pickup", "store_no": "S2"})

    assert rehearse(line(), there, line(), line("ship")).pickup_stores == ("S1", "S2")


def test_pos_124_what_was_carried_out_is_not_open() -> None:
    order = rehearse(line("carry_out", quantity="2"), line(quantity="3"))

    assert [quantities_of(sold, PENDING).open for sold in order.lines] == [0, 3]


def test_sales_does_not_see_what_is_the_gateway_s_alone() -> None:
    sent = as_channel_order(rehearse(line(), balance_cards=[{"card_token": "t"}]))

    assert not hasattr(sent, "balance_cards")
    assert not hasattr(sent.lines[0], "net")


def test_pos_12_sales_learns_the_hold_code_of_the_parameters() -> None:
    held = as_channel_order(rehearse(line(), at=settings(hold_code="CHECK")))

    assert (held.hold_code, as_channel_order(rehearse(line())).hold_code) == ("CHECK", "")


def test_parts_that_a_till_leaves_out_of_an_address_are_empty() -> None:
    assert address_of(NewAddress(city="Kiel")) == Address(city="Kiel")
