"""What an item's projected inventory is made of: free stock, open lines and live requisition lines."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.stock.availability import OpenLine
from planning.store.requisitions import LINE

_AT_LOCATION: Final = "(CAST(:location_code AS text) IS NULL OR location_code = :location_code)"
_WANTED: Final = f"item_no = :item_no AND {_AT_LOCATION} AND NOT special_order"
# What is overdue is always read wholly: it decides the stock of the first day.
OPEN_LINES: Final = text(f"""
SELECT line_id, source, document_no, line_no, item_no, location_code, due_date, quantity
FROM open_line WHERE {_WANTED} AND (CAST(:to_date AS date) IS NULL OR due_date <= :to_date)
ORDER BY due_date, line_id
LIMIT :limit + (SELECT count(*) FROM open_line WHERE {_WANTED} AND due_date <= :from_date)
""")
# Without lines that are bought for one sales line; those of a proposal buy into stock.
LIVE_REQUISITIONS: Final = text("""
SELECT body FROM requisition_line
WHERE item_no = :item_no AND status IN ('open', 'carrying_out')
  AND (CAST(:location_code AS text) IS NULL OR body ->> 'location_code' = :location_code
       OR (:location_code = '' AND body ->> 'location_code' IS NULL))
  AND coalesce(body ->> 'special_order', 'false') = 'false'
  AND coalesce(body ->> 'drop_shipment', 'false') = 'false'
ORDER BY id LIMIT :limit
""")


async def open_lines(
    conn: AsyncConnection,
    item_no: str,
    location_code: str | None,
    days: tuple[date, date | None],
    limit: int,
) -> list[OpenLine]:
    """Lines that move stock which is kept for no order, in the order of their days; so many after the first day.

    `days`: the first one, and the last one or None.
    """
    params = {
        "item_no": item_no,
        "location_code": location_code,
        "from_date": days[0],
        "to_date": days[1],
        "limit": limit,
    }
    return [OpenLine(**row) for row in (await conn.execute(OPEN_LINES, params)).mappings()]


async def live_requisitions(
    conn: AsyncConnection, item_no: str, location_code: str | None, limit: int
) -> list[RequisitionLine]:
    """Requisition lines that buy into stock or change what comes: open ones, and those being carried out."""
    params = {"item_no": item_no, "location_code": location_code, "limit": limit}
    rows = await conn.execute(LIVE_REQUISITIONS, params)
    return [LINE.decode(row.body) for row in rows]
