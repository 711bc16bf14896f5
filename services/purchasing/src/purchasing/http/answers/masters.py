"""Answers about vendors, their catalogues and the setup."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import ItemNo, VendorNo, Version
from contracts.purchasing import ItemVendor, ItemVendorDetails, PriceBreak, Vendor, VendorDetails
from domainkit.structs import extended
from purchasing.domain.setup import PurchasingChoices, PurchasingSetup


class VendorAnswer(VendorDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A vendor, with the terms that new orders start from."""

    no: VendorNo
    version: Version


class PriceBreakAnswer(PriceBreak, frozen=True, kw_only=True, omit_defaults=False):
    """A price from a quantity on, between two dates (both included)."""


class ItemVendorAnswer(ItemVendorDetails, frozen=True, kw_only=True, omit_defaults=False):
    """An item in a vendor's catalogue."""

    vendor_no: VendorNo
    item_no: ItemNo
    version: Version
    price_breaks: Annotated[tuple[PriceBreakAnswer, ...], Meta(description="Prices from quantities on.")]


class PurchasingSetupAnswer(PurchasingChoices, frozen=True, kw_only=True, omit_defaults=False):
    """The choices of the company about purchases."""

    version: Version


def vendor_answer(vendor: Vendor) -> VendorAnswer:
    """The vendor as the API shows it, with every field present."""
    return extended(VendorAnswer, vendor)


def item_vendor_answer(entry: ItemVendor) -> ItemVendorAnswer:
    """The catalogue entry as the API shows it, price breaks included."""
    breaks = tuple(extended(PriceBreakAnswer, price) for price in entry.price_breaks)
    return extended(ItemVendorAnswer, entry, price_breaks=breaks)


def setup_answer(setup: PurchasingSetup) -> PurchasingSetupAnswer:
    """The answer about the setup."""
    return extended(PurchasingSetupAnswer, setup)
