"""What most channel transactions never have: acts of tills, progress of their orders, repairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows, json_texts
from sales.domain.channel.transactions import TillTransaction
from sales.store.channel_transactions import COLUMNS, Due, KeptTransaction, kept, transaction_of

READ = text(f"""
SELECT {COLUMNS} FROM channel_transaction WHERE transaction_id = ANY(CAST(:ids AS uuid[]))
""")

READ_CONFIRMED = text(f"""
SELECT {COLUMNS} FROM channel_transaction
WHERE confirmation_no = ANY(CAST(:nos AS text[])) ORDER BY transaction_id
""")
LOCK_CONFIRMED = text(f"{READ_CONFIRMED.text.rstrip()} FOR UPDATE")

ACTS_DUE = text("""
SELECT transaction_id FROM channel_transaction
WHERE acts_open AND status = 'succeeded' AND (:by_hand OR next_attempt_at <= :due) AND updated_at <= :before
  AND (CAST(:stores AS text[]) IS NULL OR store_no = ANY(CAST(:stores AS text[])))
ORDER BY transaction_id LIMIT :limit
""")

STORE_DETAILS = text("""
UPDATE channel_transaction t
SET version = r.version, status = r.status, acts_open = r.acts_open, acts = r.acts, progress = r.progress,
    payload = r.payload, next_attempt_at = r.next_attempt_at, attempts = r.attempts, fault_class = r.fault_class,
    errors = r.errors, hold_code = r.hold_code, repaired = r.repaired, audit = r.audit, updated_at = :now
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    transaction_id uuid, version bigint, status text, acts_open boolean, next_attempt_at timestamptz,
    attempts int, fault_class text, errors json, hold_code text, repaired boolean, audit json),
    unnest(CAST(:acts AS json[])), unnest(CAST(:progress AS json[])), unnest(CAST(:payloads AS json[])))
AS r(transaction_id, version, status, acts_open, next_attempt_at, attempts, fault_class, errors, hold_code, repaired,
     audit, acts, progress, payload)
WHERE t.transaction_id = r.transaction_id
""")


async def read(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, TillTransaction]:
    """Transactions by id as they are now, not locked."""
    found = map(transaction_of, await tx.all(READ, ids=sorted(set(ids))))
    return {each.transaction_id: each for each in found}


async def read_confirmed(tx: Transaction, nos: Iterable[str]) -> list[TillTransaction]:
    """Transactions by confirmation number as they are now, not locked."""
    return [transaction_of(row) for row in await tx.all(READ_CONFIRMED, nos=sorted(set(nos)))]


async def lock_confirmed(tx: Transaction, nos: Iterable[str]) -> dict[str, KeptTransaction]:
    """Transactions by confirmation number, locked in the order of their ids."""
    wanted = sorted(set(nos))
    rows = await tx.all(LOCK_CONFIRMED, nos=wanted) if wanted else ()
    return {each.transaction.confirmation_no: each for each in map(kept, rows)}


async def with_acts_due(tx: Transaction, due: Due, limit: int) -> list[UUID]:
    """Synchronized transactions with acts that failed and are due again; not locked."""
    rows = await tx.all(
        ACTS_DUE,
        due=tx.now,
        by_hand=due.by_hand,
        before=due.before,
        limit=limit,
        stores=None if due.stores is None else list(due.stores),
    )
    return [row.transaction_id for row in rows]


async def store_details(tx: Transaction, transactions: Sequence[TillTransaction]) -> None:
    """Store acts, progress, payload and repairs of locked transactions."""
    if transactions:
        await tx.run(
            STORE_DETAILS,
            rows=json_rows(map(_detail_row, transactions)),
            acts=json_texts(each.acts for each in transactions),
            progress=json_texts(each.progress for each in transactions),
            payloads=json_texts(each.payload for each in transactions),
            now=tx.now,
        )


def _detail_row(transaction: TillTransaction) -> dict[str, Any]:
    return {
        "transaction_id": transaction.transaction_id,
        "version": transaction.version,
        "status": transaction.status,
        "acts_open": bool(transaction.open_acts),
        "next_attempt_at": transaction.next_attempt_at,
        "attempts": transaction.attempts,
        "fault_class": transaction.fault_class,
        "errors": transaction.errors,
        "hold_code": transaction.hold_code,
        "repaired": transaction.repaired,
        "audit": transaction.audit,
    }
