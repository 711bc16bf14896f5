"""The state of all orders in numbers, for metrics."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sales.domain.sourcing import NOT_BOUGHT
from servicekit.gauges import Gauge, gauge

LINES: Final = text("""
SELECT sourcing_state AS state, count(*) AS lines,
       count(*) FILTER (WHERE released_at < now() - CAST(:overdue AS interval)) AS overdue,
       CAST(extract(epoch FROM now() - min(released_at)) AS float) AS oldest_s
FROM open_sales_line WHERE sourcing_state <> 'none' AND outstanding > 0 AND released_at IS NOT NULL
GROUP BY sourcing_state
""")
UNSYNCHRONIZED: Final = text("""
SELECT status, count(*) AS transactions, CAST(extract(epoch FROM now() - min(received_at)) AS float) AS oldest_s
FROM channel_transaction WHERE status <> 'succeeded' AND status <> 'void' GROUP BY status
""")
FAILED_ACTS: Final = text("""
SELECT count(*) AS transactions FROM channel_transaction WHERE acts_open AND status = 'succeeded'
""")
KEEP_S: Final = 30.0
"""The query reads all open orders (a second for 10,000 of them), so it is not repeated for each scrape."""


class LineGauges:
    """Flagged lines of released orders: how many are at which stage, and how long the oldest waits to be bought."""

    def __init__(self, overdue_after: timedelta) -> None:
        self._overdue_after = overdue_after
        self._known: Sequence[Gauge] = ()
        self._read_at = 0.0

    async def read(self, conn: AsyncConnection) -> Sequence[Gauge]:
        """The gauges, at most `KEEP_S` old."""
        if not self._known or time.monotonic() - self._read_at > KEEP_S:
            self._known = await self._read(conn)
            self._read_at = time.monotonic()
        return self._known

    async def _read(self, conn: AsyncConnection) -> Sequence[Gauge]:
        rows = {row.state: row for row in await conn.execute(LINES, {"overdue": self._overdue_after})}
        not_bought = [rows[state] for state in NOT_BOUGHT if state in rows]
        exceptions = rows["exception"].lines if "exception" in rows else 0
        return [
            Gauge(
                "koppel_sales_lines",
                "Flagged lines of released orders that have not left, by stage of their supply",
                [({"state": state}, float(row.lines)) for state, row in sorted(rows.items())],
            ),
            gauge("koppel_sales_exceptions", "Lines whose supply needs a person's answer", exceptions),
            gauge(
                "koppel_sales_overdue_procurements",
                "Released lines that are not bought within the set time",
                sum(row.overdue for row in not_bought),
            ),
            gauge(
                "koppel_sales_procurement_age_seconds",
                "Since the release of the oldest line that is not bought; 0: all are",
                max((row.oldest_s for row in not_bought), default=0),
            ),
            *await _of_tills(conn),
        ]


async def _of_tills(conn: AsyncConnection) -> Sequence[Gauge]:
    """Tills' orders that sales has not made yet, and acts on made ones that failed (POS-108)."""
    rows = sorted((await conn.execute(UNSYNCHRONIZED)).all())
    failed = (await conn.execute(FAILED_ACTS)).scalar_one()
    return [
        Gauge(
            "koppel_sales_unsynchronized",
            "Transactions of tills without a sales order, by status",
            [({"status": row.status}, float(row.transactions)) for row in rows],
        ),
        Gauge(
            "koppel_sales_unsynchronized_age_seconds",
            "Since the oldest of them came, by status",
            [({"status": row.status}, row.oldest_s) for row in rows],
        ),
        gauge(
            "koppel_sales_failed_acts", "Orders of tills with an act that could not be carried out", failed
        ),
    ]
