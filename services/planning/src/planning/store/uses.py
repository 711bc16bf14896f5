"""Which master data is used: by goods that moved, by documents that are open, by requisition lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import text

from eventkit.transaction import Transaction

# Requisition lines keep what was bought, drop shipments too, which touch no stock. A row of `stock` is never deleted.
ITEMS: Final = text("""
SELECT i.no FROM unnest(CAST(:nos AS text[])) AS i(no)
WHERE EXISTS (SELECT FROM stock s WHERE s.item_no = i.no AND s.version > 0)
   OR EXISTS (SELECT FROM open_line o WHERE o.item_no = i.no)
   OR EXISTS (SELECT FROM requisition_line r WHERE r.item_no = i.no AND r.status <> 'cancelled')
""")
LOCATIONS: Final = text("""
SELECT l.no FROM unnest(CAST(:nos AS text[])) AS l(no)
WHERE EXISTS (SELECT FROM stock s WHERE s.location_code = l.no AND s.version > 0)
   OR EXISTS (SELECT FROM open_line o WHERE o.location_code = l.no)
   OR EXISTS (SELECT FROM requisition_line r
              WHERE r.status IN ('open', 'carrying_out') AND r.body ->> 'location_code' = l.no)
""")


async def used_items(tx: Transaction, nos: Iterable[str]) -> set[str]:
    """Which of these items moved, are on open documents, or were requisitioned."""
    return {row[0] for row in await tx.all(ITEMS, nos=sorted(set(nos)))}


async def used_locations(tx: Transaction, codes: Iterable[str]) -> set[str]:
    """At which of these locations goods moved, or shall move."""
    return {row[0] for row in await tx.all(LOCATIONS, nos=sorted(set(codes)))}
