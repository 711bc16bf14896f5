"""Rules about vendors and their catalogues when they are written."""

from __future__ import annotations

from contracts.planning.masters import Item
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.refusals import Violations, not_found
from domainkit.costs import purchase_currency
from domainkit.money import ZERO, check_amount
from domainkit.references import ReferenceData
from purchasing.domain.locations import check_location


def check_vendor_details(references: ReferenceData, vendor: Vendor) -> None:
    """The vendor's location exists; refused otherwise."""
    found = Violations()
    check_location(found, references, vendor.location_code)
    found.refuse_if_any()


def check_catalogue_entry(references: ReferenceData, entry: ItemVendor) -> None:
    """Vendor, item and unit exist, and price breaks do not contradict each other; refused with every reason."""
    vendor = references.find(Vendor, entry.vendor_no)
    if vendor is None:
        raise not_found("vendor", entry.vendor_no)
    found = Violations()
    item = references.find(Item, entry.item_no)
    if item is None:
        found.unknown("item", entry.item_no, copy_of="item")
    else:
        _check_unit(found, item, entry.unit_of_measure_code)
    _check_price_breaks(found, entry)
    currency_code = purchase_currency(entry, vendor, references.home_currency)
    check_amount(found, entry.direct_unit_cost, currency_code, "/direct_unit_cost")
    for i, price in enumerate(entry.price_breaks):
        check_amount(found, price.direct_unit_cost, currency_code, f"/price_breaks/{i}/direct_unit_cost")
    found.refuse_if_any()


def first_entry(item: Item, vendor: Vendor, home_currency: str) -> ItemVendor:
    """The catalogue entry of an item that was made of a catalog item, whose cost is in the company's currency.

    A vendor who sells in another has no price there: the item's last direct cost is converted when it is bought.
    """
    at_home = vendor.currency_code in {"", home_currency}
    return ItemVendor(
        version=0,
        vendor_no=vendor.no,
        item_no=item.no,
        vendor_item_no=item.vendor_item_no,
        direct_unit_cost=item.last_direct_cost if at_home else ZERO,
        unit_of_measure_code=item.base_unit_of_measure,
    )


def _check_unit(found: Violations, item: Item, code: str) -> None:
    units = {item.base_unit_of_measure, *(unit.code for unit in item.units_of_measure)}
    if code and code not in units:
        found.unknown("unit-of-measure", code, "/unit_of_measure_code")
        found.may_change_with("item", item.no)


def _check_price_breaks(found: Violations, entry: ItemVendor) -> None:
    """Each break once per quantity and first day, and none that ends before it begins."""
    seen: set[tuple[object, object]] = set()
    for i, price in enumerate(entry.price_breaks):
        if price.from_date is not None and price.to_date is not None and price.to_date < price.from_date:
            found.invalid(
                "invalid-period", "a price break ends before it begins", f"/price_breaks/{i}/to_date"
            )
        key = (price.minimum_quantity.normalize(), price.from_date)
        if key in seen:
            detail = f"two price breaks from {price.minimum_quantity} on begin the same day"
            found.invalid("duplicate-price-break", detail, f"/price_breaks/{i}")
        seen.add(key)
