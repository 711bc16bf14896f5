"""What a decision about orders looks up: sales' own masters and its copies of items, locations and stores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from contracts.planning import Item, Location, PlanningSetup, StockkeepingUnit
from contracts.pos import Store
from contracts.sales import ChargeCode, Company, Customer, PurchasingCode, ShipToAddress
from contracts.values import Address, Snapshot
from sales.domain.masters import SalesSetup

S = TypeVar("S", bound=Snapshot)


class References(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found for a batch of commands, by number; what is missing or deleted is not in it."""

    company: Company | None = None
    setup: SalesSetup = SalesSetup(version=0)
    customers: Mapping[str, Customer] = {}
    ship_tos: Mapping[str, ShipToAddress] = {}
    purchasing_codes: Mapping[str, PurchasingCode] = {}
    charge_codes: Mapping[str, ChargeCode] = {}
    items: Mapping[str, Item] = {}
    locations: Mapping[str, Location] = {}
    stores: Mapping[str, Store] = {}
    stockkeeping_units: Mapping[str, StockkeepingUnit] = {}
    """By `<location_code>/<item_no>`."""
    planning_setup: PlanningSetup | None = None
    rates: Mapping[str, Decimal] = {}
    """Company currency per unit of another currency, the newest rate of each; a missing one is refused."""

    def today(self, now: datetime) -> date:
        """The company's calendar day of an instant (UTC while there is no company)."""
        return now.astimezone(time_zone(self.company.time_zone if self.company else "UTC")).date()

    @property
    def home_currency(self) -> str:
        """The company's currency; empty while there is no company."""
        return self.company.currency_code if self.company else ""

    def outbound_days(self, location_code: str) -> int:
        """Days that a location needs before goods leave (BC-SD-08)."""
        location = self.locations.get(location_code)
        return location.outbound_handling_days if location else 0

    def vendor_of(self, item_no: str, location_code: str) -> str:
        """Who supplies the item at a location: the stockkeeping unit's vendor, else the item's (BC-MD-12)."""
        unit = self.stockkeeping_units.get(f"{location_code}/{item_no}")
        item = self.items.get(item_no)
        return (unit.vendor_no if unit else "") or (item.vendor_no if item else "")

    def automation(self, of_order: str) -> str:
        """How an order is procured: as it says itself, else as planning's set-up says."""
        return of_order or (self.planning_setup.automation if self.planning_setup else "") or "purchase_order"

    def rate_missing(self, currency_code: str) -> bool:
        """Whether the currency is a foreign one without any exchange rate."""
        return (
            bool(self.home_currency)
            and currency_code != self.home_currency
            and currency_code not in self.rates
        )


def time_zone(name: str) -> ZoneInfo:
    """An IANA time zone; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def knows_time_zone(name: str) -> bool:
    """Whether the name stands for an IANA time zone here."""
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def address_of(party: Customer | ShipToAddress) -> Address:
    """The postal address of a customer or ship-to address, as documents copy it (BC-MD-19)."""
    return msgspec.convert(party, Address, from_attributes=True)


def living(found: Mapping[str, S]) -> dict[str, S]:
    """Without what was deleted."""
    return {no: snapshot for no, snapshot in found.items() if not snapshot.deleted}
