"""Numbers of records that are named by two others: the same wherever such a record is published, kept or looked up."""

from __future__ import annotations

from datetime import date


def ship_to_address_no(customer_no: str, code: str) -> str:
    """An alternate address of a customer."""
    return f"{customer_no}/{code}"


def item_vendor_no(vendor_no: str, item_no: str) -> str:
    """An item in a vendor's catalogue."""
    return f"{vendor_no}/{item_no}"


def stockkeeping_unit_no(location_code: str, item_no: str) -> str:
    """What is special about an item at a location."""
    return f"{location_code}/{item_no}"


def stock_no(item_no: str, location_code: str) -> str:
    """The stock of an item at a location."""
    return f"{item_no}/{location_code}"


def exchange_rate_no(currency_code: str, day: date) -> str:
    """A currency's rate from a day on."""
    return f"{currency_code}/{day}"
