"""What sales and purchase lines still have to move: kept from snapshots, read for availability."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit.transaction import Transaction, json_rows
from planning.domain.availability import OpenLine

STORE = text("""
WITH gone AS (
    DELETE FROM open_line WHERE line_id = ANY(CAST(:gone AS uuid[]))
)
INSERT INTO open_line (line_id, source, document_no, line_no, item_no, location_code, due_date, quantity)
SELECT line_id, source, document_no, line_no, item_no, location_code, due_date, quantity
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    line_id uuid, source text, document_no text, line_no int, item_no text, location_code text, due_date date,
    quantity numeric)
ORDER BY line_id
ON CONFLICT (line_id) DO UPDATE
SET item_no = excluded.item_no, location_code = excluded.location_code, due_date = excluded.due_date,
    quantity = excluded.quantity
""")

SUM = text("""
SELECT coalesce(sum(quantity) FILTER (WHERE source = 'sale'), 0),
       coalesce(sum(quantity) FILTER (WHERE source = 'purchase'), 0)
FROM open_line
WHERE item_no = :item_no AND (CAST(:location_code AS text) IS NULL OR location_code = :location_code)
  AND (CAST(:day AS date) IS NULL OR due_date <= :day)
""")

DOCUMENTS_OF_ITEM = text("""
SELECT DISTINCT document_no FROM open_line WHERE item_no = :item_no AND source = :source
ORDER BY document_no LIMIT :limit
""")


async def store(tx: Transaction, lines: Iterable[OpenLine], gone: Iterable[UUID]) -> None:
    """Insert or replace open lines, forget those that have nothing open any more."""
    rows, lost = list(lines), sorted(set(gone))
    if rows or lost:
        await tx.run(STORE, rows=json_rows(rows), gone=lost)


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
