"""What the references say about buying an item of a vendor: terms, lead time, currency."""

from __future__ import annotations

from datetime import date

from contracts.keys import item_vendor_no
from contracts.planning import Item
from contracts.purchasing import ItemVendor, Vendor
from domainkit.days import days_after
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.costs import Offer, PriceQuestion, offer


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


def order_currency(references: ReferenceData, vendor: Vendor, asked_for: str = "") -> str:
    """The currency that was asked for, else the vendor's, else the company's."""
    return asked_for or vendor.currency_code or references.home_currency


def expected_receipt_date(references: ReferenceData, order_date: date, vendor: Vendor, item_no: str) -> date:
    """The order date and the lead time: the catalogue's, else the item's, else the vendor's."""
    entry = entry_of(references, vendor.no, item_no)
    days = entry.lead_time_days if entry is not None else None
    if days is None:
        item = references.find(Item, item_no)
        days = (item.lead_time_days if item is not None else 0) or vendor.lead_time_days
    return days_after(order_date, days)
