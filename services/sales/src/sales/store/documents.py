"""Sales documents that are not orders: each stored whole, with the columns that lists filter on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, select, text

from eventkit.transaction import Queryable, Transaction, fetch_one, json_rows, json_texts
from recordkit.records import MASTER
from sales.domain.invoices.invoice import SalesInvoice
from sales.domain.masters import SETUP_NO
from sales.domain.orders.context import OrderWithSupply
from sales.domain.orders.order import Order
from sales.domain.quotes.quote import Quote
from sales.domain.returns.return_order import ReturnOrder
from sales.store.order_reads import setup_of
from sales.store.tables import SALES_DOCUMENT

QUOTE: Final = "sales-quote"
INVOICE: Final = "sales-invoice"
RETURN: Final = "sales-return-order"
_DECODERS: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    QUOTE: msgspec.json.Decoder(Quote),
    INVOICE: msgspec.json.Decoder(SalesInvoice),
    RETURN: msgspec.json.Decoder(ReturnOrder),
}

LOCK = text("""
SELECT no, body, created_at, updated_at FROM sales_document
WHERE type = :type AND no = ANY(CAST(:nos AS text[])) AND NOT deleted ORDER BY no FOR UPDATE
""")

_ROWS = """
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    no text, version bigint, status text, deleted boolean, customer_no text, external_document_no text,
    order_date date, sales_order_no text), unnest(CAST(:bodies AS json[])))
AS r(no, version, status, deleted, customer_no, external_document_no, order_date, sales_order_no, body)
"""

# A number that is used already is left out of the answer instead of failing all documents of the batch.
INSERT = text(f"""
INSERT INTO sales_document (type, no, version, status, deleted, customer_no, external_document_no, order_date,
                            sales_order_no, body, created_at, updated_at)
SELECT :type, no, version, status, deleted, customer_no, external_document_no, order_date, sales_order_no, body,
       :now, :now
{_ROWS} ON CONFLICT (type, no) DO NOTHING RETURNING no
""")

UPDATE = text(f"""
UPDATE sales_document d
SET version = r.version, status = r.status, deleted = r.deleted, customer_no = r.customer_no,
    external_document_no = r.external_document_no, order_date = r.order_date,
    sales_order_no = r.sales_order_no, body = r.body, updated_at = :now
{_ROWS} WHERE d.type = :type AND d.no = r.no
""")

FIND = text("""
SELECT d.body, d.created_at, d.updated_at,
       (SELECT body FROM master WHERE kind = 'sales-setup' AND no = :setup_no) AS setup
FROM sales_document d WHERE d.type = :type AND d.no = :no AND NOT d.deleted
""")


class LockedDocumentRows(msgspec.Struct, frozen=True):
    """Documents by number (unknown and deleted ones are absent), and when each was created and changed."""

    documents: dict[str, Any]
    times: Mapping[str, tuple[datetime, datetime]]


async def lock(tx: Transaction, type_: str, nos: Iterable[str]) -> LockedDocumentRows:
    """Documents of a type, locked in the order of their numbers."""
    rows = await tx.all(LOCK, type=type_, nos=sorted(set(nos)))
    return LockedDocumentRows(
        {row.no: _DECODERS[type_].decode(row.body) for row in rows},
        {row.no: (row.created_at, row.updated_at) for row in rows},
    )


async def insert(tx: Transaction, type_: str, documents: Sequence[Order]) -> set[str]:
    """Store new documents; returns the numbers that were stored, without those that were used before."""
    if not documents:
        return set()
    rows, bodies = json_rows(map(_row, documents)), json_texts(documents)
    return {row[0] for row in await tx.all(INSERT, type=type_, rows=rows, bodies=bodies, now=tx.now)}


async def update(tx: Transaction, type_: str, documents: Sequence[Order]) -> None:
    """Store changed documents, which this transaction has locked."""
    if documents:
        rows, bodies = json_rows(map(_row, documents)), json_texts(documents)
        await tx.run(UPDATE, type=type_, rows=rows, bodies=bodies, now=tx.now)


async def find(conn: Queryable, type_: str, no: str) -> OrderWithSupply | None:
    """One document, unless it was deleted."""
    row = await fetch_one(conn, FIND, type=type_, no=no, setup_no=SETUP_NO)
    return None if row is None else decoded(type_, row)


def query(type_: str) -> Select[Any]:
    """The same for many, deleted ones too: filter, order and page it."""
    columns = SALES_DOCUMENT.c
    setup = select(MASTER.c.body).where(MASTER.c.kind == "sales-setup", MASTER.c.no == SETUP_NO)
    return select(
        columns.body, columns.created_at, columns.updated_at, setup.scalar_subquery().label("setup")
    ).where(columns.type == type_)


def decoded(type_: str, row: Any) -> OrderWithSupply:
    """A row of one of these queries; nothing is bought for such a document."""
    document = _DECODERS[type_].decode(row.body)
    return OrderWithSupply(document, {}, setup_of(row), row.created_at, row.updated_at)


def _row(document: Order) -> dict[str, Any]:
    return {
        "no": document.no,
        "version": document.version,
        "status": document.status,
        "deleted": document.deleted,
        "customer_no": document.customer_no,
        "external_document_no": document.external_document_no,
        "order_date": document.order_date,
        "sales_order_no": getattr(document, "sales_order_no", ""),
    }
