"""Planning runs that have not ended, and the requisition lines that earlier ones wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from planning.domain.plan.commands import PlanRun
from planning.domain.requisitions.lines import RequisitionLine
from planning.store.requisitions import LINE

BEGIN = text("""
INSERT INTO plan_run (id, worksheet, body, created_at)
SELECT CAST(r.body ->> 'id' AS uuid), r.body ->> 'worksheet', r.body, :now
FROM json_array_elements(CAST(:rows AS json)) AS r(body)
ON CONFLICT (worksheet) DO NOTHING
RETURNING id
""")
OLDEST = text("SELECT body FROM plan_run ORDER BY created_at, id LIMIT 1")
BEGIN_NEXT = text("""
UPDATE plan_run SET attempts = attempts + 1
WHERE id = (SELECT id FROM plan_run ORDER BY created_at, id LIMIT 1)
RETURNING body, attempts
""")
END = text("DELETE FROM plan_run WHERE id = :id RETURNING id")
HOLD = text("SELECT id FROM plan_run ORDER BY id FOR SHARE")
PROPOSED = text("""
SELECT body FROM requisition_line
WHERE worksheet = :worksheet AND status = 'open' AND body ->> 'plan_id' IS NOT NULL
ORDER BY id FOR UPDATE
""")

_RUN: Final = msgspec.json.Decoder(PlanRun)


async def begin(tx: Transaction, runs: Sequence[PlanRun]) -> set[UUID]:
    """Store runs; the ids of those whose worksheet had none (BC-PL-10)."""
    if not runs:
        return set()
    return {row[0] for row in await tx.all(BEGIN, rows=json_rows(runs), now=tx.now)}


async def oldest(where: Queryable) -> PlanRun | None:
    """The run that is to be done next."""
    rows = await fetch(where, OLDEST)
    return _RUN.decode(rows[0].body) if rows else None


async def begin_next(tx: Transaction) -> tuple[PlanRun | None, int]:
    """The run that is to be done next, and how often it was begun, now with it."""
    rows = await tx.all(BEGIN_NEXT)
    return (_RUN.decode(rows[0].body), rows[0].attempts) if rows else (None, 0)


async def end(tx: Transaction, run_id: UUID) -> bool:
    """Whether the run had not ended; then it has, and its row is locked until the transaction ends."""
    return bool(await tx.all(END, id=run_id))


async def hold(tx: Transaction) -> None:
    """No run ends before this transaction; those that just ended have written their lines."""
    await tx.all(HOLD)


async def proposed(tx: Transaction, worksheet: str) -> list[RequisitionLine]:
    """Open lines of the worksheet that planning runs wrote, locked."""
    return [LINE.decode(body) for (body,) in await tx.all(PROPOSED, worksheet=worksheet)]
