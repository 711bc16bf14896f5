"""Catalog items: the number that their item will have, what is refused, and the item that they become."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal
from planning.domain.masters.catalog_items import (
    CatalogCard,
    check_catalog_item,
    check_item_can_be_made,
    check_not_reserved,
    item_numbers,
    item_of,
    kept,
    reserved,
)
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import Setup, check_setup
from tests.unit.planning.samples import references

TENT = CatalogCard(
    entry_no="CAT-1",
    vendor_no="V10",
    vendor_item_no="Tent-3p",
    manufacturer_code="ACME",
    description="Tent",
    unit_price=Decimal(349),
    direct_unit_cost=Decimal(210),
)


def number(format_: str, separator: str = "", card: CatalogCard = TENT) -> str:
    setup = Setup(catalog_item_no_format=format_, catalog_item_no_separator=separator)
    return next(item_numbers(card, setup))


def refused(card: CatalogCard, before: CatalogCard | None = None, holder: str = "") -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refusal:
        check_catalog_item(card, before, references(), holder)
    return [(v.code, v.pointer) for v in refusal.value.violations]


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("vendor_item_no", "TENT-3P"),
        ("manufacturer_vendor_item_no", "ACME/TENT-3P"),
        ("vendor_item_no_manufacturer", "TENT-3P/ACME"),
        ("entry_no", "CAT-1"),
    ],
)
def test_bc_md_26_the_number_is_made_as_the_setup_says(format_: str, expected: str) -> None:
    assert number(format_, "/") == expected


def test_bc_md_26_without_a_manufacturer_nothing_is_separated() -> None:
    assert number("manufacturer_vendor_item_no", "/", replace(TENT, manufacturer_code="")) == "TENT-3P"


def test_bc_md_26_a_number_that_is_too_long_has_the_entry_s_in_place_of_the_vendor_s() -> None:
    long = replace(TENT, vendor_item_no="X" * 20)
    assert number("manufacturer_vendor_item_no", "-", long) == "ACME-CAT-1"
    assert number("vendor_item_no", "", replace(long, vendor_item_no="X" * 21)) == "CAT-1"


def test_a_number_that_is_taken_has_the_entry_s_in_place_of_the_vendor_s() -> None:
    assert reserved(TENT, Setup(), {"TENT-3P"}).item_no == "CAT-1"
    with pytest.raises(Refusal) as refusal:
        reserved(TENT, Setup(), {"TENT-3P", "CAT-1"})
    assert refusal.value.code == "item-exists"


def test_bc_md_26_a_series_has_no_separator() -> None:
    with pytest.raises(Refusal) as refusal:
        check_setup(Setup(catalog_item_no_format="item_no_series", catalog_item_no_separator="-"))
    assert refusal.value.violations[0].pointer == "/catalog_item_no_separator"


def test_bc_md_24_a_vendor_s_number_is_there_once() -> None:
    assert refused(TENT, holder="CAT-9") == [("catalog-item-exists", "/vendor_item_no")]


def test_everything_that_does_not_exist_is_named_at_once() -> None:
    wrong = replace(TENT, vendor_no="V99", purchasing_code="NONE", unit_price=Decimal("1.001"))
    assert refused(wrong) == [
        ("unknown-vendor", "/vendor_no"),
        ("unknown-purchasing-code", "/purchasing_code"),
        ("too-many-decimals", "/unit_price"),
    ]


def test_bc_md_25_what_the_item_took_over_is_changed_there() -> None:
    before = replace(TENT, version=2, item_no="TENT-3P", item_created=True)
    changed = replace(kept(TENT, before), vendor_item_no="OTHER", description="Big tent")
    assert refused(changed, before) == [("item-exists", "/vendor_item_no"), ("item-exists", "/description")]
    check_catalog_item(replace(before, published_cost=Decimal(240)), before, references(), "")


def test_the_reserved_number_stays_with_the_entry() -> None:
    before = replace(TENT, version=1, item_no="TENT-3P")
    assert kept(replace(TENT, vendor_item_no="OTHER"), before).item_no == "TENT-3P"
    assert kept(TENT, replace(before, deleted=True)).item_no == "", "one that was deleted begins anew"


def test_nobody_else_gets_a_reserved_number() -> None:
    entry = replace(TENT, item_no="TENT-3P")
    with pytest.raises(Refusal) as refusal:
        check_not_reserved(ItemCard(no="TENT-3P"), entry)
    assert refusal.value.code == "item-no-reserved"
    check_not_reserved(ItemCard(no="TENT-3P"), replace(entry, item_created=True))


def test_bc_md_27_the_item_has_the_catalog_s_vendor_unit_price_and_costs() -> None:
    item = item_of(replace(TENT, item_no="TENT-3P", unit_of_measure_code="BOX"))
    found: dict[str, Any] = {
        name: getattr(item, name) for name in ("vendor_no", "vendor_item_no", "unit_price")
    }
    assert found == {"vendor_no": "V10", "vendor_item_no": "Tent-3p", "unit_price": Decimal(349)}
    assert (item.no, item.base_unit_of_measure) == ("TENT-3P", "BOX")
    assert (item.unit_cost, item.last_direct_cost, item.created_from_catalog) == (210, 210, True)


def test_bc_md_27_there_is_one_item_of_a_catalog_item() -> None:
    with pytest.raises(Refusal) as refusal:
        check_item_can_be_made(ItemCard(no="TENT-3P", version=1))
    assert str(refusal.value) == "item TENT-3P already exists"
    check_item_can_be_made(ItemCard(no="TENT-3P", version=2, deleted=True))
