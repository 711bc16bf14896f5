"""How goods reach the customer: POS-24 to POS-31, B8, B9."""

from __future__ import annotations

from datetime import date

from contracts.refusals import Violations
from contracts.sales import ShipToAddress
from contracts.values import Address
from pos_gateway.domain.orders.buyers import Addressee
from pos_gateway.domain.orders.commands import NewAddress, NewFulfilment
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.deliveries import Delivery, check_delivery, inherited, location_of
from tests.unit.pos_gateway.samples import FOUND, OTHER, STORE, TODAY, context, found_in, new_order

OWN = Address(city="Ulm")
ANNA = Addressee(customer_no="C1", own=OWN)
STORES = {store.no: store for store in (STORE, OTHER)}
SHED = ShipToAddress(version=1, customer_no="C1", code="SHED", city="Bath")


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
    written = NewFulfilment(mode="ship", address_code="SHED", address=NewAddress(city="Kiel"))

    made, _ = delivery(written)

    assert made is not None
    assert made.address == Address(city="Kiel")


def test_pos_25_an_empty_address_is_none() -> None:
    made, _ = delivery(NewFulfilment(mode="ship", address=NewAddress(city="")))

    assert made is not None
    assert made.address == OWN


def test_b8_a_named_address_is_the_customer_s() -> None:
    known = context(found={**FOUND, ShipToAddress: {"C1/SHED": SHED}})

    made, _ = delivery(NewFulfilment(mode="ship", address_code="SHED"), at=known)

    assert made is not None
    assert made.address is not None
    assert made.address.city == "Bath"


def test_b8_an_address_that_is_not_known_may_still_come() -> None:
    _, found = delivery(NewFulfilment(mode="ship", address_code="SHED"))

    refusal = found.refusal()
    assert refusal is not None
    assert refusal.waits_for == (("ship-to-address", "C1/SHED"),)


def test_b8_no_copy_is_waited_for_where_the_customer_is_new() -> None:
    new = Addressee(own=None, by_code={})

    _, found = delivery(NewFulfilment(mode="ship", address_code="SHED"), new)

    refusal = found.refusal()
    assert refusal is not None
    assert (refusal.code, refusal.waits_for) == ("address-not-of-customer", ())


def test_b8_goods_are_not_shipped_to_nowhere() -> None:
    _, found = delivery(NewFulfilment(mode="ship"), Addressee(customer_no="C1"))

    assert found_in(found) == [("address-required", "/f/address_code")]


def test_of_an_unknown_customer_s_address_nothing_is_said() -> None:
    _, found = delivery(NewFulfilment(mode="ship"), None)

    assert found_in(found) == []


def test_pos_20_a_store_ships_from_its_group_only() -> None:
    _, found = delivery(NewFulfilment(mode="ship", location_code="FAR"))

    assert found_in(found) == [("location-not-allowed", "/f/location_code")]


def test_b9_goods_are_not_picked_up_at_a_store_outside_the_group() -> None:
    _, found = delivery(NewFulfilment(mode="pickup", store_no="S3"))

    assert found_in(found) == [("pickup-location-not-allowed", "/f/store_no")]


def test_pos_26_a_delivery_date_before_the_business_date_is_refused() -> None:
    late = NewFulfilment(mode="ship", date=TODAY, delivery_date=date(2026, 3, 1))

    _, found = delivery(late)

    assert found_in(found) == [("date-in-the-past", "/f/date")]


def test_a_line_says_how_it_reaches_the_customer() -> None:
    made, found = delivery(NewFulfilment())

    assert made is None
    assert found_in(found) == [("required", "/f/mode")]


def test_what_is_carried_out_comes_from_the_store_s_own_goods() -> None:
    made, _ = delivery(NewFulfilment(mode="carry_out"))

    assert made is not None
    assert (made.location_code, made.requested_date) == ("SHOP1", TODAY)
