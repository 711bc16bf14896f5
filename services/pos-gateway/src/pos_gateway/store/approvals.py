"""Approvals of managers: each is spent once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows
from pos_gateway.domain.approvals.approval import Approval

ADD = text("""
INSERT INTO approval (id, body, expires_at)
SELECT id, body, expires_at FROM json_to_recordset(CAST(:rows AS json)) AS r(
    id uuid, body json, expires_at timestamptz)
""")

# Locked in one order. Of two acts with one approval the second waits here, and then finds it spent.
LOCK = text("""
SELECT id, body FROM approval
WHERE id = ANY(CAST(:ids AS uuid[])) AND spent_on IS NULL AND expires_at > :now
ORDER BY id FOR UPDATE
""")

SPEND = text("""
UPDATE approval a SET spent_on = r.spent_on
FROM json_to_recordset(CAST(:rows AS json)) AS r(id uuid, spent_on uuid)
WHERE a.id = r.id
""")

FORGET_EXPIRED = text("DELETE FROM approval WHERE expires_at < :now")


async def add(tx: Transaction, approvals: Sequence[Approval]) -> None:
    """Insert new approvals; each can be used once, until it expires."""
    rows = json_rows({"id": a.id, "body": a, "expires_at": a.expires_at} for a in approvals)
    await tx.run(ADD, rows=rows)


async def lock(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Approval]:
    """The open ones of these, for an act in this transaction. Most acts name none, which asks nothing."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await tx.all(LOCK, ids=wanted, now=tx.now)
    return {row.id: msgspec.json.decode(row.body, type=Approval) for row in rows}


async def spend(tx: Transaction, used: Mapping[UUID, UUID]) -> None:
    """Approval → the transaction id of the act that it was used for. Locked before."""
    if used:
        await tx.run(SPEND, rows=json_rows({"id": id_, "spent_on": act} for id_, act in used.items()))


async def forget_expired(tx: Transaction) -> None:
    """Forget what cannot be used any more; what was used stands on its order and in the audit trail."""
    await tx.run(FORGET_EXPIRED, now=tx.now)
