"""Who buys: POS-23, POS-99, B2."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from contracts.pos import NewCustomer
from contracts.refusals import Reason, Violations
from contracts.sales.masters import Customer
from contracts.values import Address
from pos_gateway.domain.orders.buyers import Buyer, check_buyer
from pos_gateway.domain.orders.context import OrderContext, TillCustomer
from tests.unit.pos_gateway.samples import (
    CUSTOMER_ID,
    PERSON,
    context,
    found_in,
    line,
    new_order,
    settings,
)

EARLIER = UUID(int=9)


def buyer(at: OrderContext, **names: Any) -> tuple[Buyer, Violations]:
    found = Violations()
    return check_buyer(found, new_order(line(), **{"customer_no": None} | names), at), found


def made_earlier(customer_no: str = "", city: str = "Ulm") -> dict[UUID, TillCustomer]:
    customer = NewCustomer(id=EARLIER, name="Ben", address=Address(city=city))
    return {EARLIER: TillCustomer(customer=customer, customer_no=customer_no)}


def test_a_known_customer_is_found_in_its_copy() -> None:
    found, _ = buyer(context(), customer_no="c1")

    assert found.customer == PERSON
    assert found.addressee is not None
    assert found.addressee.customer_no == "C1"


def test_b2_an_unknown_customer_may_still_come() -> None:
    _, found = buyer(context(), customer_no="C9")

    refusal = found.refusal()
    assert refusal is not None
    assert (refusal.code, refusal.waits_for) == ("unknown-customer", (("customer", "C9"),))


def test_b2_any_block_of_a_customer_stops_its_orders() -> None:
    for blocked in ({"blocked": "ship"}, {"blocked": "all"}, {"privacy_blocked": True}):
        customer = msgspec.structs.replace(PERSON, **blocked)
        _, found = buyer(context(found={Customer: {"C1": customer}}), customer_no="C1")

        refusal = found.refusal()
        assert refusal is not None
        assert (refusal.code, refusal.reason) == ("customer-blocked", Reason.CONFLICT)


def test_pos_23_two_ways_to_name_a_customer_are_one_too_many() -> None:
    _, found = buyer(context(), customer_no="C1", customer_id=str(EARLIER))

    assert found_in(found) == [("customer-required", "/customer_no")]


def test_pos_99_a_new_customer_gets_an_id_and_its_first_address() -> None:
    addresses = [{"code": "home", "city": "Bonn"}, {"code": "shed", "city": "Kiel"}]

    found, wrong = buyer(context(), new_customer={"name": "Ben", "addresses": addresses})

    assert found_in(wrong) == []
    assert found.new_customer is not None
    assert (found.new_customer.id, found.new_customer.address.city) == (CUSTOMER_ID, "Bonn")
    assert [(a.code, a.city) for a in found.new_customer.addresses] == [("HOME", "Bonn"), ("SHED", "Kiel")]
    assert found.addressee is not None
    assert found.addressee.by_code == {"HOME": Address(city="Bonn"), "SHED": Address(city="Kiel")}


def test_pos_99_a_new_customer_s_own_address_goes_before_the_first_one_to_ship_to() -> None:
    new = {"name": "Ben", "address": "Kai 1", "city": "Bonn", "addresses": [{"code": "shed", "city": "Kiel"}]}

    found, _ = buyer(context(), new_customer=new)

    assert found.new_customer is not None
    assert found.new_customer.address == Address(address="Kai 1", city="Bonn")


def test_pos_99_an_address_that_no_line_could_name_is_refused() -> None:
    addresses = [{"city": "Bonn"}, {"city": "Kiel"}, {"code": "A", "city": "Ulm"}, {"code": "a"}]

    _, found = buyer(context(), new_customer={"name": "Ben", "addresses": addresses})

    assert found_in(found) == [
        ("required", "/new_customer/addresses/1/code"),
        ("duplicate-address-code", "/new_customer/addresses/3/code"),
    ]


def test_pos_99_a_customer_made_earlier_at_a_till_is_named_by_its_id() -> None:
    found, _ = buyer(context(till_customers=made_earlier()), customer_id=str(EARLIER))

    assert found.new_customer is not None
    assert (found.new_customer.id, found.customer_no) == (EARLIER, "")


def test_pos_99_once_sales_has_numbered_it_the_number_counts() -> None:
    found, _ = buyer(context(till_customers=made_earlier("C7")), customer_id=str(EARLIER))

    assert (found.customer_no, found.new_customer) == ("C7", None)


def test_b2_a_customer_of_a_till_that_is_blocked_since_gets_no_order() -> None:
    customer = msgspec.structs.replace(PERSON, no="C7", blocked="all")
    at = context(found={Customer: {"C7": customer}}, till_customers=made_earlier("C7"))

    _, found = buyer(at, customer_id=str(EARLIER))

    assert found_in(found) == [("customer-blocked", "/customer_id")]


def test_pos_99_a_synchronous_order_needs_a_customer_that_sales_knows() -> None:
    waiting = context(settings("synchronous"), till_customers=made_earlier())

    _, found = buyer(waiting, customer_id=str(EARLIER))

    assert found_in(found) == [("customer-pending-sync", "/customer_id")]


def test_an_id_that_no_till_has_made_is_unknown() -> None:
    _, found = buyer(context(), customer_id=str(EARLIER))

    assert found_in(found) == [("unknown-customer", "/customer_id")]
