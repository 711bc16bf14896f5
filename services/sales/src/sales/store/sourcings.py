"""What was learned about the supply of flagged lines, one row per sales line.

The check on `shipped` is what no race can pass: a special order ships no more than was received for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction, json_rows, json_texts
from sales.domain.sourcing import Sourcing

LOCK = text("""
SELECT body FROM line_sourcing WHERE sales_line_id = ANY(CAST(:ids AS uuid[])) ORDER BY sales_line_id FOR UPDATE
""")

STORE = text("""
INSERT INTO line_sourcing AS s (sales_line_id, sales_order_no, sales_order_line_no, special_order, state,
                                vendor_no, purchase_order_no, granted, shipped, revision, body, updated_at)
SELECT sales_line_id, sales_order_no, sales_order_line_no, special_order, state, vendor_no,
       purchase_order_no, granted, shipped, revision, unnest, :now
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    sales_line_id uuid, sales_order_no text, sales_order_line_no int, special_order boolean,
    state text, vendor_no text, purchase_order_no text, granted numeric, shipped numeric,
    revision bigint), unnest(CAST(:bodies AS json[]))) AS r
ORDER BY sales_line_id
ON CONFLICT (sales_line_id) DO UPDATE
SET special_order = excluded.special_order, state = excluded.state,
    vendor_no = excluded.vendor_no, purchase_order_no = excluded.purchase_order_no, granted = excluded.granted,
    shipped = excluded.shipped, revision = excluded.revision, body = excluded.body, updated_at = excluded.updated_at
WHERE s.revision = excluded.revision - 1
RETURNING sales_line_id
""")

OF_ORDER = text("SELECT body FROM line_sourcing WHERE sales_order_no = :no")

SOURCING = msgspec.json.Decoder(Sourcing)


async def lock(tx: Transaction, line_ids: Iterable[UUID]) -> dict[UUID, Sourcing]:
    """What is known of these lines, locked in the order of their ids."""
    ids = sorted(set(line_ids))
    if not ids:
        return {}
    found = (SOURCING.decode(body) for (body,) in await tx.all(LOCK, ids=ids))
    return {sourcing.sales_line_id: sourcing for sourcing in found}


async def store(tx: Transaction, learned: Sequence[Sourcing]) -> list[Sourcing]:
    """Insert or replace rows; as they are stored now.

    A row that somebody else made since it was looked for starts all over (a transient error).
    """
    if not learned:
        return []
    rows = [replace(each, revision=each.revision + 1) for each in learned]
    stored = await tx.all(STORE, rows=json_rows(map(_row, rows)), bodies=json_texts(rows), now=tx.now)
    if len(stored) < len(rows):
        raise OvertakenError(f"{len(rows) - len(stored)} lines were learned of by another process meanwhile")
    return rows


async def of_order(conn: AsyncConnection, no: str) -> dict[UUID, Sourcing]:
    """What is known of an order's lines."""
    rows = (await conn.execute(OF_ORDER, {"no": no})).all()
    found = (SOURCING.decode(body) for (body,) in rows)
    return {sourcing.sales_line_id: sourcing for sourcing in found}


def _row(known: Sourcing) -> dict[str, Any]:
    link = known.counting
    vendor = link.vendor_no if link else known.demand.vendor_no if known.demand else ""
    return {
        "sales_line_id": known.sales_line_id,
        "sales_order_no": known.sales_order_no,
        "sales_order_line_no": known.sales_order_line_no,
        "special_order": known.special_order,
        "state": known.state,
        "vendor_no": vendor,
        "purchase_order_no": link.purchase_order_no if link and not link.deleted else "",
        "granted": known.granted,
        "shipped": known.shipped,
        "revision": known.revision,
    }
