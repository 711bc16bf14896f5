"""Catalog items: what vendors offer, and the items that they become (BC-MD-23 to 27)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import asdict, replace

from contracts.fields import NO_LENGTH, Version
from contracts.planning import masters as contract
from contracts.planning.fields import CatalogEntryNo
from contracts.planning.masters import CatalogItemDetails, ItemUnit
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations, conflict
from contracts.sales.masters import PurchasingCode
from contracts.values import Deleted, Happened
from domainkit.money import check_amount
from domainkit.references import ReferenceData
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import (
    ENTRY_NO,
    ITEM_NO_SERIES,
    MANUFACTURER_AND_VENDOR_ITEM_NO,
    VENDOR_ITEM_NO_AND_MANUFACTURER,
    Setup,
)

SERIES: Final = "item"
"""The number series of `item_no_series`."""

_STAYS: Final = (
    "manufacturer_code",
    "vendor_no",
    "vendor_item_no",
    "description",
    "unit_of_measure_code",
    "unit_price",
    "direct_unit_cost",
    "purchasing_code",
    "tax_pct",
)
"""What the item took over when it was made; from then on it is changed there."""


class CatalogCard(CatalogItemDetails, frozen=True, kw_only=True):
    """A catalog item as planning keeps it. `item_no` is "" until a number is reserved."""

    entry_no: CatalogEntryNo
    item_no: str = ""
    item_created: bool = False
    made_by_line: bool = False
    """The item was made because a line selected it: it goes with the last line that does."""
    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False

    @property
    def of_vendor(self) -> tuple[str, str]:
        """Vendor and the vendor's number, which no other entry has (BC-MD-24)."""
        return self.vendor_no, self.vendor_item_no


def item_numbers(card: CatalogCard, setup: Setup) -> Iterator[str]:
    """Numbers that the item may get, the wanted one first (BC-MD-26).

    One that would be too long has the entry's number in place of the vendor's, and so has one that is taken.
    """
    if setup.catalog_item_no_format == ENTRY_NO:
        yield card.entry_no
        return
    for part in (card.vendor_item_no.upper(), card.entry_no):
        number = _joined(part, card.manufacturer_code, setup)
        if len(number) <= NO_LENGTH and number not in {".", ".."}:
            yield number
    yield card.entry_no


def _joined(number: str, manufacturer: str, setup: Setup) -> str:
    separator = setup.catalog_item_no_separator if manufacturer else ""
    if setup.catalog_item_no_format == MANUFACTURER_AND_VENDOR_ITEM_NO:
        return f"{manufacturer}{separator}{number}"
    if setup.catalog_item_no_format == VENDOR_ITEM_NO_AND_MANUFACTURER:
        return f"{number}{separator}{manufacturer}"
    return number


def takes_series(setup: Setup) -> bool:
    """Whether the number series gives items their numbers."""
    return setup.catalog_item_no_format == ITEM_NO_SERIES


def reserved(card: CatalogCard, setup: Setup, taken: Collection[str]) -> CatalogCard:
    """The entry with the number that its item will have: the first that is not taken."""
    for number in item_numbers(card, setup):
        if number not in taken:
            return replace(card, item_no=number)
    raise conflict("item-exists", f"item {card.entry_no} already exists", item_no=card.entry_no)


def kept(card: CatalogCard, before: CatalogCard | None) -> CatalogCard:
    """The entry with what a PUT does not say: its item's number stays, and whether there is the item."""
    if before is None or before.deleted:
        return card
    return replace(
        card, item_no=before.item_no, item_created=before.item_created, made_by_line=before.made_by_line
    )


def check_catalog_item(
    card: CatalogCard, before: CatalogCard | None, references: ReferenceData, holder: str
) -> None:
    """Refuse an entry that names what does not exist, that is there already, or whose item exists (BC-MD-24, 25).

    `holder`: the other entry with the same vendor and vendor's number; "" if there is none.
    """
    found = Violations()
    if references.find(Vendor, card.vendor_no) is None:
        found.unknown("vendor", card.vendor_no, "/vendor_no", copy_of="vendor")
    code = card.purchasing_code
    if code and references.find(PurchasingCode, code) is None:
        found.unknown("purchasing-code", code, "/purchasing_code", copy_of="purchasing-code")
    for name in ("unit_price", "direct_unit_cost", "published_cost"):
        check_amount(found, getattr(card, name), references.home_currency, f"/{name}")
    if holder:
        detail = f"vendor {card.vendor_no} has item {card.vendor_item_no} in catalog item {holder}"
        found.conflict("catalog-item-exists", detail, "/vendor_item_no", entry_no=holder)
    if before is not None and not before.deleted and before.item_created:
        _check_stays(found, card, before)
    found.refuse_if_any()


def _check_stays(found: Violations, card: CatalogCard, before: CatalogCard) -> None:
    for name in _STAYS:
        if getattr(card, name) != getattr(before, name):
            detail = f"{name} cannot change: item {before.item_no} exists; change it there"
            found.conflict("item-exists", detail, f"/{name}", item_no=before.item_no)


def check_not_reserved(item: ItemCard, entry: CatalogCard | None) -> None:
    """The number of a catalog item's item is reserved for it from the start."""
    if entry is not None and not entry.item_created:
        detail = f"item number {item.no} is reserved for catalog item {entry.entry_no}"
        raise conflict("item-no-reserved", detail, entry_no=entry.entry_no)


def item_of(card: CatalogCard) -> ItemCard:
    """The item that a catalog item becomes (BC-MD-27)."""
    unit = ItemUnit(code=card.unit_of_measure_code, qty_per=Decimal(1))
    return ItemCard(
        no=card.item_no,
        description=card.description,
        base_unit_of_measure=unit.code,
        units_of_measure=(unit,),
        vendor_no=card.vendor_no,
        vendor_item_no=card.vendor_item_no,
        unit_price=card.unit_price,
        unit_cost=card.direct_unit_cost,
        last_direct_cost=card.direct_unit_cost,
        purchasing_code=card.purchasing_code,
        tax_pct=card.tax_pct,
        created_from_catalog=True,
    )


def check_item_can_be_made(item: ItemCard | None) -> None:
    """There is one item of a catalog item."""
    if item is not None and not item.deleted:
        raise conflict("item-exists", f"item {item.no} already exists", item_no=item.no)


def catalog_card(entry_no: str, details: CatalogItemDetails) -> CatalogCard:
    """The entry that a PUT asks for."""
    return CatalogCard(entry_no=entry_no, **asdict(details))


def published_catalog_item(card: CatalogCard) -> contract.CatalogItem:
    """The catalog item as other services see it."""
    return msgspec.convert(card, contract.CatalogItem, from_attributes=True)
