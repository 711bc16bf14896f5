"""The pull job's interval and its last run."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch_one

LOOK_EVERY_S = 1.0
"""A new interval is seen within this time, however long the old one was."""

LOAD = text("SELECT id, interval_s::float, last_run_at FROM pull_job WHERE id = :id")

LOCK = text("SELECT id, interval_s::float, last_run_at FROM pull_job WHERE id = :id FOR UPDATE")

SET_INTERVAL = text("UPDATE pull_job SET interval_s = CAST(:interval_s AS numeric) WHERE id = :id")

NOTE_RUN = text("UPDATE pull_job SET last_run_at = :now WHERE id = :id")

CLAIM_RUN = text("""
UPDATE pull_job SET last_run_at = :now
WHERE id = :id AND interval_s > 0
  AND (last_run_at IS NULL OR last_run_at + interval_s * 0.9 * interval '1 second' <= :now)
""")


class PullJob(msgspec.Struct, frozen=True):
    """The job as it is set; `interval_s` 0: by hand only."""

    id: str
    interval_s: float
    last_run_at: datetime | None


async def load(conn: Queryable, id_: str) -> PullJob | None:
    """The job, None if there is none of this name."""
    row = await fetch_one(conn, LOAD, id=id_)
    return None if row is None else PullJob(*row)


async def lock(tx: Transaction, id_: str) -> PullJob | None:
    """The job, locked; None if there is none of this name."""
    row = await fetch_one(tx, LOCK, id=id_)
    return None if row is None else PullJob(*row)


async def set_interval(tx: Transaction, id_: str, interval_s: float) -> None:
    """Set how many seconds pass between two runs of the job."""
    await tx.run(SET_INTERVAL, id=id_, interval_s=str(interval_s))


async def note_run(tx: Transaction, id_: str) -> None:
    """Note that the job runs now."""
    await tx.run(NOTE_RUN, id=id_, now=tx.now)


async def claim_run(tx: Transaction, id_: str) -> bool:
    """Note a run if one is due by now (a little early is due: runs must not skip every second turn)."""
    return await tx.run(CLAIM_RUN, id=id_, now=tx.now) > 0
