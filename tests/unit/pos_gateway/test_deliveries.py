"""How goods reach the customer: POS-24 to POS-31, B8, B9."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from contracts.refusals import Violations
from contracts.sales.masters import ShipToAddress
from contracts.values import Address
from pos_gateway.domain.orders.buyers import Addressee
from pos_gateway.domain.orders.commands import NewAddress, NewFulfilment
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.deliveries import Delivery, check_delivery, inherited, location_of
from tests.unit.pos_gateway.samples import (
    FOUND,
    OTHER,
    STORE,
    TODAY,
    context,
    found_in,
    new_order,
    settings,
)

ANNA = Addressee(customer_no="C1")
ULM = NewAddress(city="Ulm")
PARCEL = NewFulfilment(mode="ship", address=ULM, date=TODAY, delivery_mode="PARCEL")
STORES = {store.no: store for store in (STORE, OTHER)}
SHED = ShipToAddress(version=1, customer_no="C1", code="SHED", city="Bath")


def shipped(**changes: Any) -> NewFulfilment:
    """A delivery that nothing is wrong with, apart from the changes."""
    return msgspec.structs.replace(PARCEL, **changes)


def delivery(
    fulfilment: NewFulfilment, addressee: Addressee | None = ANNA, at: OrderContext | None = None
) -> tuple[Delivery | None, Violations]:
    found = Violations()
    made = check_delivery(found, new_order(), fulfilment, addressee, at or context(), "/f")
    return made, found


def test_pos_31_a_line_without_a_word_takes_the_header_s() -> None:
    header = NewFulfilment(mode="ship", delivery_mode="POST")

    assert inherited(header, None) == header


def test_pos_25_a_line_that_goes_the_same_way_adds_to_the_header() -> None:
    header = NewFulfilment(mode="ship", delivery_mode="POST", date=TODAY)
    line = NewFulfilment(delivery_mode="EXPRESS")

    assert inherited(header, line) == NewFulfilment(mode="ship", delivery_mode="EXPRESS", date=TODAY)


def test_pos_31_a_line_that_goes_another_way_takes_only_the_date() -> None:
    header = NewFulfilment(mode="ship", delivery_mode="POST", date=TODAY)

    assert inherited(header, NewFulfilment(mode="carry_out")) == NewFulfilment(mode="carry_out", date=TODAY)


def test_goods_to_pick_up_lie_at_the_store_that_hands_them_over() -> None:
    assert location_of(NewFulfilment(mode="pickup", store_no="S2"), STORE, STORES) == "SHOP2"


def test_goods_to_ship_lie_where_the_till_says_or_at_the_store() -> None:
    assert location_of(NewFulfilment(mode="ship", location_code="NORTH"), STORE, STORES) == "NORTH"
    assert location_of(NewFulfilment(mode="ship"), STORE, STORES) == "SHOP1"


def test_pos_25_an_address_written_out_goes_before_the_named_one() -> None:
    known = context(found={**FOUND, ShipToAddress: {"C1/SHED": SHED}})

    made, _ = delivery(shipped(address_code="SHED", address=NewAddress(city="Kiel")), at=known)

    assert made is not None
    assert (made.address_code, made.address) == ("SHED", Address(city="Kiel"))


def test_b8_a_code_beside_an_address_is_the_customer_s_too() -> None:
    _, found = delivery(shipped(address_code="OTHER"))

    assert found_in(found) == [("address-not-of-customer", "/f/address_code")]


def test_pos_25_an_address_without_a_place_is_none() -> None:
    _, found = delivery(shipped(address=NewAddress(name="Anna", city="")))

    assert found_in(found) == [("address-required", "/f/address_code")]


def test_pos_25_a_line_to_ship_needs_address_date_and_mode_and_all_is_said_at_once() -> None:
    _, found = delivery(NewFulfilment(mode="ship"))

    assert found_in(found) == [
        ("required", "/f/date"),
        ("address-required", "/f/address_code"),
        ("required", "/f/delivery_mode"),
    ]


def test_pos_25_the_day_of_arrival_is_a_date_too() -> None:
    made, _ = delivery(shipped(date=None, delivery_date=TODAY))

    assert made is not None
    assert made.requested_date == TODAY


def test_pos_10_nothing_is_shipped_by_a_pick_up_mode_nor_picked_up_by_another_one() -> None:
    at = context(settings(pickup_delivery_modes=("CURB",)))

    _, by_curb = delivery(shipped(delivery_mode="CURB"), at=at)
    _, by_post = delivery(NewFulfilment(mode="pickup", store_no="S1", delivery_mode="POST"), at=at)
    made, _ = delivery(NewFulfilment(mode="pickup", store_no="S1", delivery_mode="CURB"), at=at)
    usual, _ = delivery(NewFulfilment(mode="pickup", store_no="S1"), at=at)

    assert found_in(by_curb) == found_in(by_post) == [("delivery-mode-not-allowed", "/f/delivery_mode")]
    assert made is not None
    assert usual is not None


def test_b8_a_named_address_is_the_customer_s() -> None:
    known = context(found={**FOUND, ShipToAddress: {"C1/SHED": SHED}})

    made, _ = delivery(shipped(address=None, address_code="SHED"), at=known)

    assert made is not None
    assert made.address is not None
    assert made.address.city == "Bath"


def test_b8_an_address_that_is_not_known_may_still_come() -> None:
    _, found = delivery(shipped(address=None, address_code="SHED"))

    refusal = found.refusal()
    assert refusal is not None
    assert refusal.waits_for == (("ship-to-address", "C1/SHED"),)


def test_b8_no_copy_is_waited_for_where_the_customer_is_new() -> None:
    _, found = delivery(shipped(address=None, address_code="SHED"), Addressee())

    refusal = found.refusal()
    assert refusal is not None
    assert (refusal.code, refusal.waits_for) == ("address-not-of-customer", ())


def test_of_an_unknown_customer_s_address_nothing_is_said() -> None:
    _, found = delivery(shipped(address=None, address_code="SHED"), None)

    assert found_in(found) == []


def test_pos_20_a_store_ships_from_its_group_only() -> None:
    _, found = delivery(shipped(location_code="FAR"))

    assert found_in(found) == [("location-not-allowed", "/f/location_code")]


def test_b9_goods_are_not_picked_up_at_a_store_outside_the_group() -> None:
    _, found = delivery(NewFulfilment(mode="pickup", store_no="S3"))

    assert found_in(found) == [("pickup-location-not-allowed", "/f/store_no")]


def test_pos_26_a_delivery_date_before_the_business_date_is_refused() -> None:
    _, found = delivery(shipped(delivery_date=date(2026, 3, 1)))

    assert found_in(found) == [("date-in-the-past", "/f/delivery_date")]


def test_a_line_says_how_it_reaches_the_customer() -> None:
    made, found = delivery(NewFulfilment())

    assert made is None
    assert found_in(found) == [("required", "/f/mode")]


def test_what_is_carried_out_comes_from_the_store_s_own_goods() -> None:
    made, _ = delivery(NewFulfilment(mode="carry_out"))

    assert made is not None
    assert (made.location_code, made.requested_date) == ("SHOP1", TODAY)
