"""What planning says of free stock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.keys import stock_no
from contracts.planning import StockLevel

LEVELS = text("""
SELECT body, received_at FROM copy WHERE kind = 'stock' AND no = ANY(CAST(:nos AS text[]))
""")


async def at_locations(
    conn: AsyncConnection, item_no: str, location_codes: Iterable[str]
) -> dict[str, tuple[Decimal, datetime]]:
    """Location → (free stock of the item in base units, as of); locations without a copy are absent."""
    nos = [stock_no(item_no, code) for code in sorted(set(location_codes))]
    found = {}
    for row in (await conn.execute(LEVELS, {"nos": nos})).all():
        level = msgspec.json.decode(row.body, type=StockLevel)
        found[level.location_code] = (level.stock - level.allocated, row.received_at)
    return found
