"""Numbers of records that are named by two others: the same wherever such a record is published, kept or looked up.

The two are joined by "/". Numbers may hold slashes themselves, so those of the first are written as %2F (and % as %25):
the first "/" always separates.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import quote, unquote

TWO_PARTS: Final = frozenset(
    {"ship-to-address", "item-vendor", "stockkeeping-unit", "stock", "exchange-rate"}
)
"""The kinds whose records have such numbers."""


def ship_to_address_no(customer_no: str, code: str) -> str:
    """An alternate address of a customer."""
    return joined(customer_no, code)


def item_vendor_no(vendor_no: str, item_no: str) -> str:
    """An item in a vendor's catalogue."""
    return joined(vendor_no, item_no)


def stockkeeping_unit_no(location_code: str, item_no: str) -> str:
    """What is special about an item at a location."""
    return joined(location_code, item_no)


def stock_no(item_no: str, location_code: str) -> str:
    """The stock of an item at a location."""
    return joined(item_no, location_code)


def exchange_rate_no(currency_code: str, day: date) -> str:
    """A currency's rate from a day on."""
    return f"{currency_code}/{day}"


def joined(first: str, second: str) -> str:
    """One number made of two, joined by a slash; a slash within the first is escaped."""
    if "/" in first or "%" in first:
        first = first.replace("%", "%25").replace("/", "%2F")
    return f"{first}/{second}"


def in_header(kind: str, no: str) -> str:
    """A number as `Koppel-Seen` writes it: percent-encoded, each part for itself."""
    if kind not in TWO_PARTS or "/" not in no:
        return quote(no, safe="")
    first, _, second = no.partition("/")
    return f"{quote(unquote(first), safe='')}/{quote(second, safe='')}"


def from_header(kind: str, text: str) -> str:
    """The number that `in_header` wrote."""
    if kind not in TWO_PARTS or "/" not in text:
        return unquote(text)
    first, _, second = text.partition("/")
    return joined(unquote(first), unquote(second))
