"""Orders together with what is known of their flagged lines, locked by one statement: what every act begins with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from eventkit.transaction import Transaction
from sales.domain.orders.order import Order
from sales.domain.sourcing import Sourcing
from sales.store import sourcings
from sales.store.orders import ORDER
from sales.store.sourcings import SOURCING

# Orders are locked before their lines' rows, here as everywhere. `seen` is the version before any wait.
LOCK = text("""
WITH locked AS (
    SELECT no, version, body FROM sales_order
    WHERE no = ANY(CAST(:nos AS text[])) AND NOT deleted ORDER BY no FOR UPDATE
), sourcings AS (
    SELECT body FROM line_sourcing
    WHERE sales_order_no = ANY(CAST(:nos AS text[])) ORDER BY sales_line_id FOR UPDATE
)
SELECT locked.body, locked.version <> seen.version AS waited
FROM locked JOIN sales_order seen ON seen.no = locked.no
UNION ALL
SELECT sourcings.body, NULL FROM sourcings
""")


async def lock(tx: Transaction, nos: Iterable[str]) -> tuple[dict[str, Order], dict[UUID, Sourcing]]:
    """Orders by number (unknown and deleted ones are absent), and what is known of their flagged lines by line."""
    wanted = sorted(set(nos))
    if not wanted:
        return {}, {}
    rows = await tx.all(LOCK, nos=wanted)
    found = [ORDER.decode(row.body) for row in rows if row.waited is not None]
    flagged = {line.id for order in found for line in order.lines if line.flagged}
    orders = {order.no: order for order in found}
    # A statement sees what was committed before it began. If it waited for a transaction that changed an order, the
    # rows of lines that came with that change are not in its answer, so they are looked for again.
    if any(row.waited for row in rows):
        return orders, await sourcings.lock(tx, flagged)
    learned = (SOURCING.decode(row.body) for row in rows if row.waited is None)
    return orders, {each.sales_line_id: each for each in learned if each.sales_line_id in flagged}
