"""Unposted purchase invoices: one row each, the whole invoice in `body`, columns beside it for lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, fetch_one, json_fields, json_texts
from purchasing.domain.invoices.invoice import Invoice
from recordkit import series
from recordkit.stored import StoredDocument

SERIES = "purchase-invoice"

LOCK = text("""
SELECT body FROM purchase_invoice WHERE no = ANY(CAST(:nos AS text[])) ORDER BY no FOR UPDATE
""")

FIND = text("SELECT body, created_at, updated_at FROM purchase_invoice WHERE no = :no AND NOT deleted")

READ = text("SELECT body FROM purchase_invoice WHERE no = ANY(CAST(:nos AS text[]))")

TAKEN = text("SELECT no FROM purchase_invoice WHERE no = ANY(CAST(:nos AS text[]))")

MADE_FOR = text("""
SELECT body FROM purchase_invoice
WHERE sales_document_no = ANY(CAST(:nos AS text[])) AND sales_document_no <> '' AND NOT deleted
ORDER BY created_at, no
""")

FROM_ROWS = """ROWS FROM (
    json_to_recordset(CAST(:rows AS json)) AS (
        no text, version bigint, status text, vendor_no text, sales_document_no text, deleted boolean),
    unnest(CAST(:bodies AS json[]))
) AS r(no, version, status, vendor_no, sales_document_no, deleted, body)"""

# No ON CONFLICT: numbers were checked under the series' lock, so a conflict is a number that was given by hand in
# between. The transaction fails on the key and is decided again.
INSERT = text(f"""
INSERT INTO purchase_invoice (no, version, status, vendor_no, sales_document_no, deleted, body, created_at, updated_at)
SELECT no, version, status, vendor_no, sales_document_no, deleted, body, :now, :now FROM {FROM_ROWS}
""")

UPDATE = text(f"""
UPDATE purchase_invoice i
SET version = r.version, status = r.status, deleted = r.deleted, body = r.body, updated_at = :now
FROM {FROM_ROWS} WHERE i.no = r.no
""")

_decoder = msgspec.json.Decoder(Invoice)


def decoded(body: str) -> Invoice:
    """An invoice from the JSON in its column."""
    return _decoder.decode(body)


async def lock(tx: Transaction, nos: Iterable[str]) -> dict[str, Invoice]:
    """Invoices by number, locked until the transaction ends, in the order of their numbers."""
    rows = await tx.all(LOCK, nos=sorted(set(nos)))
    return {invoice.no: invoice for invoice in (decoded(body) for (body,) in rows)}


async def read(where: Queryable, nos: Iterable[str]) -> dict[str, Invoice]:
    """Invoices by number as they are now, deleted ones too."""
    rows = await fetch(where, READ, nos=sorted(set(nos)))
    return {invoice.no: invoice for invoice in (decoded(body) for (body,) in rows)}


async def find(where: Queryable, no: str) -> StoredDocument[Invoice] | None:
    """One invoice with its times; None if there is none or it was deleted."""
    row = await fetch_one(where, FIND, no=no)
    return None if row is None else stored_of(row)


def stored_of(row: Any) -> StoredDocument[Invoice]:
    """What a row with body and times says."""
    return StoredDocument(decoded(row.body), row.created_at, row.updated_at)


async def made_for(tx: Transaction, sales_document_nos: Iterable[str]) -> list[Invoice]:
    """The invoices that were made for these sales documents, the first one first; deleted ones do not count."""
    rows = await tx.all(MADE_FOR, nos=sorted(set(sales_document_nos)))
    return [decoded(body) for (body,) in rows]


async def free_numbers(tx: Transaction, count: int) -> list[str]:
    """New numbers, leaving out those that callers gave to invoices themselves; refused if the series is used up."""
    drawn = await series.take_free(tx, SERIES, count, partial(_taken, tx))
    if len(drawn) < count:
        raise series.exhausted(SERIES)
    return drawn


async def _taken(tx: Transaction, nos: Sequence[str]) -> set[str]:
    return {no for (no,) in await tx.all(TAKEN, nos=list(nos))}


async def insert(tx: Transaction, invoices: Sequence[Invoice]) -> None:
    """Insert new invoices with their lines; their numbers are free."""
    if invoices:
        await tx.run(INSERT, rows=_rows(invoices), bodies=json_texts(invoices), now=tx.now)


async def update(tx: Transaction, invoices: Sequence[Invoice]) -> None:
    """Write locked invoices at their new versions."""
    if invoices:
        await tx.run(UPDATE, rows=_rows(invoices), bodies=json_texts(invoices), now=tx.now)


def _rows(invoices: Sequence[Invoice]) -> str:
    return json_fields(invoices, "no", "version", "status", "vendor_no", "sales_document_no", "deleted")
