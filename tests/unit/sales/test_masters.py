"""Rules of sales' master data, and what decisions ask of reference data."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from contracts.sales.masters import Customer, PurchasingCode, ShipToAddress
from domainkit.procurement import buys_by_itself, vendor_of
from sales.domain.masters import (
    check_company,
    check_customer_record,
    check_purchasing_code,
    check_ship_to_address,
)
from sales.domain.references import (
    outbound_days,
    sales_setup,
    ship_to_of,
)
from tests.unit.sales.samples import COMPANY, REFERENCES

ADDRESS = ShipToAddress(version=1, customer_no="C1", code="A")


def test_a_purchasing_code_is_one_thing_or_the_other() -> None:
    """BC-MD-02."""
    both = PurchasingCode(version=0, code="X", drop_shipment=True, special_order=True)
    with pytest.raises(Refusal) as refused:
        check_purchasing_code(both)
    assert refused.value.code == "purchasing-code-exclusive"
    check_purchasing_code(replace(both, drop_shipment=False))


def test_a_company_s_time_zone_exists() -> None:
    check_company(COMPANY)
    with pytest.raises(Refusal) as refused:
        check_company(replace(COMPANY, time_zone="Moon/Base"))
    assert refused.value.code == "unknown-time-zone"


def test_a_customer_s_location_exists() -> None:
    customer = Customer(version=0, no="C9", name="x", location_code="MOON")
    with pytest.raises(Refusal) as refused:
        check_customer_record(customer, REFERENCES)
    assert refused.value.waits_for == (("location", "MOON"),)
    check_customer_record(replace(customer, location_code=""), REFERENCES)


def test_an_address_belongs_to_a_customer_that_exists() -> None:
    check_ship_to_address(ADDRESS, REFERENCES)
    with pytest.raises(Refusal) as refused:
        check_ship_to_address(replace(ADDRESS, customer_no="C99"), REFERENCES)
    assert refused.value.code == "unknown-customer"


def test_the_company_s_currency_stays_once_there_are_documents() -> None:
    dollars = replace(COMPANY, currency_code="USD")
    check_company(dollars, COMPANY)
    check_company(COMPANY, COMPANY, has_documents=True)
    with pytest.raises(Refusal) as refused:
        check_company(dollars, COMPANY, has_documents=True)
    assert (refused.value.code, refused.value.violations[0].pointer) == ("currency-in-use", "/currency_code")


def test_the_stockkeeping_unit_s_vendor_goes_before_the_item_s() -> None:
    """BC-MD-12."""
    assert vendor_of(REFERENCES, "ORPHAN", "SHOP") == "V9"
    assert vendor_of(REFERENCES, "SPECIAL", "SHOP") == "V1"
    assert vendor_of(REFERENCES, "STOCK", "SHOP") == ""


def test_handling_days_are_the_location_s() -> None:
    """BC-SD-08."""
    assert [outbound_days(REFERENCES, code) for code in ("NORTH", "SHOP", "")] == [2, 0, 0]


def test_what_was_not_entered_has_its_default() -> None:
    assert sales_setup(REFERENCES).default_qty_to_ship == "remainder"
    assert buys_by_itself(REFERENCES)
    assert not buys_by_itself(REFERENCES, "manual")


def test_an_address_is_found_by_customer_and_code() -> None:
    found = ship_to_of(REFERENCES, "C1", "SHED")
    assert found is not None
    assert found.city == "Ulm"
    assert ship_to_of(REFERENCES, "C1", "") is None
