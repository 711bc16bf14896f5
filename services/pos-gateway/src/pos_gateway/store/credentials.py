"""Secrets of terminals, PINs of workers, and the count of wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit.transaction import Queryable, Transaction, fetch_one

TERMINAL = text("SELECT store_no, secret_hash, version FROM terminal WHERE no = :no")

SAVE_TERMINAL = text("""
INSERT INTO terminal (no, store_no, secret_hash, version, updated_at)
VALUES (:no, :store_no, :secret_hash, 1, :now)
ON CONFLICT (no) DO UPDATE
SET secret_hash = excluded.secret_hash, version = terminal.version + 1, updated_at = excluded.updated_at
WHERE terminal.store_no = excluded.store_no
RETURNING version
""")

PIN = text("SELECT pin_hash FROM worker_pin WHERE worker_id = :worker_id")

SAVE_PIN = text("""
INSERT INTO worker_pin (worker_id, pin_hash, updated_at) VALUES (:worker_id, :pin_hash, :now)
ON CONFLICT (worker_id) DO UPDATE SET pin_hash = excluded.pin_hash, updated_at = excluded.updated_at
""")

COUNT_TRY = text("""
INSERT INTO sign_on_failure AS f (who, failures, since)
SELECT who, 1, :now FROM unnest(CAST(:who AS text[])) AS w(who) ORDER BY who
ON CONFLICT (who) DO UPDATE
SET failures = CASE WHEN f.since < :window_start THEN 1 ELSE f.failures + 1 END,
    since = CASE WHEN f.since < :window_start THEN :now ELSE f.since END
RETURNING who, failures, since
""")

TAKE_BACK = text("""
UPDATE sign_on_failure SET failures = failures - 1 WHERE who = ANY(CAST(:who AS text[])) AND failures > 0
""")


async def terminal(where: Queryable, no: str) -> tuple[str, bytes, int] | None:
    """A terminal's store, the hash of its secret, and its version."""
    row = await fetch_one(where, TERMINAL, no=no)
    return None if row is None else (row[0], row[1], row[2])


async def save_terminal(tx: Transaction, no: str, store_no: str, secret_hash: bytes) -> int | None:
    """Store a terminal, or give it a new secret; its version, None if it is another store's."""
    rows = await tx.all(SAVE_TERMINAL, no=no, store_no=store_no, secret_hash=secret_hash, now=tx.now)
    return rows[0][0] if rows else None


async def pin_hash(conn: AsyncConnection, worker_id: str) -> str | None:
    """The hash of a worker's PIN, if one was set."""
    return (await conn.execute(PIN, {"worker_id": worker_id})).scalar_one_or_none()


async def save_pin(tx: Transaction, worker_id: str, hashed: str) -> None:
    """Set the PIN of a worker; the old one is worth nothing."""
    await tx.run(SAVE_PIN, worker_id=worker_id, pin_hash=hashed, now=tx.now)


async def count_tries(tx: Transaction, limits: Mapping[str, int], window: timedelta) -> int | None:
    """Count a try for each of `limits`; the seconds to wait if one of them was exceeded, else None.

    A try counts before its PIN is looked at, so tries at the same time cannot slip through.
    """
    rows = await tx.all(COUNT_TRY, who=sorted(limits), now=tx.now, window_start=tx.now - window)
    waits = [(r.since + window - tx.now).total_seconds() for r in rows if r.failures > limits[r.who]]
    return int(max(waits)) + 1 if waits else None


async def take_back(tx: Transaction, who: list[str]) -> None:
    """The PIN was right: the try does not count."""
    await tx.run(TAKE_BACK, who=who)
