"""Order promises: what they are computed from, and those that sales has not decided yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.planning.requests import OrderPromise
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from planning.domain.promising.promising import Place, PromisingSupply, held_by
from planning.store import reservations
from planning.store.reservations import of_lines

STOCK = text("""
SELECT s.item_no, s.location_code, s.stock - s.allocated - s.reserved AS free
FROM stock s JOIN json_to_recordset(CAST(:places AS json)) AS p(item_no text, location_code text)
  ON p.item_no = s.item_no AND p.location_code = s.location_code
""")

# What is reserved counts on neither side: it serves the line that it is reserved for. Requisition lines that purchasing
# decides now count, and those that make another promise possible; what the order itself sells does not: it is promised
# anew.
MOVES = text(f"""
WITH p AS (
    SELECT item_no, location_code FROM json_to_recordset(CAST(:places AS json)) AS p(item_no text, location_code text)
)
SELECT o.item_no, o.location_code, o.due_date,
       sum((o.quantity - coalesce(r.reserved, 0)) * CASE o.source WHEN 'purchase' THEN 1 ELSE -1 END) AS quantity
FROM open_line o JOIN p ON p.item_no = o.item_no AND p.location_code = o.location_code
LEFT JOIN ({of_lines("(item_no, location_code) IN (SELECT item_no, location_code FROM p)")}) r USING (line_id)
WHERE NOT o.special_order AND NOT (o.source <> 'purchase' AND o.document_no = :sales_order_no)
GROUP BY o.item_no, o.location_code, o.due_date
UNION ALL
SELECT r.item_no, p.location_code, CAST(r.body ->> 'due_date' AS date),
       CAST(r.body ->> 'quantity' AS numeric) * coalesce(CAST(r.body ->> 'qty_per_unit_of_measure' AS numeric), 1)
FROM requisition_line r JOIN p ON p.item_no = r.item_no AND p.location_code = coalesce(r.body ->> 'location_code', '')
WHERE r.action_message IN ('', 'new')
  AND (r.status = 'carrying_out' OR (r.status = 'open' AND r.body ->> 'promise_id' IS NOT NULL))
  AND coalesce(r.body ->> 'special_order', 'false') = 'false'
  AND coalesce(r.body ->> 'drop_shipment', 'false') = 'false'
""")
ALLOCATED = text("SELECT sales_line_id, balance FROM allocation WHERE sales_order_no = :sales_order_no")

BEGIN = text("""
INSERT INTO order_promise (id, sales_order_no, body, created_at)
SELECT CAST(r.body ->> 'id' AS uuid), r.body ->> 'sales_order_no', r.body, :now
FROM json_array_elements(CAST(:rows AS json)) AS r(body)
""")
UNDER_WAY = text("SELECT sales_order_no FROM order_promise WHERE sales_order_no = ANY(CAST(:nos AS text[]))")
END = text("""
DELETE FROM order_promise
WHERE id = ANY(CAST(:ids AS uuid[])) OR sales_order_no = ANY(CAST(:deleted AS text[]))
RETURNING body
""")
# What is decided is gone: `open_only` is taken and leaves none out.
CURRENT: Final = """
SELECT CAST(id AS text) AS no, body FROM order_promise
WHERE (CAST(:nos AS text[]) IS NULL OR CAST(id AS text) = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR created_at >= CAST(:since AS timestamptz))
  AND CAST(:open_only AS boolean) IS NOT NULL
ORDER BY id
"""

PROMISE: Final = msgspec.json.Decoder(OrderPromise)


async def supply_of(where: Queryable, sales_order_no: str, places: Iterable[Place]) -> PromisingSupply:
    """What lines of a sales order find at items and locations."""
    rows = json_rows({"item_no": item_no, "location_code": code} for item_no, code in sorted(set(places)))
    own = await reservations.of_documents(where, [sales_order_no])
    moves: dict[Place, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in await fetch(where, MOVES, places=rows, sales_order_no=sales_order_no):
        moves[row[0], row[1]].append((row[2], row[3]))
    return PromisingSupply(
        stock={(row[0], row[1]): row[2] for row in await fetch(where, STOCK, places=rows)},
        moves=moves,
        allocated={row[0]: row[1] for row in await fetch(where, ALLOCATED, sales_order_no=sales_order_no)},
        held=held_by(own),
    )


async def under_way(tx: Transaction, nos: Iterable[str]) -> set[str]:
    """Those of these sales orders with a promise that sales has not decided; their demand is locked."""
    return {row[0] for row in await tx.all(UNDER_WAY, nos=sorted(set(nos)))}


async def begin(tx: Transaction, promises: Sequence[OrderPromise]) -> None:
    """Keep promises until sales has decided them."""
    if promises:
        await tx.run(BEGIN, rows=json_rows(promises), now=tx.now)


async def end(tx: Transaction, ids: Iterable[UUID], deleted: Iterable[str]) -> list[OrderPromise]:
    """Promises that had not ended: those that were decided, and those of deleted orders."""
    rows = await tx.all(END, ids=sorted(ids), deleted=sorted(deleted))
    return [PROMISE.decode(body) for (body,) in rows]
