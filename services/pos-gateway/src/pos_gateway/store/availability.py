"""What planning says of free stock, and what it does not know yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.keys import stock_no
from contracts.planning.stock import StockLevel
from eventkit.transaction import Queryable, fetch
from pos_gateway.domain.orders.availability import UnsentLine
from pos_gateway.domain.orders.order import CustomerOrder

LEVELS = text("""
SELECT body, received_at FROM copy WHERE kind = 'stock' AND no = ANY(CAST(:nos AS text[]))
""")

# The index of pending orders leads to them: there are few, the next pull takes them. Goods that are carried out count
# too: they have left a stock from which nothing is posted yet.
UNSENT = text("""
SELECT line->>'item_no' AS item_no, COALESCE(line->>'location_code', '') AS location_code,
       COALESCE(line->>'unit_of_measure_code', '') AS unit_of_measure_code,
       COALESCE(line->>'purchasing_code', '') AS purchasing_code,
       sum(CAST(line->>'quantity' AS numeric) - COALESCE(CAST(line->>'quantity_cancelled' AS numeric), 0)) AS quantity
FROM order_stage s JOIN customer_order o USING (confirmation_no), json_array_elements(o.body->'lines') AS line
WHERE s.status = 'pending' AND o.body->>'kind' IS DISTINCT FROM 'quote'
  AND (CAST(:before AS timestamptz) IS NULL
       OR (s.received_at, s.confirmation_no) < (CAST(:before AS timestamptz), CAST(:no AS text)))
  AND line->>'item_no' = ANY(CAST(:items AS text[]))
GROUP BY 1, 2, 3, 4
""")


async def unsent(
    where: Queryable, item_nos: Collection[str], before: CustomerOrder | None = None
) -> list[UnsentLine]:
    """What pending orders take of these items; `before`: only those that came before this order."""
    rows = await fetch(
        where,
        UNSENT,
        items=sorted(item_nos),
        before=before.received_at if before else None,
        no=before.confirmation_no if before else "",
    )
    return [UnsentLine(*row) for row in rows]


async def at_locations(
    conn: AsyncConnection, item_no: str, location_codes: Iterable[str]
) -> dict[str, tuple[Decimal, datetime]]:
    """Location → (free stock of the item in base units, as of); locations without a copy are absent."""
    nos = [stock_no(item_no, code) for code in sorted(set(location_codes))]
    found = {}
    for row in (await conn.execute(LEVELS, {"nos": nos})).all():
        level = msgspec.json.decode(row.body, type=StockLevel)
        found[level.location_code] = (level.unreserved, row.received_at)
    return found
