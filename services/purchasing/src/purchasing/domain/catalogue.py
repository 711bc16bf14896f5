"""What the references say about buying an item of a vendor: terms, lead time, currency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from contracts.keys import item_vendor_no
from contracts.planning.masters import Item
from contracts.purchasing.masters import ItemVendor, Vendor
from domainkit.costs import Offer, PriceQuestion, offer, purchase_currency
from domainkit.days import days_after
from domainkit.references import ReferenceData, ReferenceQuery


def need_terms(query: ReferenceQuery, vendor_no: str, *item_nos: str) -> None:
    """Ask for all that decides what a vendor takes for items."""
    query.need(Vendor, vendor_no)
    query.need(Item, *item_nos)
    query.need(ItemVendor, *(item_vendor_no(vendor_no, item_no) for item_no in item_nos if item_no))


def entry_of(references: ReferenceData, vendor_no: str, item_no: str) -> ItemVendor | None:
    """The item in the vendor's catalogue; None if the vendor does not list it."""
    return references.find(ItemVendor, item_vendor_no(vendor_no, item_no))


def vendor_terms(references: ReferenceData, question: PriceQuestion, item_no: str) -> Offer:
    """The vendor's terms for an item."""
    entry = entry_of(references, question.vendor_no, item_no)
    return offer(question, entry, references.find(Item, item_no))


def order_currency(
    references: ReferenceData, vendor: Vendor, asked_for: str = "", item_nos: Iterable[str] = ()
) -> str:
    """The currency that was asked for, else that in which all these items are bought, else the vendor's."""
    if asked_for:
        return asked_for
    home = references.home_currency
    of_items = {purchase_currency(entry_of(references, vendor.no, no), vendor, home) for no in item_nos}
    return of_items.pop() if len(of_items) == 1 else purchase_currency(None, vendor, home)


def expected_receipt_date(references: ReferenceData, order_date: date, vendor: Vendor, item_no: str) -> date:
    """The order date and the lead time: the catalogue's, else the item's, else the vendor's."""
    entry = entry_of(references, vendor.no, item_no)
    days = entry.lead_time_days if entry is not None else None
    if days is None:
        item = references.find(Item, item_no)
        days = (item.lead_time_days if item is not None else 0) or vendor.lead_time_days
    return days_after(order_date, days)
