"""Demand of sales orders with their requisition lines: locked and loaded whole.

All that a batch decides (but for stock and runs) is stored in one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.planning import PurchaseRequest
from eventkit.transaction import Transaction, fetch, json_rows, json_texts
from planning.domain.availability import OpenLine
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

# What one batch decided, in one statement: each part is empty where nothing changed.
STORE = text("""
WITH d AS (
    INSERT INTO demand (sales_line_id, generation, body)
    SELECT CAST(b ->> 'sales_line_id' AS uuid), CAST(b ->> 'generation' AS int), b
    FROM jsonb_array_elements(CAST(:demands AS jsonb)) AS b
    ON CONFLICT (sales_line_id, generation) DO UPDATE SET body = excluded.body
), l AS (
    INSERT INTO requisition_line (id, body, updated_at)
    SELECT CAST(b ->> 'id' AS uuid), b, :now FROM jsonb_array_elements(CAST(:lines AS jsonb)) AS b
    ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
), q AS (
    INSERT INTO purchase_request (id, body, updated_at)
    SELECT id, body, :now FROM unnest(CAST(:request_ids AS uuid[]), CAST(:requests AS json[])) AS r(id, body)
    ON CONFLICT (id) DO NOTHING
), decided AS (
    UPDATE purchase_request q
    SET status = r.status, purchase_order_no = r.purchase_order_no, updated_at = :now
    FROM json_to_recordset(CAST(:decided AS json)) AS r(id uuid, status text, purchase_order_no text)
    WHERE q.id = r.id AND q.status = 'requested'
), closed AS (
    DELETE FROM open_line WHERE line_id = ANY(CAST(:closed AS uuid[]))
), opened AS (
    INSERT INTO open_line (line_id, source, document_no, line_no, item_no, location_code, due_date, quantity)
    SELECT line_id, source, document_no, line_no, item_no, location_code, due_date, quantity
    FROM json_to_recordset(CAST(:opened AS json)) AS r(
        line_id uuid, source text, document_no text, line_no int, item_no text, location_code text, due_date date,
        quantity numeric)
    ORDER BY line_id
    ON CONFLICT (line_id) DO UPDATE
    SET item_no = excluded.item_no, location_code = excluded.location_code, due_date = excluded.due_date,
        quantity = excluded.quantity
)
UPDATE demand_order o
SET customer_no = r.customer_no, version = r.version, gettable = r.gettable, updated_at = :now
FROM json_to_recordset(CAST(:orders AS json))
     AS r(sales_order_no text, customer_no text, version int, gettable boolean)
WHERE o.sales_order_no = r.sales_order_no
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


class Decided:
    """What a batch decided, collected to be stored with one statement."""

    def __init__(self) -> None:
        self._before: dict[str, OrderDemand] = {}
        self._after: dict[str, OrderDemand] = {}
        self._requests: list[PurchaseRequest] = []
        self._lines: list[RequisitionLine] = []
        self._outcomes: list[dict[str, Any]] = []
        self._opened: list[OpenLine] = []
        self._closed: set[UUID] = set()

    def add(self, before: OrderDemand, after: OrderDemand, requests: Iterable[PurchaseRequest] = ()) -> None:
        """A decision; the next one about the same order starts from `after`."""
        self._before.setdefault(before.sales_order_no, before)
        self._after[after.sales_order_no] = after
        self._requests += requests

    def ask(self, requests: Iterable[PurchaseRequest]) -> None:
        """Purchase requests over several sales orders."""
        self._requests += requests

    def settle(self, request_id: UUID, outcome: str, purchase_order_no: str) -> None:
        """How purchasing decided a request; the first outcome stands."""
        self._outcomes.append({"id": request_id, "status": outcome, "purchase_order_no": purchase_order_no})

    def change(self, lines: Iterable[RequisitionLine]) -> None:
        """Changed requisition lines that serve no sales order."""
        self._lines += lines

    def move(self, opened: Iterable[OpenLine], closed: Iterable[UUID]) -> None:
        """Lines of orders that have something to move, and those that have nothing any more."""
        self._opened += opened
        self._closed.update(closed)

    def told(self) -> list[tuple[OrderDemand, OrderDemand]]:
        """(before, after) of those that planning itself changed."""
        pairs = ((self._before[no], self._final(no)) for no in self._after)
        return [(before, after) for before, after in pairs if before.version != after.version]

    def changed_lines(self) -> list[tuple[RequisitionLine | None, RequisitionLine]]:
        """(before, after) of requisition lines."""
        return [
            (self._before[no].lines.get(line.id), line)
            for no, after in self._after.items()
            for line in after.lines.values()
            if self._before[no].lines.get(line.id) is not line
        ]

    async def store(self, tx: Transaction) -> None:
        """Write what changed."""
        rows = [
            row
            for no, after in self._after.items()
            for key, row in after.rows.items()
            if self._before[no].rows.get(key) is not row
        ]
        lines = [line for _, line in self.changed_lines()] + self._lines
        orders = [_order_row(self._final(no)) for no in self._after if self._head_changed(no)]
        if any((rows, lines, orders, self._requests, self._outcomes, self._opened, self._closed)):
            await tx.run(
                STORE,
                demands=json_rows(rows),
                lines=json_rows(lines),
                request_ids=[request.id for request in self._requests],
                requests=json_texts(self._requests),
                decided=json_rows(self._outcomes),
                opened=json_rows(self._opened),
                closed=sorted(self._closed),
                orders=json_rows(orders),
                now=tx.now,
            )

    def _final(self, no: str) -> OrderDemand:
        """However often a batch acted on a demand, its version goes up by one: it is told once."""
        before, after = self._before[no], self._after[no]
        return msgspec.structs.replace(after, version=min(after.version, before.version + 1))

    def _head_changed(self, no: str) -> bool:
        before, after = self._before[no], self._after[no]
        return (before.version, before.gettable, before.customer_no) != (
            after.version,
            after.gettable,
            after.customer_no,
        )


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
    conn: AsyncConnection, nos: Sequence[str] | None, since: Any, *, open_only: bool
) -> list[OrderDemand]:
    """Demands for republication, by number; locked against change where numbers are given."""
    statement = CURRENT if nos is None else CURRENT_LOCKED
    params = {"nos": None if nos is None else list(nos), "since": since, "open_only": open_only}
    heads = [(*row, False) for row in (await conn.execute(statement, params)).all()]
    return list((await _load(conn, heads, lines=False)).values())


async def _load(
    where: Transaction | AsyncConnection, heads: Sequence[Any], *, lines: bool = True
) -> dict[str, OrderDemand]:
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


def _order_row(demand: OrderDemand) -> dict[str, Any]:
    return {
        "sales_order_no": demand.sales_order_no,
        "customer_no": demand.customer_no,
        "version": demand.version,
        "gettable": demand.gettable,
    }
