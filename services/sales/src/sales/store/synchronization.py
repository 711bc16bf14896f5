"""Whether synchronization runs, and how its last run went: one row."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch

FIND = text("SELECT state, reason, last_run_at, succeeded, failed FROM synchronization")

STORE = text("""
UPDATE synchronization
SET state = :state, reason = :reason, last_run_at = :now, succeeded = :succeeded, failed = :failed
""")


class Synchronization(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is `running` or `paused` (with its reason); the figures are those of the last run that did anything."""

    state: str = "running"
    reason: str = ""
    last_run_at: datetime | None = None
    succeeded: int = 0
    failed: int = 0

    @property
    def is_paused(self) -> bool:
        """Whether no run takes anything until one by hand."""
        return self.state == "paused"


async def find(where: Queryable) -> Synchronization:
    """How synchronization stands."""
    (row,) = await fetch(where, FIND)
    return Synchronization(
        state=row.state,
        reason=row.reason,
        last_run_at=row.last_run_at,
        succeeded=row.succeeded,
        failed=row.failed,
    )


async def store(tx: Transaction, now: Synchronization) -> None:
    """Note how a run ended, and whether the next may begin."""
    await tx.run(
        STORE, state=now.state, reason=now.reason, now=tx.now, succeeded=now.succeeded, failed=now.failed
    )
