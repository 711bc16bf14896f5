"""Demand of tills' orders that have no sales order yet: one row per order, its lines among the open lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows
from planning.domain.demand.channel_orders import KEPT_DAYS
from planning.domain.stock.availability import OpenLine

# The row is the lock between the till's event and the sales order, in whichever order they come.
CLAIM = text("""
INSERT INTO channel_demand AS d (confirmation_no, line_ids, ended, updated_at)
SELECT no, '{}', false, :now FROM unnest(CAST(:nos AS text[])) AS no ORDER BY no
ON CONFLICT (confirmation_no) DO UPDATE SET updated_at = d.updated_at
RETURNING confirmation_no, line_ids, ended
""")
STORE = text("""
WITH closed AS (
    DELETE FROM open_line WHERE line_id = ANY(CAST(:closed AS uuid[]))
), opened AS (
    INSERT INTO open_line (line_id, source, document_no, line_no, item_no, location_code, due_date, quantity)
    SELECT line_id, source, document_no, line_no, item_no, location_code, due_date, quantity
    FROM json_to_recordset(CAST(:opened AS json)) AS r(
        line_id uuid, source text, document_no text, line_no int, item_no text, location_code text, due_date date,
        quantity numeric)
    ORDER BY line_id
    ON CONFLICT (line_id) DO UPDATE
    SET item_no = excluded.item_no, location_code = excluded.location_code, due_date = excluded.due_date,
        quantity = excluded.quantity
)
UPDATE channel_demand d SET line_ids = CAST(r.line_ids AS uuid[]), updated_at = :now
FROM unnest(CAST(:nos AS text[]), CAST(:line_ids AS text[])) AS r(no, line_ids)
WHERE d.confirmation_no = r.no
""")
END = text("""
INSERT INTO channel_demand AS d (confirmation_no, line_ids, ended, updated_at)
SELECT no, '{}', true, :now FROM unnest(CAST(:nos AS text[])) AS no ORDER BY no
ON CONFLICT (confirmation_no) DO UPDATE SET ended = true, updated_at = :now
RETURNING line_ids
""")
CLOSE = text("DELETE FROM open_line WHERE line_id = ANY(CAST(:ids AS uuid[]))")
FORGET = text("DELETE FROM channel_demand WHERE ended AND updated_at < :before")

Claimed = Mapping[str, frozenset[UUID]]
"""Confirmation number → lines that are open now, of orders that are demand still."""


async def claim(tx: Transaction, nos: Iterable[str]) -> Claimed:
    """Lock the rows of these orders; those that have ended are left out."""
    rows = await tx.all(CLAIM, nos=sorted(set(nos)), now=tx.now)
    return {no: frozenset(line_ids) for no, line_ids, ended in rows if not ended}


async def store(tx: Transaction, before: Claimed, after: Mapping[str, Sequence[OpenLine]]) -> None:
    """Write the open lines of claimed orders."""
    ids = {no: [line.line_id for line in lines] for no, lines in after.items()}
    changed = [no for no in after if before[no] or ids[no]]
    if not changed:
        return
    closed = [id_ for no in changed for id_ in before[no] - set(ids[no])]
    await tx.run(
        STORE,
        nos=changed,
        line_ids=["{" + ",".join(map(str, ids[no])) + "}" for no in changed],
        opened=json_rows(line for no in changed for line in after[no]),
        closed=sorted(closed),
        now=tx.now,
    )


async def end(tx: Transaction, nos: Iterable[str]) -> None:
    """These orders are no demand of their own any more, and will not be again."""
    wanted = sorted(set(nos))
    if not wanted:
        return
    ids = [id_ for (line_ids,) in await tx.all(END, nos=wanted, now=tx.now) for id_ in line_ids]
    # A statement of its own: it sees what the till's event stored while this transaction waited for it.
    if ids:
        await tx.run(CLOSE, ids=sorted(ids))


async def forget(tx: Transaction) -> None:
    """Rows that no late event of a till needs any more."""
    await tx.run(FORGET, before=_before(tx.now))


def _before(now: datetime) -> datetime:
    return now - _KEPT


_KEPT: Final = timedelta(days=KEPT_DAYS)
