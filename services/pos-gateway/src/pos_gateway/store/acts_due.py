"""Acts that sales is asked for: when, how often, and which of them wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import TextClause, text

from contracts.channel import ChannelOrder
from eventkit.transaction import Transaction
from pos_gateway.domain.orders.order import as_channel_order
from pos_gateway.store.acts import decode_order

ASK_NOW = text("""
UPDATE till_act SET attempts = attempts + 1, ask_at = :ask_at
WHERE act_id = ANY(CAST(:ids AS uuid[])) AND status = 'submitting'
RETURNING act_id, attempts
""")


def _claim(status: str, returning: str) -> TextClause:
    """Claims acts of a status whose time has come; each waits longer for its next turn.

    As for orders: the attempt is stored before sales is asked, so a crash during the request only costs the back-off.
    """
    return text(f"""
WITH due AS (
    SELECT act_id FROM till_act
    WHERE status = '{status}' AND ask_at <= :now
    ORDER BY ask_at LIMIT :most FOR UPDATE SKIP LOCKED
)
UPDATE till_act a SET attempts = a.attempts + 1,
    ask_at = :now + least(CAST(:backoff_s AS float) * 2 ^ least(a.attempts, 10), :most_s) * interval '1 second'
FROM due WHERE a.act_id = due.act_id
RETURNING {returning}
""")


ASK_AGAIN = _claim(
    "submitting",
    "a.act_id, a.confirmation_no, a.operation, a.attempts, a.after, "
    "a.body->>'taken_offline' IS NOT NULL AS has_happened",
)
WAITING = _claim("waiting", "a.act_id")


class AskedAct(msgspec.Struct, frozen=True):
    """An act that sales is being asked for, with the order as it is after it."""

    act_id: UUID
    confirmation_no: str
    attempt: int
    order: ChannelOrder
    has_happened: bool
    """The till took it offline: it is never withdrawn."""


async def ask_now(tx: Transaction, ids: Sequence[UUID], ask_at: datetime) -> dict[UUID, int]:
    """Count another attempt for acts that are still `submitting`; its number by act."""
    rows = await tx.all(ASK_NOW, ids=sorted(ids), ask_at=ask_at)
    return {row.act_id: row.attempts for row in rows}


async def ask_again(tx: Transaction, most: int, backoff: timedelta, longest: timedelta) -> list[AskedAct]:
    """Claim acts whose answer from sales is overdue; each waits longer for its next turn."""
    rows = await tx.all(
        ASK_AGAIN, now=tx.now, most=most, backoff_s=backoff.total_seconds(), most_s=longest.total_seconds()
    )
    return [
        AskedAct(
            r.act_id,
            r.confirmation_no,
            r.attempts,
            as_channel_order(decode_order(r.after), r.operation),
            r.has_happened,
        )
        for r in rows
    ]


async def waiting_due(tx: Transaction, most: int, backoff: timedelta, longest: timedelta) -> list[UUID]:
    """Claim returns that were taken offline and are to be decided; each waits longer for its next turn."""
    rows = await tx.all(
        WAITING, now=tx.now, most=most, backoff_s=backoff.total_seconds(), most_s=longest.total_seconds()
    )
    return [row.act_id for row in rows]
