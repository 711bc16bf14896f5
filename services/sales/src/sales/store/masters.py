"""Sales' own master data: one table for all kinds, the contract's snapshot as body."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import text

from contracts.topics import KINDS
from eventkit.transaction import Queryable, Transaction, fetch_one, json_rows
from sales.domain.masters import ExchangeRate, Record, SalesSetup

LOCK = text("""
SELECT kind, no, body FROM master
WHERE (kind, no) IN (SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[])))
ORDER BY kind, no FOR UPDATE
""")

# Two that make the same record at once: one of them fails on the key and decides again on what the other made.
INSERT = text("""
INSERT INTO master (kind, no, version, deleted, body, updated_at)
SELECT kind, no, version, deleted, body, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(kind text, no text, version bigint, deleted boolean, body json)
ORDER BY kind, no
""")

UPDATE = text("""
UPDATE master m
SET version = r.version, deleted = r.deleted, body = r.body, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(kind text, no text, version bigint, deleted boolean, body json)
WHERE m.kind = r.kind AND m.no = r.no
""")

FIND = text("SELECT body FROM master WHERE kind = :kind AND no = :no AND NOT deleted")

TAKEN = text("SELECT no FROM master WHERE kind = :kind AND no = ANY(CAST(:nos AS text[]))")

MODELS: Mapping[str, type[Record]] = {
    "company": KINDS["company"].model,
    "customer": KINDS["customer"].model,
    "ship-to-address": KINDS["ship-to-address"].model,
    "purchasing-code": KINDS["purchasing-code"].model,
    "charge-code": KINDS["charge-code"].model,
    "sales-setup": SalesSetup,
    "exchange-rate": ExchangeRate,
}
"""Which kinds this table holds, and what their bodies are. Set-up and rates are not published."""

DECODERS = {kind: msgspec.json.Decoder(model) for kind, model in MODELS.items()}

Key = tuple[str, str]


async def lock(tx: Transaction, keys: Iterable[Key]) -> dict[Key, Record]:
    """Records by (kind, number), deleted ones too, locked in one order."""
    wanted = sorted(set(keys))
    kinds, nos = [k for k, _ in wanted], [n for _, n in wanted]
    rows = await tx.all(LOCK, kinds=kinds, nos=nos)
    return {(row.kind, row.no): DECODERS[row.kind].decode(row.body) for row in rows}


async def store(tx: Transaction, records: Mapping[Key, Record], *, new: Container[Key]) -> None:
    """Insert the new records; replace the others, which this transaction has locked."""
    made = [_row(*key, record) for key, record in records.items() if key in new]
    changed = [_row(*key, record) for key, record in records.items() if key not in new]
    if made:
        await tx.run(INSERT, rows=json_rows(made), now=tx.now)
    if changed:
        await tx.run(UPDATE, rows=json_rows(changed), now=tx.now)


def _row(kind: str, no: str, record: Record) -> dict[str, Any]:
    body = msgspec.Raw(msgspec.json.encode(msgspec.structs.replace(record, happened=())))
    return {"kind": kind, "no": no, "version": record.version, "deleted": record.deleted, "body": body}


async def find(conn: Queryable, kind: str, no: str) -> Record | None:
    """One record, unless it was deleted."""
    row = await fetch_one(conn, FIND, kind=kind, no=no)
    return None if row is None else DECODERS[kind].decode(row.body)


async def taken(tx: Transaction, kind: str, nos: Sequence[str]) -> set[str]:
    """Which of these numbers exist already."""
    return {row[0] for row in await tx.all(TAKEN, kind=kind, nos=list(nos))}
