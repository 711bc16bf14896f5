"""Vendors, their catalogues and the setup: one table, a record per kind and number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text

from contracts.purchasing import ItemVendor, Vendor
from domainkit.records import Record
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from purchasing.domain.setup import PurchasingSetup

VENDOR = "vendor"
ITEM_VENDOR = "item-vendor"
SETUP = "purchasing-setup"
SETUP_NO = "SETUP"

LOAD = text("SELECT no, body FROM master WHERE kind = :kind AND no = ANY(CAST(:nos AS text[]))")

LOCK = text("""
SELECT no, body FROM master WHERE kind = :kind AND no = ANY(CAST(:nos AS text[])) ORDER BY no FOR UPDATE
""")

# Two who make one record at the same moment: the second fails on the primary key and is decided again.
STORE = text("""
WITH r AS MATERIALIZED (
    SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r(
        no text, version bigint, deleted boolean, is_new boolean, body json)
), changed AS (
    UPDATE master m SET version = r.version, deleted = r.deleted, body = r.body, updated_at = :now
    FROM r WHERE m.kind = :kind AND m.no = r.no AND NOT r.is_new
)
INSERT INTO master (kind, no, version, deleted, body, updated_at)
SELECT :kind, no, version, deleted, body, :now FROM r WHERE is_new
""")

_MODELS: dict[str, type[Any]] = {VENDOR: Vendor, ITEM_VENDOR: ItemVendor, SETUP: PurchasingSetup}
_decoders = {kind: msgspec.json.Decoder(model) for kind, model in _MODELS.items()}

S = TypeVar("S", bound=Record)


def item_vendor_no(vendor_no: str, item_no: str) -> str:
    """The key of a catalogue entry."""
    return f"{vendor_no}/{item_no}"


async def load(where: Queryable, kind: str, nos: Iterable[str]) -> dict[str, Any]:
    """Records by number, deleted ones too."""
    return await _read(where, LOAD, kind, nos)


async def lock(tx: Transaction, kind: str, nos: Iterable[str]) -> dict[str, Any]:
    """Records by number, locked until the transaction ends."""
    return await _read(tx, LOCK, kind, nos)


async def _read(where: Queryable, statement: Any, kind: str, nos: Iterable[str]) -> dict[str, Any]:
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    rows = await fetch(where, statement, kind=kind, nos=wanted)
    return {no: _decoders[kind].decode(body) for no, body in rows}


async def store(tx: Transaction, kind: str, records: Mapping[str, Record], present: Collection[str]) -> None:
    """Write records at their new versions; `present` are the numbers that were there (and locked) before."""
    if not records:
        return
    rows = [
        {
            "no": no,
            "version": record.version,
            "deleted": record.deleted,
            "is_new": no not in present,
            "body": msgspec.Raw(msgspec.json.encode(record)),
        }
        for no, record in records.items()
    ]
    await tx.run(STORE, kind=kind, rows=json_rows(rows), now=tx.now)


async def setup(where: Queryable) -> PurchasingSetup:
    """The purchasing setup; its defaults until somebody writes it."""
    found: dict[str, PurchasingSetup] = await load(where, SETUP, [SETUP_NO])
    return found.get(SETUP_NO, PurchasingSetup(version=0))
