"""Demand of sales orders with their requisition lines: locked and loaded whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from planning.domain.demand import DemandRow, OrderDemand
from planning.domain.requisition import RequisitionLine

# Writes the rows that are missing and locks all of them, in the order of the numbers. A row that was there is
# written again as it is: that is its lock, and it is there also when two make it at once.
LOCK_OR_MAKE = text("""
INSERT INTO demand_order AS o (sales_order_no, customer_no, updated_at)
SELECT no, customer_no, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, customer_no text) ORDER BY no
ON CONFLICT (sales_order_no) DO UPDATE SET customer_no = o.customer_no
RETURNING sales_order_no, customer_no, version, gettable, xmax = 0 AS made
""")

LOCK = text("""
SELECT sales_order_no, customer_no, version, gettable, false AS made
FROM demand_order WHERE sales_order_no = ANY(CAST(:nos AS text[]))
ORDER BY sales_order_no FOR UPDATE
""")

LOAD_ROWS = text("SELECT false AS is_line, body FROM demand WHERE sales_order_no = ANY(CAST(:nos AS text[]))")

# The status is hidden from the planner: the partial index of live lines looks tiny to it and is anything but, where
# worksheets hold many open lines, or until the vacuum has removed those that went through.
LOAD_ROWS_AND_LINES = text("""
SELECT false AS is_line, body FROM demand WHERE sales_order_no = ANY(CAST(:nos AS text[]))
UNION ALL
SELECT true, body FROM requisition_line
WHERE sales_order_no <> '' AND sales_order_no = ANY(CAST(:nos AS text[]))
  AND status || '' IN ('open', 'carrying_out')
""")

GETTABLE = text("""
SELECT sales_order_no FROM demand_order
WHERE gettable
  AND (CAST(:sales_order_no AS text) = '' OR sales_order_no = :sales_order_no)
  AND (CAST(:customer_no AS text) = '' OR customer_no = :customer_no)
ORDER BY sales_order_no LIMIT :limit
""")

CURRENT = text("""
SELECT sales_order_no, customer_no, version, gettable FROM demand_order
WHERE version > 0
  AND (CAST(:nos AS text[]) IS NULL OR sales_order_no = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
  AND (NOT :open_only OR EXISTS (
      SELECT FROM demand d WHERE d.sales_order_no = demand_order.sales_order_no
      AND d.state IN ('awaiting_requisition', 'requisitioned', 'requested')))
ORDER BY sales_order_no
""")
CURRENT_LOCKED = text(f"{CURRENT.text.rstrip()} FOR SHARE")

_ROW: Final = msgspec.json.Decoder(DemandRow)
_LINE: Final = msgspec.json.Decoder(RequisitionLine)


async def lock_or_make(tx: Transaction, customers: Mapping[str, str]) -> dict[str, OrderDemand]:
    """The demand of these sales orders (number → customer), made where there is none, locked until the end."""
    if not customers:
        return {}
    rows = json_rows({"no": no, "customer_no": customer} for no, customer in customers.items())
    return await _load(tx, await tx.all(LOCK_OR_MAKE, rows=rows, now=tx.now))


async def lock(tx: Transaction, nos: Iterable[str]) -> dict[str, OrderDemand]:
    """The demand of those of these sales orders that have any, locked until the end."""
    wanted = sorted({no for no in nos if no})
    return await _load(tx, await tx.all(LOCK, nos=wanted)) if wanted else {}


async def gettable_orders(
    tx: Transaction, *, sales_order_no: str = "", customer_no: str = "", limit: int
) -> list[str]:
    """Sales orders that *get sales orders* should look at, by number."""
    rows = await tx.all(GETTABLE, sales_order_no=sales_order_no, customer_no=customer_no, limit=limit)
    return [row[0] for row in rows]


async def current(
    conn: Queryable, nos: Sequence[str] | None, since: Any, *, open_only: bool
) -> list[OrderDemand]:
    """Demands for republication, by number; locked against change where numbers are given."""
    statement = CURRENT if nos is None else CURRENT_LOCKED
    params = {"nos": None if nos is None else list(nos), "since": since, "open_only": open_only}
    heads = [(*row, False) for row in await fetch(conn, statement, **params)]
    return list((await _load(conn, heads, lines=False)).values())


async def _load(where: Queryable, heads: Sequence[Any], *, lines: bool = True) -> dict[str, OrderDemand]:
    """A demand that was only just made has no rows yet."""
    old = [head[0] for head in heads if not head[4]]
    rows: dict[str, dict[tuple[UUID, int], DemandRow]] = {head[0]: {} for head in heads}
    live: dict[str, dict[UUID, RequisitionLine]] = {head[0]: {} for head in heads}
    if old:
        for is_line, body in await fetch(where, LOAD_ROWS_AND_LINES if lines else LOAD_ROWS, nos=old):
            if is_line:
                line = _LINE.decode(body)
                live[line.sales_order_no][line.id] = line
            else:
                row = _ROW.decode(body)
                rows[row.sales_order_no][row.key] = row
    return {
        no: OrderDemand(
            sales_order_no=no,
            customer_no=customer_no,
            version=version,
            gettable=gettable,
            rows=rows[no],
            lines=live[no],
        )
        for no, customer_no, version, gettable, _ in heads
    }
