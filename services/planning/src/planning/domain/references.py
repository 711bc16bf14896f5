"""What a decision looks up: planning's masters and its copies of vendors, catalogues and purchasing codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from contracts.purchasing import ItemVendor, Vendor
from contracts.sales import Company, PurchasingCode
from contracts.values import Address
from planning.domain.masters import ItemCard, LocationCard, Setup, StockkeepingUnitCard
from planning.domain.state import State


class CopyMissing(Exception):  # noqa: N818 - not an error: the decision waits for the copy
    """A decision needs a copy that has not come yet."""

    def __init__(self, kind: str, no: str) -> None:
        super().__init__(f"no copy of {kind} {no} yet")
        self.kind = kind
        self.no = no


class References(State, frozen=True, kw_only=True):
    """What was found for a batch, by number, also what is marked deleted; what was never seen is not in it.

    Stockkeeping units are keyed `<location>/<item>`, catalogue entries `<vendor>/<item>`.
    """

    setup: Setup = Setup()
    company: Company | None = None
    items: Mapping[str, ItemCard] = {}
    locations: Mapping[str, LocationCard] = {}
    units: Mapping[str, StockkeepingUnitCard] = {}
    vendors: Mapping[str, Vendor] = {}
    catalogue: Mapping[str, ItemVendor] = {}
    purchasing_codes: Mapping[str, PurchasingCode] = {}

    def today(self, now: datetime) -> date:
        """The company's calendar day of an instant; UTC's while the company or its time zone is not known."""
        try:
            zone = ZoneInfo(self.company.time_zone if self.company else "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        return now.astimezone(zone).date()

    def vendor_no(self, item_no: str, location_code: str) -> str:
        """Who supplies the item there: the stockkeeping unit's vendor, else the item's; "" if nobody (BC-MD-12)."""
        unit = self.units.get(f"{location_code}/{item_no}")
        if unit is not None and unit.vendor_no:
            return unit.vendor_no
        item = self.items.get(item_no)
        return item.vendor_no if item else ""

    def offer(self, vendor_no: str, item_no: str) -> ItemVendor | None:
        """The item in the vendor's catalogue."""
        found = self.catalogue.get(f"{vendor_no}/{item_no}")
        return None if found is None or found.deleted else found

    def lead_time_days(self, vendor_no: str, item_no: str, location_code: str) -> int:
        """Of the stockkeeping unit, else the catalogue entry, else the item, else the vendor (BC-PL-27)."""
        unit = self.units.get(f"{location_code}/{item_no}")
        if unit is not None and unit.lead_time_days is not None:
            return unit.lead_time_days
        offer = self.offer(vendor_no, item_no)
        if offer is not None and offer.lead_time_days is not None:
            return offer.lead_time_days
        item = self.items.get(item_no)
        if item is not None and item.lead_time_days:
            return item.lead_time_days
        vendor = self.vendors.get(vendor_no)
        return vendor.lead_time_days if vendor else 0

    def safety_lead_time_days(self, item_no: str, location_code: str) -> int:
        """Days by which goods shall come before they are needed."""
        unit = self.units.get(f"{location_code}/{item_no}")
        if unit is not None and unit.safety_lead_time_days:
            return unit.safety_lead_time_days
        item = self.items.get(item_no)
        return item.safety_lead_time_days if item else 0

    def inbound_handling_days(self, location_code: str) -> int:
        """Days from the arrival of goods until they can be used there."""
        location = self.locations.get(location_code)
        return location.inbound_handling_days if location else 0

    def address_of(self, location_code: str) -> Address:
        """Where goods for a location are sent; for a blank location to the company (BC-MD-20)."""
        place = self.locations.get(location_code) if location_code else self.company
        return _address(place) if place is not None else Address()

    def currency_of(self, vendor_no: str) -> str:
        """The vendor's currency; "" is the company's."""
        vendor = self.vendors.get(vendor_no)
        return vendor.currency_code if vendor else ""

    def grouping_policy(self, vendor_no: str) -> str:
        """How lines for the vendor may share a purchase order (G12)."""
        vendor = self.vendors.get(vendor_no)
        return vendor.grouping_policy if vendor else "standard"


def _address(place: Any) -> Address:
    return msgspec.convert(place, Address, from_attributes=True)
