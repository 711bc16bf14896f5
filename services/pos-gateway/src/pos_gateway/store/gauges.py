"""What waits on its way to sales, in numbers, for metrics."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.gauges import Gauge

UNSYNCHRONIZED: Final = text("""
SELECT status, count(*) AS orders, CAST(extract(epoch FROM now() - min(received_at)) AS float) AS oldest_s
FROM order_stage WHERE status IN ('submitting', 'pending', 'pulled', 'failed', 'held') GROUP BY status
""")
KEEP_S: Final = 30.0
"""The query reads the stages of all orders, an index would cost every new one: not for each scrape."""


class OrderGauges:
    """Orders of tills that sales has not made, by status, and how long the oldest waits (P10)."""

    def __init__(self) -> None:
        self._known: Sequence[Gauge] = ()
        self._read_at = 0.0

    async def read(self, conn: AsyncConnection) -> Sequence[Gauge]:
        """The gauges, at most `KEEP_S` old."""
        if not self._known or time.monotonic() - self._read_at > KEEP_S:
            self._known = await _read(conn)
            self._read_at = time.monotonic()
        return self._known


async def _read(conn: AsyncConnection) -> Sequence[Gauge]:
    rows = sorted((await conn.execute(UNSYNCHRONIZED)).all())
    return [
        Gauge(
            "koppel_pos_unsynchronized",
            "Orders of tills that sales has not made, by status",
            [({"status": row.status}, float(row.orders)) for row in rows],
        ),
        Gauge(
            "koppel_pos_unsynchronized_age_seconds",
            "Since the oldest of them came, by status",
            [({"status": row.status}, row.oldest_s) for row in rows],
        ),
    ]
