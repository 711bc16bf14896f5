"""What sales and purchase lines still have to move, read for availability; written with what a batch decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

SUM = text("""
SELECT coalesce(sum(quantity) FILTER (WHERE source <> 'purchase'), 0),
       coalesce(sum(quantity) FILTER (WHERE source = 'purchase'), 0)
FROM open_line
WHERE item_no = :item_no AND (CAST(:location_code AS text) IS NULL OR location_code = :location_code)
  AND (CAST(:day AS date) IS NULL OR due_date <= :day)
""")

DOCUMENTS_OF_ITEM = text("""
SELECT DISTINCT document_no FROM open_line WHERE item_no = :item_no AND source = :source
ORDER BY document_no LIMIT :limit
""")


async def sums(
    conn: AsyncConnection, item_no: str, location_code: str | None, day: date | None
) -> tuple[Decimal, Decimal]:
    """(gross requirements, scheduled receipts) up to a day."""
    params = {"item_no": item_no, "location_code": location_code, "day": day}
    sale, purchase = (await conn.execute(SUM, params)).one()
    return sale, purchase


async def documents_of_item(conn: AsyncConnection, item_no: str, source: str, limit: int) -> list[str]:
    """Numbers of documents (`source`: `sale` or `purchase`) that still have to move the item."""
    params = {"item_no": item_no, "source": source, "limit": limit}
    return [row[0] for row in (await conn.execute(DOCUMENTS_OF_ITEM, params)).all()]
