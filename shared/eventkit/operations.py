"""Long-running operations: acts that end in another service, whose message brings the result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows

START = text("""
INSERT INTO operation (id, kind, subject_no, started_at)
SELECT id, kind, subject_no, :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, kind text, subject_no text)
ON CONFLICT (id) DO NOTHING
""")

FINISH = text("""
UPDATE operation o SET status = r.status, result = r.result, problem = r.problem, ended_at = :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, status text, result jsonb, problem jsonb)
WHERE o.id = r.id AND o.status = 'running'
RETURNING o.id
""")

ENDED = text("""
SELECT id, status, problem::text AS problem FROM operation
WHERE id = ANY(CAST(:ids AS uuid[])) AND status <> 'running'
""")


class Started(msgspec.Struct, frozen=True):
    """An operation that begins: the kind of act and its document."""

    id: UUID
    kind: str
    subject_no: str = ""


class Finished(msgspec.Struct, frozen=True):
    """An operation that ends. `status`: succeeded, partly_failed, refused or failed.

    `problem`: every reason of a refusal or failure, `{"errors": [{"code": …, "detail": …, …}]}`. The HTTP kit makes the
    problem document of it.
    """

    id: UUID
    status: str
    result: Any = None
    problem: Any = None


async def start(tx: Transaction, operations: Sequence[Started]) -> None:
    """Store running operations; one that exists is left as it is."""
    if operations:
        await tx.run(START, rows=json_rows(operations), now=tx.now)


async def finish(tx: Transaction, operations: Sequence[Finished]) -> set[UUID]:
    """End running operations; the ids of those that were still running. A second result is ignored."""
    if not operations:
        return set()
    return {row[0] for row in await tx.all(FINISH, rows=json_rows(operations), now=tx.now)}


async def ended(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Finished]:
    """Those of the operations that have ended, with their problems; their results are left out."""
    rows = await tx.all(ENDED, ids=sorted(ids)) if ids else ()
    return {
        row.id: Finished(
            row.id, row.status, problem=msgspec.json.decode(row.problem) if row.problem else None
        )
        for row in rows
    }
