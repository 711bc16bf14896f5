"""Demand of sales orders with their requisition lines: locked and loaded whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from planning.domain.demand.rows import DemandRow, OrderDemand, RowKey
from planning.domain.requisitions.lines import RequisitionLine

# Inserts the rows that are missing and locks all of them, in the order of the numbers. An existing row is updated to
# what it is: that is its lock, which also holds when two transactions insert it at once.
LOCK_OR_CREATE = text("""
INSERT INTO demand_order AS o (sales_order_no, customer_no, updated_at)
SELECT r.no, r.customer_no, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, customer_no text) ORDER BY r.no
ON CONFLICT (sales_order_no) DO UPDATE SET customer_no = o.customer_no
RETURNING sales_order_no, customer_no, version, gettable, xmax = 0 AS is_new
""")

LOCK = text("""
SELECT sales_order_no, customer_no, version, gettable, false AS is_new
FROM demand_order WHERE sales_order_no = ANY(CAST(:nos AS text[]))
ORDER BY sales_order_no FOR UPDATE
""")

FIND = text("""
SELECT sales_order_no, customer_no, version, gettable, false AS is_new
FROM demand_order WHERE sales_order_no = ANY(CAST(:nos AS text[]))
""")

LOAD_ROWS = text("SELECT false AS is_line, body FROM demand WHERE sales_order_no = ANY(CAST(:nos AS text[]))")

# `status || ''` keeps PostgreSQL from the partial index of live lines, which it takes for tiny. It is large where
# worksheets hold many open lines, and until the vacuum has removed those that were carried out. The index by sales
# order is the right one.
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

# Open: planning or purchasing still has to decide about a line of the order.
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


async def lock_or_create(tx: Transaction, customers: Mapping[str, str]) -> dict[str, OrderDemand]:
    """The demand of these sales orders (number → customer), locked; created where there is none."""
    if not customers:
        return {}
    rows = json_rows({"no": no, "customer_no": customer} for no, customer in customers.items())
    return await _load(tx, await tx.all(LOCK_OR_CREATE, rows=rows, now=tx.now))


async def lock(tx: Transaction, nos: Iterable[str]) -> dict[str, OrderDemand]:
    """The demand of those of these sales orders that have any, locked."""
    wanted = sorted({no for no in nos if no})
    return await _load(tx, await tx.all(LOCK, nos=wanted)) if wanted else {}


async def find(where: Queryable, nos: Iterable[str]) -> dict[str, OrderDemand]:
    """The same, not locked: for people who ask."""
    wanted = sorted({no for no in nos if no})
    return await _load(where, await fetch(where, FIND, nos=wanted)) if wanted else {}


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
    """(number, customer, version, gettable, is new) → the demand; a new one has no rows yet."""
    nos = [no for no, *_, is_new in heads if not is_new]
    rows: dict[str, dict[RowKey, DemandRow]] = {head[0]: {} for head in heads}
    live: dict[str, dict[UUID, RequisitionLine]] = {head[0]: {} for head in heads}
    if nos:
        for is_line, body in await fetch(where, LOAD_ROWS_AND_LINES if lines else LOAD_ROWS, nos=nos):
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
