"""Requisition lines one by one, and carry-out runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, fetch_one, json_fields, json_rows, json_texts
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.runs import CarryOutRun
from recordkit.stored import StoredDocument

FIND_LINES = text("SELECT body FROM requisition_line WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")
FIND_LINE = text("SELECT body, created_at, updated_at FROM requisition_line WHERE id = :id")
LOCK_LINES = text(f"{FIND_LINES.text.rstrip()} FOR UPDATE")

ACCEPTED_LINES = text("""
SELECT body FROM requisition_line
WHERE worksheet = :worksheet AND status = 'open' AND CAST(body ->> 'accept_action_message' AS boolean)
ORDER BY id LIMIT :limit
""")

INSERT_LINES = text("""
INSERT INTO requisition_line (id, worksheet, status, action_message, item_no, vendor_no, sales_order_no,
                              sales_line_id, body, created_at, updated_at)
SELECT r.id, r.worksheet, r.status, r.action_message, r.item_no, r.vendor_no, r.sales_order_no, r.sales_line_id, r.body,
       CAST(:now AS timestamptz), CAST(:now AS timestamptz)
FROM ROWS FROM (
    json_to_recordset(CAST(:new_lines AS json))
        AS (id uuid, worksheet text, status text, action_message text, item_no text, vendor_no text,
            sales_order_no text, sales_line_id uuid),
    unnest(CAST(:new_line_bodies AS json[]))
) AS r(id, worksheet, status, action_message, item_no, vendor_no, sales_order_no, sales_line_id, body)
""")

LINES_OF_ORDERS = text("""
SELECT body FROM requisition_line
WHERE sales_order_no <> '' AND sales_order_no = ANY(CAST(:nos AS text[]))
UNION ALL
SELECT body FROM requisition_line
WHERE sales_order_no = '' AND body -> 'planned_for' IS NOT NULL
  AND body -> 'planned_for' ->> 'sales_order_no' = ANY(CAST(:nos AS text[]))
""")

# From the request itself, which never changes: requisition lines may belong to a later request by now. Whose demand
# guards a line says the line: a request also names sales lines that it buys for without being theirs.
REQUEST_LINES = text("""
SELECT r.id, r.sales_order_no
FROM purchase_request q
CROSS JOIN LATERAL (
    SELECT l ->> 'requisition_line_id' AS id FROM json_array_elements(q.body -> 'lines') AS l
    UNION ALL
    SELECT q.body -> 'reschedule' ->> 'requisition_line_id') asked
JOIN requisition_line r ON r.id = CAST(asked.id AS uuid)
WHERE q.id = ANY(CAST(:ids AS uuid[]))
""")

# By a planning run alone: those about a sale's own purchase are guarded by its demand's lock.
MESSAGES_ABOUT = text("""
SELECT body FROM requisition_line
WHERE status = 'open' AND body ->> 'plan_id' IS NOT NULL AND action_message NOT IN ('', 'new')
  AND body ->> 'purchase_order_no' = ANY(CAST(:nos AS text[]))
ORDER BY id FOR UPDATE
""")

NEW_OF_PLANS = text("""
SELECT body FROM requisition_line
WHERE status = 'open' AND body ->> 'plan_id' IS NOT NULL AND action_message = 'new'
  AND item_no = ANY(CAST(:item_nos AS text[]))
ORDER BY id FOR UPDATE
""")

LOCK_RUNS = text("SELECT body FROM carry_out_run WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
FIND_RUN = text("SELECT body FROM carry_out_run WHERE id = :id")
STORE_RUNS = text("""
INSERT INTO carry_out_run (id, body, updated_at)
SELECT CAST(r.body ->> 'id' AS uuid), r.body, :now FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS r(body)
ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
""")

LINE: Final = msgspec.json.Decoder(RequisitionLine)
_RUN: Final = msgspec.json.Decoder(CarryOutRun)


async def find_lines(where: Queryable, ids: Iterable[UUID]) -> list[RequisitionLine]:
    """Lines in the order of their ids, not locked; unknown ids are left out."""
    return [LINE.decode(body) for (body,) in await fetch(where, FIND_LINES, ids=list(ids))]


async def find_line(where: Queryable, id_: UUID) -> StoredDocument[RequisitionLine] | None:
    """One line with its times; None if the id is unknown."""
    row = await fetch_one(where, FIND_LINE, id=id_)
    return None if row is None else stored_of(row)


def stored_of(row: Any) -> StoredDocument[RequisitionLine]:
    """What a row with body and times says."""
    return StoredDocument(LINE.decode(row.body), row.created_at, row.updated_at)


async def lock_lines(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, RequisitionLine]:
    """Lines by id, locked. Lines of a sales order are guarded by its demand's lock, which comes first."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return _by_id(await tx.all(LOCK_LINES, ids=wanted))


async def lock_messages_about(
    tx: Transaction, purchase_order_nos: Iterable[str]
) -> dict[UUID, RequisitionLine]:
    """Open messages of planning runs about lines of these purchase orders, by id, locked."""
    return _by_id(await tx.all(MESSAGES_ABOUT, nos=sorted(set(purchase_order_nos))))


async def lock_new_of_plans(tx: Transaction, item_nos: Iterable[str]) -> dict[UUID, RequisitionLine]:
    """Open lines by which planning runs propose to buy these items, by id, locked."""
    return _by_id(await tx.all(NEW_OF_PLANS, item_nos=sorted(set(item_nos))))


def _by_id(rows: Iterable[Any]) -> dict[UUID, RequisitionLine]:
    lines = [LINE.decode(body) for (body,) in rows]
    return {line.id: line for line in lines}


async def accepted_lines(tx: Transaction, worksheet: str, limit: int) -> list[RequisitionLine]:
    """Open lines of the worksheet that may be carried out, not locked."""
    return [LINE.decode(body) for (body,) in await tx.all(ACCEPTED_LINES, worksheet=worksheet, limit=limit)]


async def insert_lines(tx: Transaction, lines: Sequence[RequisitionLine]) -> None:
    """New lines that serve no sales order."""
    if lines:
        await tx.run(INSERT_LINES, **new_lines(lines), now=tx.now)


def new_lines(lines: Sequence[RequisitionLine]) -> dict[str, Any]:
    """The parameters of `INSERT_LINES`."""
    rows = json_fields(
        lines,
        "id",
        "worksheet",
        "status",
        "action_message",
        "item_no",
        "vendor_no",
        "sales_order_no",
        "sales_line_id",
    )
    return {"new_lines": rows, "new_line_bodies": json_texts(lines)}


async def lines_of_orders(conn: Queryable, nos: Iterable[str]) -> list[RequisitionLine]:
    """All requisition lines of these sales orders, and those that plans wrote for their demand; closed ones too."""
    rows = await fetch(conn, LINES_OF_ORDERS, nos=sorted(set(nos)))
    return sorted((LINE.decode(body) for (body,) in rows), key=lambda line: line.id)


async def lines_of_requests(tx: Transaction, ids: Iterable[UUID]) -> list[tuple[UUID, str]]:
    """(requisition line, its sales order or "") of purchase requests."""
    rows: Sequence[Any] = await tx.all(REQUEST_LINES, ids=sorted(set(ids)))
    return [(line_id, sales_order_no) for line_id, sales_order_no in rows]


async def lock_runs(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, CarryOutRun]:
    """Runs by id, locked in the order of their ids; unknown ids are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    runs = [_RUN.decode(body) for (body,) in await tx.all(LOCK_RUNS, ids=wanted)]
    return {run.id: run for run in runs}


async def find_run(conn: Queryable, id_: UUID) -> CarryOutRun | None:
    """One run; None if the id is unknown."""
    row = await fetch_one(conn, FIND_RUN, id=id_)
    return None if row is None else _RUN.decode(row.body)


async def store_runs(tx: Transaction, runs: Sequence[CarryOutRun]) -> None:
    """Write runs, new ones and changed ones that are locked."""
    if runs:
        await tx.run(STORE_RUNS, rows=json_rows(runs), now=tx.now)
