"""Forgets counts of wrong PINs that count no more, and sessions and approvals that have expired."""

from __future__ import annotations

from typing import Final

from eventkit.transaction import Database
from pos_gateway.domain.terminals.sign_on_tries import COUNTED_FOR
from pos_gateway.store import approvals, sessions, sign_on_tries

FORGET_EVERY_S: Final = 600.0


async def forget_sign_ons(database: Database) -> None:
    """One run. An expired session's token counts no more, so nothing needs to know that it was ended."""
    async with database.begin() as tx:
        await sign_on_tries.forget_old(tx, tx.now - COUNTED_FOR)
        await sessions.forget_expired(tx)
        await approvals.forget_expired(tx)
