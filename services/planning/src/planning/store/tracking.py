"""Which documents hang together, for order tracking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.topics import KINDS
from domainkit.timelines import POSTED
from eventkit import copies
from planning.domain.tracking import History, Told

PURCHASE_ORDERS_OF = text("""
SELECT DISTINCT body ->> 'purchase_order_no' FROM demand
WHERE sales_order_no = ANY(CAST(:nos AS text[])) AND body ->> 'purchase_order_no' IS NOT NULL
""")

SALES_ORDERS_OF_ITEM = text("""
SELECT DISTINCT sales_order_no FROM (
    SELECT sales_order_no FROM requisition_line
    WHERE item_no = :item_no AND sales_order_no <> '' ORDER BY id DESC LIMIT :limit
) AS newest
""")

HISTORY = text("""
SELECT t.kind, t.no, t.entry, t.at, t.by
FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[])) AS r(kind, no)
JOIN timeline t ON t.kind = r.kind AND t.no = r.no
ORDER BY t.at, t.place
""")


async def purchase_orders_of(conn: AsyncConnection, sales_order_nos: Iterable[str]) -> set[str]:
    """Purchase orders that serve these sales orders."""
    rows = await conn.execute(PURCHASE_ORDERS_OF, {"nos": sorted(set(sales_order_nos))})
    return {row[0] for row in rows.all()}


async def sales_orders_of_item(conn: AsyncConnection, item_no: str, limit: int) -> set[str]:
    """Sales orders for which the item was requisitioned, from the newest requisition lines."""
    rows = await conn.execute(SALES_ORDERS_OF_ITEM, {"item_no": item_no, "limit": limit})
    return {row[0] for row in rows.all()}


async def history(conn: AsyncConnection, nos: Iterable[tuple[str, str]]) -> History:
    """When and by whom these documents (kind, number) were made, and what was posted for them."""
    wanted = sorted(set(nos))
    found: History = {}
    kinds, numbers = [kind for kind, _ in wanted], [no for _, no in wanted]
    for row in await conn.execute(HISTORY, {"kinds": kinds, "nos": numbers}):
        told = Told(row.at, row.by)
        if row.entry.startswith(POSTED):
            found[row.kind, row.entry] = told
        else:
            found.setdefault((row.kind, row.no), told)
    return found


async def documents(conn: AsyncConnection, kind: str, nos: Iterable[str]) -> list[Any]:
    """Copies of sales or purchase orders, by number."""
    found = await copies.load(conn, KINDS[kind], nos)
    return [found[no] for no in sorted(found)]
