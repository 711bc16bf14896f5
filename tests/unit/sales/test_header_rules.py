"""What the header of an order asks of its customer, address, location and currency."""

from __future__ import annotations

import pytest

from contracts.refusals import Violations
from contracts.sales.masters import Customer
from contracts.values import Address
from sales.domain.orders.header_rules import customer_of, location_of, ship_to_address
from sales.domain.orders.order import Order
from tests.unit.sales.samples import REFERENCES, references

CUSTOMER = Customer(version=1, no="C1", name="Anna", city="Konstanz", location_code="NORTH")


def codes(found: Violations) -> list[tuple[str, str]]:
    """The code and the place of each violation."""
    refusal = found.refusal()
    return [(each.code, each.pointer) for each in refusal.violations] if refusal else []


@pytest.mark.parametrize(("no", "code"), [("", "customer-required"), ("C9", "unknown-customer")])
def test_an_order_has_a_customer_that_exists(no: str, code: str) -> None:
    found = Violations()
    customer_of(found, Order, no, REFERENCES)
    assert codes(found) == [(code, "/customer_no")]


@pytest.mark.parametrize("blocked", ["ship", "invoice", "all"])
def test_a_customer_that_is_blocked_may_not_order(blocked: str) -> None:
    """BC-MD-17."""
    found = Violations()
    customer_of(found, Order, "C4", references(C4=Customer(version=1, no="C4", name="Di", blocked=blocked)))
    assert codes(found) == [("customer-blocked", "/customer_no")]


def test_a_customer_that_is_not_blocked_may_order() -> None:
    """BC-MD-17."""
    found = Violations()
    assert customer_of(found, Order, "C1", REFERENCES).name == "Anna"
    assert codes(found) == []


def test_further_rules_go_on_with_an_empty_customer_where_there_is_none() -> None:
    assert customer_of(Violations(), Order, "C9", REFERENCES) == Customer(version=0, no="C9", name="")


def test_the_address_is_copied_from_the_customer_or_its_alternate_address() -> None:
    """BC-MD-19."""
    found = Violations()
    assert ship_to_address(found, CUSTOMER, "", None, REFERENCES).city == "Konstanz"
    assert ship_to_address(found, CUSTOMER, "SHED", None, REFERENCES).city == "Ulm"
    assert codes(found) == []


def test_an_address_that_is_given_stands_above_the_copy() -> None:
    """BC-MD-19."""
    given = Address(city="Bregenz")
    assert ship_to_address(Violations(), CUSTOMER, "SHED", given, REFERENCES) == given


def test_an_alternate_address_exists() -> None:
    found = Violations()
    ship_to_address(found, CUSTOMER, "NOWHERE", None, REFERENCES)
    assert codes(found) == [("unknown-ship-to-address", "/ship_to_code")]


@pytest.mark.parametrize(
    ("given", "ship_to_code", "location"),
    [("SHOP", "", "SHOP"), ("", "SHED", ""), (None, "SHED", "SHOP"), (None, "", "NORTH")],
)
def test_the_location_is_the_given_one_else_that_of_the_address_else_the_customer_s(
    given: str | None, ship_to_code: str, location: str
) -> None:
    found = Violations()
    assert location_of(found, given, CUSTOMER, ship_to_code, REFERENCES) == location
    assert codes(found) == []


def test_a_location_exists_or_may_still_come() -> None:
    found = Violations()
    location_of(found, "MOON", CUSTOMER, "", REFERENCES)
    assert codes(found) == [("unknown-location", "/location_code")]
    refusal = found.refusal()
    assert refusal is not None
    assert refusal.waits_for == (("location", "MOON"),)
