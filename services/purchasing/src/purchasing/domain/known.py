"""What a decision may look at besides the order itself: own master data and copies of others' data."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from contracts.planning import Item, Location
from contracts.purchasing import ItemVendor, Vendor
from contracts.refusals import Refusal, Violation, conflict, unknown
from contracts.sales import Company, Customer, ShipToAddress
from contracts.values import Address
from purchasing.domain.costs import Offer, Wanted, offer
from purchasing.domain.links import WantedOrder


class CopyMissing(Exception):  # noqa: N818 - not an error: the decision has to wait
    """A decision needs the copy of this aggregate, which has not come yet."""

    def __init__(self, kind: str, no: str) -> None:
        super().__init__(f"no copy of {kind} {no}")
        self.kind = kind
        self.no = no


class Known(msgspec.Struct, kw_only=True):
    """Master data by number, as loaded for a batch; deleted records are left out.

    `today` is the company's day. Item-vendor entries are by (vendor, item), ship-to addresses by
    (customer, code).
    """

    today: date
    company: Company | None = None
    vendors: dict[str, Vendor] = {}
    item_vendors: dict[tuple[str, str], ItemVendor] = {}
    items: dict[str, Item] = {}
    customers: dict[str, Customer] = {}
    ship_to_addresses: dict[tuple[str, str], ShipToAddress] = {}
    locations: dict[str, Location] = {}
    sales_orders: dict[str, WantedOrder] = {}

    @property
    def company_currency_code(self) -> str:
        """The company's currency, "" before there is a company."""
        return self.company.currency_code if self.company is not None else ""

    def order_currency(self, vendor: Vendor, wished: str = "") -> str:
        """The wished currency, else the vendor's, else the company's."""
        return wished or vendor.currency_code or self.company_currency_code

    def offer(self, wanted: Wanted, item_no: str) -> Offer:
        """The vendor's terms for an item."""
        return offer(wanted, self.item_vendors.get((wanted.vendor_no, item_no)), self.items.get(item_no))

    def expected_date(self, order_date: date, vendor: Vendor, item_no: str) -> date:
        """The order date and the lead time: the catalogue's, else the item's, else the vendor's."""
        entry = self.item_vendors.get((vendor.no, item_no))
        days = entry.lead_time_days if entry is not None else None
        if days is None:
            item = self.items.get(item_no)
            days = (item.lead_time_days if item is not None else 0) or vendor.lead_time_days
        return order_date + timedelta(days=days)

    def receiving_address(self, location_code: str) -> Address:
        """Where goods for a location go: its address, or the company's without a location (BC-MD-20)."""
        place = self.locations.get(location_code) if location_code else self.company
        return postal(place) if place is not None else Address()


def postal(place: Location | Company | Customer | ShipToAddress) -> Address:
    """The address part of a record."""
    return msgspec.convert(place, Address, from_attributes=True)


def vendor_violations(vendor_no: str, vendor: Vendor | None) -> tuple[Violation, ...]:
    """A vendor that documents may be made for (BC-MD-18): known, neither blocked for all nor for privacy."""
    if vendor is None:
        return unknown("vendor", vendor_no, pointer="/vendor_no").violations
    if vendor.blocked == "all" or vendor.privacy_blocked:
        return conflict("vendor-blocked", f"vendor {vendor_no} is blocked", pointer="/vendor_no").violations
    return ()


def customer_violations(
    customer_no: str, customer: Customer | None, *, shipping: bool
) -> tuple[Violation, ...]:
    """A customer to order for, or if `shipping` to ship to (BC-MD-17). A missing copy does not refuse."""
    if customer is None:
        return ()
    stops = {"all", "ship"} if shipping else {"all"}
    if customer.blocked in stops or customer.privacy_blocked:
        return conflict(
            "customer-blocked", f"customer {customer_no} is blocked", pointer="/sell_to_customer_no"
        ).violations
    return ()


def item_violations(item: Item | None, *, pointer: str = "") -> tuple[Violation, ...]:
    """An item that may be bought (BC-MD-11). A missing copy does not refuse."""
    if item is not None and (item.blocked or item.purchasing_blocked):
        return conflict(
            "item-blocked", f"item {item.no} is blocked for purchasing", pointer=pointer
        ).violations
    return ()


def refuse_if(violations: list[Violation] | tuple[Violation, ...]) -> None:
    """Refuse with all reasons at once, if there are any."""
    if violations:
        raise Refusal(*violations)
