"""Sessions of workers at terminals, until they expire."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch_one
from pos_gateway.domain.terminals.sessions import TillClaims

OPEN = text("""
INSERT INTO session (id, store_no, terminal_no, worker_id, opened_at, expires_at)
VALUES (:id, :store_no, :terminal_no, :worker_id, :now, :expires_at)
""")

TERMINAL_OF = text("SELECT terminal_no FROM session WHERE id = :id")

END = text("UPDATE session SET ended_at = :now WHERE id = :id AND ended_at IS NULL")

FORGET_EXPIRED = text("DELETE FROM session WHERE expires_at < :now")


async def add(tx: Transaction, session_id: UUID, session: TillClaims, expires_at: datetime) -> None:
    """Note a session that is opened now."""
    await tx.run(
        OPEN,
        id=session_id,
        store_no=session.store_no,
        terminal_no=session.terminal_no,
        worker_id=session.worker_id,
        now=tx.now,
        expires_at=expires_at,
    )


async def terminal_of(where: Queryable, session_id: UUID) -> str | None:
    """The terminal of a session, None for one that does not exist or has expired long ago."""
    row = await fetch_one(where, TERMINAL_OF, id=session_id)
    return None if row is None else str(row[0])


async def end(tx: Transaction, session_id: UUID) -> None:
    """End a session; one that has ended before stays as it is."""
    await tx.run(END, id=session_id, now=tx.now)


async def forget_expired(tx: Transaction) -> None:
    """Forget the sessions whose tokens have expired."""
    await tx.run(FORGET_EXPIRED, now=tx.now)
