"""Rules about vendors, their catalogues, locations and the setup."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.keys import item_vendor_no
from contracts.purchasing.masters import PriceBreak, Vendor
from contracts.refusals import Reason, Refusal, Violations
from contracts.values import Address
from domainkit.references import ReferenceQuery
from purchasing.domain.catalogue import (
    entry_of,
    expected_receipt_date,
    need_terms,
    order_currency,
)
from purchasing.domain.locations import check_location, receiving_address
from purchasing.domain.setup import PurchasingSetup, setup_of
from purchasing.domain.vendors import check_catalogue_entry, check_vendor_details
from tests.unit.purchasing import examples as x


def break_from(quantity: str, first: date | None = None, last: date | None = None) -> PriceBreak:
    return PriceBreak(
        minimum_quantity=Decimal(quantity), direct_unit_cost=Decimal(1), from_date=first, to_date=last
    )


def wrong_with(**fields: Any) -> list[str]:
    """Code and pointer of everything that is wrong with an entry."""
    with pytest.raises(Refusal) as refused:
        check_catalogue_entry(x.references(), x.catalogue(**fields))
    return [f"{v.code} {v.pointer}".strip() for v in refused.value.violations]


def test_a_vendors_location_must_exist() -> None:
    check_vendor_details(x.references(), Vendor(version=0, no="V1", location_code="NORTH"))
    with pytest.raises(Refusal) as refused:
        check_vendor_details(x.references(), Vendor(version=0, no="V1", location_code="MARS"))
    assert (refused.value.code, refused.value.waits_for) == ("unknown-location", (("location", "MARS"),))


def test_a_blank_location_is_the_company() -> None:
    found = Violations()
    check_location(found, x.references(), "")
    assert len(found) == 0
    assert receiving_address(x.references(), "").city == "Kiel"


def test_an_unknown_location_has_no_address() -> None:
    assert receiving_address(x.references(), "MARS") == Address()


def test_an_entry_of_an_unknown_vendor_is_not_found() -> None:
    with pytest.raises(Refusal) as refused:
        check_catalogue_entry(x.references(vendors=[]), x.catalogue())
    assert refused.value.reason == Reason.NOT_FOUND


def test_an_entry_needs_an_item_that_exists() -> None:
    with pytest.raises(Refusal) as refused:
        check_catalogue_entry(x.references(items=[]), x.catalogue())
    assert refused.value.waits_for == (("item", "1100"),)


def test_an_entrys_unit_is_one_of_the_item() -> None:
    assert wrong_with(unit_of_measure_code="TON") == ["unknown-unit-of-measure /unit_of_measure_code"]
    check_catalogue_entry(x.references(), x.catalogue(unit_of_measure_code="BOX"))


def test_two_price_breaks_may_not_begin_at_the_same_quantity_and_day() -> None:
    breaks = (break_from("10"), break_from("10.0"), break_from("10", date(2026, 4, 1)))
    assert wrong_with(price_breaks=breaks) == ["duplicate-price-break /price_breaks/1"]


def test_a_price_break_does_not_end_before_it_begins() -> None:
    breaks = (break_from("10", date(2026, 4, 2), date(2026, 4, 1)),)
    assert wrong_with(price_breaks=breaks) == ["invalid-period /price_breaks/0/to_date"]


def test_everything_wrong_with_an_entry_is_named_at_once() -> None:
    breaks = (break_from("1"), break_from("1"))
    assert len(wrong_with(unit_of_measure_code="TON", price_breaks=breaks)) == 2


def test_an_entry_is_found_by_vendor_and_item() -> None:
    found = x.references(entries=[x.catalogue()])
    assert item_vendor_no("V10", "1100") == "V10/1100"
    assert entry_of(found, "V10", "1100") == x.catalogue()
    assert entry_of(found, "V20", "1100") is None


def test_terms_need_vendor_item_and_entry() -> None:
    query = ReferenceQuery()
    need_terms(query, "V10", "1100")
    assert {"V10", "1100", "V10/1100"} <= {no for _, no in query}


@pytest.mark.parametrize(
    ("asked_for", "vendors", "currency"), [("USD", "GBP", "USD"), ("", "GBP", "GBP"), ("", "", "EUR")]
)
def test_the_currency_is_that_asked_for_else_the_vendors_else_the_companys(
    asked_for: str, vendors: str, currency: str
) -> None:
    vendor = Vendor(version=1, no="V10", currency_code=vendors)
    assert order_currency(x.references(), vendor, asked_for) == currency


def test_the_catalogues_lead_time_goes_before_the_items_and_the_vendors() -> None:
    by_entry = x.references(entries=[x.catalogue(lead_time_days=2)], items=[x.item("1100", lead_time_days=3)])
    by_item = x.references(items=[x.item("1100", lead_time_days=3)])
    dates = [expected_receipt_date(r, x.TODAY, x.VENDOR, "1100") for r in (by_entry, by_item, x.references())]
    assert [d.day for d in dates] == [4, 5, 7]


def test_the_setup_has_defaults_until_it_is_written() -> None:
    assert not setup_of(x.references()).allow_purchase_invoice_before_sales_invoice
    written = PurchasingSetup(version=1, allow_purchase_invoice_before_sales_invoice=True)
    assert setup_of(x.references(setup=written)) == written
