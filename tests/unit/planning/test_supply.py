"""Where an item comes from, how long that takes, and where goods go."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from contracts.purchasing.masters import ItemVendor, Vendor
from domainkit.references import ReferenceQuery
from planning.domain.masters.setup import Setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.masters.supply import (
    grouping_policy,
    inbound_handling_days,
    lead_time_days,
    location_address,
    need_item,
    need_vendor,
    safety_lead_time_days,
    vendor_of,
)
from tests.unit.planning.samples import ROPE, offer, references, vendor


def test_lead_time_is_the_units_else_the_catalogues_else_the_items_else_the_vendors() -> None:
    """BC-PL-27."""
    known: dict[str, Any] = {
        "units": [StockkeepingUnitCard(location_code="NORTH", item_no="1100", lead_time_days=1)],
        "offers": [offer(lead_time_days=2)],
        "items": [replace(ROPE, lead_time_days=3)],
    }
    found = []
    for name in ("units", "offers", "items", ""):
        found.append(lead_time_days(references(**known), "V10", "1100", "NORTH"))
        known.pop(name, None)
    assert found == [1, 2, 3, 7]


def test_vendor_is_the_units_else_the_items_else_none() -> None:
    """BC-MD-12."""
    unit = StockkeepingUnitCard(location_code="NORTH", item_no="1100", vendor_no="V20")
    found = references(units=[unit])
    assert [
        vendor_of(found, item, where) for item, where in (("1100", "NORTH"), ("1100", ""), ("9", ""))
    ] == [
        "V20",
        "V10",
        "",
    ]


def test_safety_time_is_the_units_before_the_items() -> None:
    unit = StockkeepingUnitCard(location_code="NORTH", item_no="1100", safety_lead_time_days=4)
    found = references(units=[unit], items=[replace(ROPE, safety_lead_time_days=2)])
    assert [safety_lead_time_days(found, "1100", where) for where in ("NORTH", "")] == [4, 2]


def test_goods_without_a_location_go_to_the_company() -> None:
    """BC-MD-20."""
    found = references()
    assert location_address(found, "NORTH").address == "Dock 3"
    assert location_address(found, "").address == "Head office"
    assert location_address(found, "NOWHERE").address == ""


def test_handling_days_are_the_locations() -> None:
    assert [inbound_handling_days(references(), where) for where in ("NORTH", "")] == [1, 0]


def test_vendor_decides_the_grouping() -> None:
    """G12."""
    found = references(vendors=[vendor("V10", grouping_policy="per_sales_order")])
    assert grouping_policy(found, "V10") == "per_sales_order"
    assert grouping_policy(found, "V404") == "standard"


def test_a_vendor_without_a_policy_of_its_own_has_that_of_the_setup() -> None:
    """BC-SO-19."""
    setup = Setup(combine_policy="per_sales_order")
    own = vendor("V20", grouping_policy="merge_special_orders")
    found = references(vendors=[vendor("V10"), own], setup=setup)
    assert [grouping_policy(found, no) for no in ("V10", "V20")] == [
        "per_sales_order",
        "merge_special_orders",
    ]


def test_an_item_is_asked_for_with_what_is_special_about_it_at_the_location() -> None:
    query = ReferenceQuery()
    need_item(query, "1100", "NORTH")
    assert (StockkeepingUnitCard, "NORTH/1100") in set(query)


def test_a_vendor_is_asked_for_with_the_item_in_the_catalogue() -> None:
    query = ReferenceQuery()
    need_vendor(query, "V10", "1100")
    assert {(Vendor, "V10"), (ItemVendor, "V10/1100")} <= set(query)


def test_a_blank_vendor_is_not_asked_for() -> None:
    query = ReferenceQuery()
    need_vendor(query, "", "1100")
    assert ItemVendor not in {model for model, _ in query}
