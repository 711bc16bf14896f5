"""Stock as planning has published it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import text

from contracts.keys import stock_no
from contracts.planning.stock import StockLevel
from eventkit.statements import Row
from eventkit.transaction import Transaction, json_rows
from sales.domain.orders.stock_outs import FreeStock, Place

# An item without a copy is new here, and goods like most. Stock that never moved has no copy either: there is none.
FREE: Final = text("""
SELECT k.item_no, k.location_code, s.body
FROM json_to_recordset(CAST(:places AS json)) AS k(item_no text, location_code text, no text)
LEFT JOIN copy i ON i.kind = 'item' AND i.no = k.item_no
LEFT JOIN copy s ON s.kind = 'stock' AND s.no = k.no
WHERE coalesce(i.body ->> 'type', 'inventory') = 'inventory'
""")
_LEVEL: Final = msgspec.json.Decoder(StockLevel)


async def free_stock(tx: Transaction, places: Iterable[Place]) -> FreeStock:
    """What may be sold of these items at these locations; items without stock, such as services, are absent."""
    return {place: level.unreserved for place, level in (await stock_levels(tx, places)).items()}


async def stock_levels(tx: Transaction, places: Iterable[Place]) -> dict[Place, StockLevel]:
    """Stock of these items at these locations; items without stock, such as services, are absent."""
    rows = [
        {"item_no": item, "location_code": location, "no": stock_no(item, location)}
        for item, location in sorted(set(places))
    ]
    if not rows:
        return {}
    return {
        (row.item_no, row.location_code): _LEVEL.decode(row.body) if row.body else _none(row)
        for row in await tx.all(FREE, places=json_rows(rows))
    }


def _none(row: Row) -> StockLevel:
    return StockLevel(version=0, item_no=row.item_no, location_code=row.location_code)
