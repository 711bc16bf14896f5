"""Answers about vendors, their catalogues and the setup."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from contracts.fields import ItemNo, VendorNo, Version
from contracts.purchasing.masters import ItemVendor, ItemVendorDetails, PriceBreak, VendorDetails
from contracts.values import CreatedAt, UpdatedAt
from domainkit.structs import extended
from purchasing.domain.setup import PurchasingChoices


class VendorAnswer(VendorDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A vendor, with the terms that new orders start from."""

    no: VendorNo
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class PriceBreakAnswer(PriceBreak, frozen=True, kw_only=True, omit_defaults=False):
    """A price from a quantity on, between two dates (both included)."""


class ItemVendorAnswer(ItemVendorDetails, frozen=True, kw_only=True, omit_defaults=False):
    """An item in a vendor's catalogue."""

    vendor_no: VendorNo
    item_no: ItemNo
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt
    price_breaks: Annotated[tuple[PriceBreakAnswer, ...], Meta(description="Prices from quantities on.")]


class PurchasingSetupAnswer(PurchasingChoices, frozen=True, kw_only=True, omit_defaults=False):
    """The choices of the company about purchases."""

    version: Version
    created_at: CreatedAt | None
    updated_at: UpdatedAt | None


def item_vendor_answer(entry: ItemVendor, **times: datetime) -> ItemVendorAnswer:
    """The catalogue entry as the API shows it, price breaks included."""
    breaks = tuple(extended(PriceBreakAnswer, price) for price in entry.price_breaks)
    return extended(ItemVendorAnswer, entry, price_breaks=breaks, **times)
