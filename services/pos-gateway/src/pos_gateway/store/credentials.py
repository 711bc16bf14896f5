"""Secrets of terminals and PINs of workers."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from eventkit.transaction import Queryable, Transaction, fetch_one

TERMINAL = text("""
SELECT store_no, secret_hash, version, blocked, created_at, updated_at FROM terminal WHERE no = :no
""")

SAVE_TERMINAL = text("""
INSERT INTO terminal (no, store_no, secret_hash, version, created_at, updated_at)
VALUES (:no, :store_no, :secret_hash, 1, :now, :now)
ON CONFLICT (no) DO UPDATE
SET secret_hash = excluded.secret_hash, version = terminal.version + 1, updated_at = excluded.updated_at
WHERE terminal.store_no = excluded.store_no
RETURNING version
""")

PIN = text("SELECT pin_hash, version FROM worker_pin WHERE worker_id = :worker_id")

SAVE_PIN = text("""
INSERT INTO worker_pin (worker_id, pin_hash, updated_at) VALUES (:worker_id, :pin_hash, :now)
ON CONFLICT (worker_id) DO UPDATE
SET pin_hash = excluded.pin_hash, version = worker_pin.version + 1, updated_at = excluded.updated_at
""")

END_SESSIONS_OF = text("UPDATE worker_pin SET version = version + 1 WHERE worker_id = :worker_id")

CHANGE_TERMINAL = text("""
UPDATE terminal SET blocked = :blocked, version = version + 1, updated_at = :now WHERE no = :no
""")


class StoredTerminal(msgspec.Struct, frozen=True):
    """A terminal with what is kept of its secret."""

    store_no: str
    secret_hash: bytes
    version: int
    blocked: bool
    created_at: datetime
    updated_at: datetime


class StoredPin(msgspec.Struct, frozen=True):
    """The hash of a worker's PIN; sessions name the version that opened them."""

    pin_hash: str
    version: int


async def terminal(where: Queryable, no: str) -> StoredTerminal | None:
    """A terminal, None if there is none of this number."""
    row = await fetch_one(where, TERMINAL, no=no)
    return None if row is None else StoredTerminal(*row)


async def save_terminal(tx: Transaction, no: str, store_no: str, secret_hash: bytes) -> int | None:
    """Store a terminal, or give it a new secret; its version, None if it is another store's."""
    rows = await tx.all(SAVE_TERMINAL, no=no, store_no=store_no, secret_hash=secret_hash, now=tx.now)
    return rows[0][0] if rows else None


async def change_terminal(tx: Transaction, no: str, *, blocked: bool) -> None:
    """Block a terminal, or take the block back; what was issued to it before ends either way."""
    await tx.run(CHANGE_TERMINAL, no=no, blocked=blocked, now=tx.now)


async def pin(conn: AsyncConnection, worker_id: str) -> StoredPin | None:
    """A worker's PIN, if one was set."""
    row = (await conn.execute(PIN, {"worker_id": worker_id})).one_or_none()
    return None if row is None else StoredPin(*row)


async def save_pin(tx: Transaction, worker_id: str, hashed: str) -> None:
    """Set the PIN of a worker: the old one is worth nothing, and the sessions that it opened end."""
    await tx.run(SAVE_PIN, worker_id=worker_id, pin_hash=hashed, now=tx.now)


async def end_sessions_of(tx: Transaction, worker_id: str) -> None:
    """End all sessions of a worker, whose PIN stays."""
    await tx.run(END_SESSIONS_OF, worker_id=worker_id)
