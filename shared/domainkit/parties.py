"""Rules about customers, vendors and items that several services share: their addresses, and what blocks them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

import msgspec

from contracts.planning.masters import Location
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations
from contracts.sales.masters import Company, Customer, ShipToAddress
from contracts.values import Address

ORDERING: Final = frozenset({"ship", "invoice", "all"})
"""What of `Customer.blocked` stops new sales documents."""
SHIPPING: Final = frozenset({"ship", "all"})
"""What stops shipments."""
INVOICING: Final = frozenset({"invoice", "all"})
"""What stops invoices."""
BUYING_FOR: Final = frozenset({"all"})
"""What stops purchases for the customer."""


def address_of(party: Customer | ShipToAddress | Location | Company | Vendor) -> Address:
    """The postal address of a record, as documents copy it (BC-MD-19)."""
    return msgspec.convert(party, Address, from_attributes=True)


class Destination(msgspec.Struct, frozen=True):
    """Where a line ships to, and where the request says so. `address` None: not known."""

    pointer: str
    code: str
    address: Address | None


def check_one_destination(found: Violations, destinations: Iterable[Destination]) -> None:
    """Everything that is shipped of one order goes to one address (POS-25); case and spacing make no difference."""
    first: Any = None
    for each in destinations:
        where = each.code if each.address is None else _normalized(each.address)
        first = where if first is None else first
        if where != first:
            detail = "lines of one order ship to different addresses"
            found.invalid("ship-to-mismatch", detail, each.pointer)


def _normalized(address: Address) -> tuple[str, ...]:
    parts: tuple[str, ...] = msgspec.structs.astuple(address)
    return tuple(" ".join(part.split()).casefold() for part in parts)


def is_blocked(customer: Customer, stops: frozenset[str]) -> bool:
    """Whether a customer may not have such a document (BC-MD-17); privacy blocked customers have none at all."""
    return customer.privacy_blocked or customer.blocked in stops


def may_not_be_bought_from(vendor: Vendor) -> bool:
    """Whether no purchase may be made from the vendor (BC-MD-18): blocked for all, or for privacy."""
    return vendor.blocked == "all" or vendor.privacy_blocked


class AnyItem(Protocol):
    """An item as its owner keeps it, or as others see it."""

    @property
    def no(self) -> str:
        """Number of the item; it never changes."""
        ...

    @property
    def blocked(self) -> bool:
        """Whether the item may be neither sold nor bought."""
        ...

    @property
    def purchasing_blocked(self) -> bool:
        """Whether the item may not be bought."""
        ...


def may_not_be_bought(item: AnyItem) -> bool:
    """Whether the item is blocked for purchasing (BC-MD-11)."""
    return item.blocked or item.purchasing_blocked


def check_vendor(
    found: Violations, no: str, vendor: Vendor | None, pointer: str = "/vendor_no", *, copy_of: str = ""
) -> None:
    """The vendor exists and is not blocked (BC-MD-18). `copy_of`: see `Violations.unknown`."""
    if vendor is None:
        found.unknown("vendor", no, pointer, copy_of=copy_of)
    elif may_not_be_bought_from(vendor):
        found.conflict("vendor-blocked", f"vendor {no} is blocked", pointer)


def check_customer(
    found: Violations,
    customer: Customer | None,
    stops: frozenset[str],
    pointer: str = "/sell_to_customer_no",
) -> None:
    """The customer may have such a document (BC-MD-17). A copy that has not arrived yet is no reason to refuse."""
    if customer is not None and is_blocked(customer, stops):
        found.conflict("customer-blocked", f"customer {customer.no} is blocked", pointer)


def check_item(found: Violations, item: AnyItem | None, pointer: str = "/item_no") -> None:
    """The item may be bought (BC-MD-11). A copy that has not arrived yet is no reason to refuse."""
    if item is not None and may_not_be_bought(item):
        found.conflict("item-blocked", f"item {item.no} is blocked for purchasing", pointer)
