"""Orders together with what is known of their flagged lines, locked by one statement: what every act begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Transaction
from sales.domain.orders.context import ReservedQuantities
from sales.domain.orders.order import Order
from sales.domain.sourcing import Sourcing
from sales.store import reservations, sourcings
from sales.store.orders import ORDER
from sales.store.sourcings import SOURCING

# Orders are locked before their lines' rows, here as everywhere. `seen` is the version before any wait.
LOCK = text("""
WITH locked AS (
    SELECT no, version, body, created_at, updated_at FROM sales_order
    WHERE no = ANY(CAST(:nos AS text[])) AND NOT deleted ORDER BY no FOR UPDATE
), sourcings AS (
    SELECT body FROM line_sourcing
    WHERE sales_order_no = ANY(CAST(:nos AS text[])) ORDER BY sales_line_id FOR UPDATE
)
SELECT locked.body, locked.version <> seen.version AS waited, locked.created_at, locked.updated_at,
       (SELECT c.body FROM copy c WHERE c.kind = 'order-reservation' AND c.no = locked.no) AS reserved
FROM locked JOIN sales_order seen ON seen.no = locked.no
UNION ALL
SELECT sourcings.body, NULL, NULL, NULL, NULL FROM sourcings
""")


class LockedRows(msgspec.Struct, frozen=True):
    """Orders by number (unknown and deleted ones are absent), and what is known of their flagged lines by line.

    `times`: when each order was created and changed, by number. `reserved`: what planning has reserved, by line.
    """

    orders: dict[str, Order]
    sourcings: dict[UUID, Sourcing]
    times: Mapping[str, tuple[datetime, datetime]]
    reserved: ReservedQuantities = {}


async def lock(tx: Transaction, nos: Iterable[str]) -> LockedRows:
    """Lock orders by number with the rows of their flagged lines."""
    wanted = sorted(set(nos))
    if not wanted:
        return LockedRows({}, {}, {})
    rows = await tx.all(LOCK, nos=wanted)
    found = [(ORDER.decode(row.body), row) for row in rows if row.waited is not None]
    orders = {order.no: order for order, _ in found}
    times = {order.no: (row.created_at, row.updated_at) for order, row in found}
    reserved = reservations.reserved_by(row.reserved for _, row in found)
    flagged = {line.id for order in orders.values() for line in order.lines if line.flagged}
    # A statement sees what was committed before it began. If it waited for a transaction that changed an order, the
    # rows of lines that came with that change are not in its answer, so they are looked for again.
    if any(row.waited for row in rows):
        return LockedRows(orders, await sourcings.lock(tx, flagged), times, reserved)
    learned = (SOURCING.decode(row.body) for row in rows if row.waited is None)
    known = {s.sales_line_id: s for s in learned if s.sales_line_id in flagged}
    return LockedRows(orders, known, times, reserved)
