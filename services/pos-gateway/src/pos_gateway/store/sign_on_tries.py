"""The count of wrong PINs, per terminal, per worker, and per worker at a terminal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text

from eventkit.transaction import Transaction
from pos_gateway.domain.terminals.sign_on_tries import Tries

# The update changes nothing: it locks the row that is there, so that tries at the same time are counted one by one.
LOCK = text("""
INSERT INTO sign_on_failure AS f (who, failures, since)
SELECT who, 0, :now FROM unnest(CAST(:who AS text[])) AS w(who) ORDER BY who
ON CONFLICT (who) DO UPDATE SET who = excluded.who
RETURNING who, failures, since, paused_until
""")

SAVE = text("""
UPDATE sign_on_failure AS f SET failures = t.failures, since = t.since, paused_until = t.paused_until
FROM unnest(CAST(:who AS text[]), CAST(:failures AS int[]), CAST(:since AS timestamptz[]),
            CAST(:paused_until AS timestamptz[])) AS t(who, failures, since, paused_until)
WHERE f.who = t.who
""")

FORGET_WORKER = text("""
DELETE FROM sign_on_failure WHERE who = :worker OR starts_with(who, :at_terminals)
""")

FORGET_OLD = text("""
DELETE FROM sign_on_failure WHERE since < :before AND (paused_until IS NULL OR paused_until < :now)
""")


def at_terminal(terminal_no: str) -> str:
    """All tries at a terminal. Numbers hold no tabulator, so names of counts cannot be confused."""
    return f"terminal\t{terminal_no}"


def of_worker(worker_id: str) -> str:
    """All tries as a worker, wherever."""
    return f"worker\t{worker_id}"


def of_worker_at(worker_id: str, terminal_no: str) -> str:
    """The tries as a worker at a terminal."""
    return f"worker\t{worker_id}\t{terminal_no}"


async def lock(tx: Transaction, who: Collection[str]) -> dict[str, Tries]:
    """The counts, to be changed in this transaction; always a terminal's before a worker's."""
    rows = await tx.all(LOCK, who=sorted(who), now=tx.now)
    return {row.who: Tries(row.failures, row.since, row.paused_until) for row in rows}


async def save(tx: Transaction, tries: Mapping[str, Tries]) -> None:
    """Store changed counts of failed sign-ons; their rows are locked."""
    await tx.run(
        SAVE,
        who=list(tries),
        failures=[t.failures for t in tries.values()],
        since=[t.since for t in tries.values()],
        paused_until=[t.paused_until for t in tries.values()],
    )


async def forget_worker(tx: Transaction, worker_id: str) -> None:
    """Forget the wrong PINs of a worker who has a new one."""
    who = of_worker(worker_id)
    await tx.run(FORGET_WORKER, worker=who, at_terminals=f"{who}\t")


async def forget_old(tx: Transaction, before: datetime) -> None:
    """Forget counts that began before this time, unless their pause lasts still."""
    await tx.run(FORGET_OLD, before=before, now=tx.now)
