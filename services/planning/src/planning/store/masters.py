"""Planning's master data: one table for all kinds, the whole record as body."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, fetch_one, json_rows
from planning.domain.masters import ItemCard, LocationCard, Setup, StockkeepingUnitCard, Worksheet
from planning.domain.state import Record

ITEM: Final = "item"
LOCATION: Final = "location"
STOCKKEEPING_UNIT: Final = "stockkeeping-unit"
SETUP: Final = "planning-setup"
WORKSHEET: Final = "requisition-worksheet"

LOCK = text("""
SELECT m.no, m.body FROM master m
WHERE m.kind = :kind AND m.no = ANY(CAST(:nos AS text[])) ORDER BY m.no FOR UPDATE
""")

# Two that make the same record at once: the second fails here and decides again, with the first one's record.
INSERT = text("""
INSERT INTO master (kind, no, version, body, updated_at)
SELECT :kind, no, version, body, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, version int, body json) ORDER BY no
""")

UPDATE = text("""
UPDATE master m SET version = r.version, body = r.body, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, version int, body json)
WHERE m.kind = :kind AND m.no = r.no
""")

FIND = text("SELECT body FROM master WHERE kind = :kind AND no = :no")

EXISTING = text("SELECT no FROM master WHERE kind = :kind AND no = ANY(CAST(:nos AS text[]))")

CURRENT = text("""
SELECT no, body FROM master
WHERE kind = :kind
  AND (CAST(:nos AS text[]) IS NULL OR no = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
ORDER BY no
""")
CURRENT_LOCKED = text(f"{CURRENT.text.rstrip()} FOR SHARE")

MODELS: Final[Mapping[str, type[Record]]] = {
    ITEM: ItemCard,
    LOCATION: LocationCard,
    STOCKKEEPING_UNIT: StockkeepingUnitCard,
    SETUP: Setup,
    WORKSHEET: Worksheet,
}
DECODERS: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(model) for kind, model in MODELS.items()
}


async def lock(tx: Transaction, kind: str, nos: Iterable[str]) -> dict[str, Any]:
    """Records by number, locked in the order of their numbers."""
    rows: Sequence[Any] = await tx.all(LOCK, kind=kind, nos=sorted(set(nos)))
    return {no: DECODERS[kind].decode(body) for no, body in rows}


async def store(tx: Transaction, kind: str, records: Mapping[str, Record], known: Collection[str]) -> None:
    """Insert records, or replace those that are `known` and locked."""
    rows = [{"no": no, "version": r.version, "body": r} for no, r in records.items()]
    for statement, part in (
        (INSERT, [row for row in rows if row["no"] not in known]),
        (UPDATE, [row for row in rows if row["no"] in known]),
    ):
        if part:
            await tx.run(statement, kind=kind, rows=json_rows(part), now=tx.now)


async def find(conn: Queryable, kind: str, no: str) -> Any:
    """One record, None if there is none."""
    row = await fetch_one(conn, FIND, kind=kind, no=no)
    return None if row is None else DECODERS[kind].decode(row.body)


async def existing(tx: Transaction, kind: str, nos: Iterable[str]) -> set[str]:
    """Which of these numbers exist."""
    return {row[0] for row in await tx.all(EXISTING, kind=kind, nos=sorted(set(nos)))}


async def current(
    conn: Queryable, kind: str, nos: Sequence[str] | None, since: datetime | None
) -> list[tuple[str, Any]]:
    """(number, record) for republication; locked against change where numbers are given."""
    statement = CURRENT if nos is None else CURRENT_LOCKED
    params = {"kind": kind, "nos": None if nos is None else list(nos), "since": since}
    return [(no, DECODERS[kind].decode(body)) for no, body in await fetch(conn, statement, **params)]
