"""Catalog items by what must be unique among them; indexes of the table refuse a second one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows
from planning.domain.masters.catalog_items import CatalogCard
from planning.store.kinds import CATALOG_ITEM, KINDS_OF_PLANNING

BY_ITEM_NO: Final = text("""
SELECT body FROM master
WHERE kind = 'catalog-item' AND NOT deleted AND body ->> 'item_no' = ANY(CAST(:nos AS text[]))
""")

OF_VENDORS: Final = text("""
SELECT m.body FROM json_to_recordset(CAST(:wanted AS json)) AS w(vendor_no text, vendor_item_no text)
JOIN master m ON m.kind = 'catalog-item' AND NOT m.deleted
    AND m.body ->> 'vendor_no' = w.vendor_no AND m.body ->> 'vendor_item_no' = w.vendor_item_no
""")


async def by_item_no(tx: Transaction, nos: Iterable[str]) -> dict[str, CatalogCard]:
    """The entries for which these item numbers are reserved, by that number."""
    rows = await tx.all(BY_ITEM_NO, nos=sorted(set(nos)))
    cards = (_card(body) for (body,) in rows)
    return {card.item_no: card for card in cards}


async def of_vendors(
    tx: Transaction, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], CatalogCard]:
    """The entries of these vendors and vendors' numbers."""
    pairs = ({"vendor_no": vendor, "vendor_item_no": number} for vendor, number in wanted)
    rows = await tx.all(OF_VENDORS, wanted=json_rows(pairs))
    cards = (_card(body) for (body,) in rows)
    return {card.of_vendor: card for card in cards}


def _card(body: str) -> CatalogCard:
    card: CatalogCard = KINDS_OF_PLANNING.decode(CATALOG_ITEM, body)
    return card
