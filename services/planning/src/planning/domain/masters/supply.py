"""Where an item comes from, how long that takes, and where goods go: questions over several records."""

from __future__ import annotations

from contracts.keys import item_vendor_no, stockkeeping_unit_no
from contracts.planning.masters import Location
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.values import Address
from domainkit.grouping import STANDARD
from domainkit.parties import address_of
from domainkit.procurement import supplier_of
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.supply_times import lead_time_of, safety_time_of
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import setup_of
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard


def need_item(query: ReferenceQuery, item_no: str, location_code: str) -> None:
    """An item, the location, and what is special about the item there; their vendors come along by themselves."""
    query.need(ItemCard, item_no)
    query.need(Location, location_code)
    query.need(StockkeepingUnitCard, stockkeeping_unit_no(location_code, item_no))


def need_vendor(query: ReferenceQuery, vendor_no: str, item_no: str) -> None:
    """A vendor and the item in the vendor's catalogue."""
    if vendor_no:
        query.need(Vendor, vendor_no)
        query.need(ItemVendor, item_vendor_no(vendor_no, item_no))


def vendor_of(references: ReferenceData, item_no: str, location_code: str) -> str:
    """Number of the vendor who supplies the item there; "" if there is none."""
    unit = references.find(StockkeepingUnitCard, stockkeeping_unit_no(location_code, item_no))
    return supplier_of(unit, references.find(ItemCard, item_no))


def offer_of(references: ReferenceData, vendor_no: str, item_no: str) -> ItemVendor | None:
    """The item in the vendor's catalogue."""
    return references.find(ItemVendor, item_vendor_no(vendor_no, item_no))


def lead_time_days(references: ReferenceData, vendor_no: str, item_no: str, location_code: str) -> int:
    """Of the stockkeeping unit, else the catalogue entry, else the item, else the vendor (BC-PL-27)."""
    unit = references.find(StockkeepingUnitCard, stockkeeping_unit_no(location_code, item_no))
    entry = offer_of(references, vendor_no, item_no)
    return lead_time_of(unit, entry, references.find(ItemCard, item_no), references.find(Vendor, vendor_no))


def safety_lead_time_days(references: ReferenceData, item_no: str, location_code: str) -> int:
    """Days by which goods shall come before they are needed: the stockkeeping unit's, else the item's."""
    unit = references.find(StockkeepingUnitCard, stockkeeping_unit_no(location_code, item_no))
    return safety_time_of(unit, references.find(ItemCard, item_no))


def inbound_handling_days(references: ReferenceData, location_code: str) -> int:
    """Days from the arrival of goods until they can be used there."""
    location = references.find(Location, location_code)
    return location.inbound_handling_days if location else 0


def location_address(references: ReferenceData, location_code: str) -> Address:
    """Where goods for a location are sent; for a blank location to the company (BC-MD-20)."""
    place = references.find(Location, location_code) if location_code else references.company
    return address_of(place) if place is not None else Address()


def grouping_policy(references: ReferenceData, vendor_no: str) -> str:
    """How lines for the vendor may share a purchase order: as its card says, else as the setup does (G12, BC-SO-19)."""
    vendor = references.find(Vendor, vendor_no)
    if vendor is None or vendor.grouping_policy == STANDARD:
        return setup_of(references).combine_policy
    return vendor.grouping_policy
