"""Posted shipments, invoices and credit memos, and the posting ids that make each movement happen once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from eventkit.transaction import Queryable, Transaction, fetch_one, json_rows
from recordkit.stored import StoredDocument
from sales.domain.posting.credit_memos import CreditMemo
from sales.domain.posting.documents import PostedDocument, PostedInvoice, PostedShipment

INSERT_SHIPMENTS = text("""
INSERT INTO posted_sales_shipment (no, version, sales_order_no, customer_no, posting_date, body, created_at, updated_at)
SELECT no, version, sales_order_no, customer_no, posting_date, body, :now, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    no text, version bigint, sales_order_no text, customer_no text, posting_date date, body json)
""")

# UNIQUE (posting_id): the same movement from two sides can never become two shipments.
INSERT_POSTINGS = text("""
INSERT INTO shipment_posting (posting_id, shipment_no, sales_line_id)
SELECT posting_id, shipment_no, sales_line_id
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(posting_id uuid, shipment_no text, sales_line_id uuid)
""")

INSERT_INVOICES = text("""
INSERT INTO posted_sales_invoice (no, version, sales_order_no, sales_order_nos, customer_no, posting_date, body,
                                  created_at, updated_at)
SELECT no, version, sales_order_no, sales_order_nos, customer_no, posting_date, body, :now, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    no text, version bigint, sales_order_no text, sales_order_nos text[], customer_no text, posting_date date,
    body json)
""")

INSERT_CREDIT_MEMOS = text("""
INSERT INTO posted_sales_credit_memo (no, version, sales_order_no, sales_order_nos, customer_no, posting_date, body,
                                      created_at, updated_at)
SELECT no, version, sales_order_no, sales_order_nos, customer_no, posting_date, body, :now, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    no text, version bigint, sales_order_no text, sales_order_nos text[], customer_no text, posting_date date,
    body json)
""")

UPDATE_INVOICES = text("""
UPDATE posted_sales_invoice i SET version = r.version, body = r.body, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, version bigint, body json)
WHERE i.no = r.no
""")

UPDATE_SHIPMENTS = text("""
UPDATE posted_sales_shipment s SET version = r.version, body = r.body, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, version bigint, body json)
WHERE s.no = r.no
""")

ORDERS_OF_SHIPMENTS = text("""
SELECT no, sales_order_no FROM posted_sales_shipment WHERE no = ANY(CAST(:nos AS text[]))
""")
SHIPMENTS = text("SELECT body FROM posted_sales_shipment WHERE no = ANY(CAST(:nos AS text[]))")

INVOICES = text("SELECT body FROM posted_sales_invoice WHERE no = ANY(CAST(:nos AS text[]))")
LOCK_INVOICES = text("""
SELECT body FROM posted_sales_invoice WHERE no = ANY(CAST(:nos AS text[])) ORDER BY no FOR UPDATE
""")

FIND_SHIPMENT = text("SELECT body, created_at, updated_at FROM posted_sales_shipment WHERE no = :no")
FIND_INVOICE = text("SELECT body, created_at, updated_at FROM posted_sales_invoice WHERE no = :no")

FIND_CREDIT_MEMO = text("SELECT body, created_at, updated_at FROM posted_sales_credit_memo WHERE no = :no")

SHIPMENT = msgspec.json.Decoder(PostedShipment)
INVOICE = msgspec.json.Decoder(PostedInvoice)
CREDIT_MEMO = msgspec.json.Decoder(CreditMemo)


async def store_shipments(tx: Transaction, shipments: Sequence[PostedShipment]) -> None:
    """Store new shipments and claim their postings."""
    if not shipments:
        return
    await tx.run(INSERT_SHIPMENTS, rows=json_rows(map(_row, shipments)), now=tx.now)
    postings = [
        {"posting_id": line.posting_id, "shipment_no": shipment.no, "sales_line_id": line.sales_line_id}
        for shipment in shipments
        for line in shipment.lines
    ]
    await tx.run(INSERT_POSTINGS, rows=json_rows(postings))


async def orders_of_shipments(tx: Transaction, nos: Iterable[str]) -> dict[str, str]:
    """The sales order of each of these shipments; unknown ones are absent."""
    rows = await tx.all(ORDERS_OF_SHIPMENTS, nos=sorted(set(nos)))
    return {row.no: row.sales_order_no for row in rows}


async def shipments(tx: Transaction, nos: Iterable[str]) -> dict[str, PostedShipment]:
    """Shipments by number. Their orders are locked, so no other act changes them."""
    found = (SHIPMENT.decode(body) for (body,) in await tx.all(SHIPMENTS, nos=sorted(set(nos))))
    return {shipment.no: shipment for shipment in found}


async def update_shipments(tx: Transaction, changed: Sequence[PostedShipment]) -> None:
    """Store shipments of which movements were taken back."""
    if changed:
        await tx.run(UPDATE_SHIPMENTS, rows=json_rows(map(_row, changed)), now=tx.now)


async def store_invoices(tx: Transaction, invoices: Sequence[PostedInvoice]) -> None:
    """Store new invoices, already numbered."""
    if invoices:
        await tx.run(INSERT_INVOICES, rows=json_rows(map(_joint_row, invoices)), now=tx.now)


async def invoices(tx: Transaction, nos: Iterable[str]) -> dict[str, PostedInvoice]:
    """Invoices by number as they are now, not locked."""
    return await _invoices(tx, INVOICES, nos)


async def lock_invoices(tx: Transaction, nos: Iterable[str]) -> dict[str, PostedInvoice]:
    """Invoices by number, locked in the order of their numbers: what is credited of them is decided once."""
    return await _invoices(tx, LOCK_INVOICES, nos)


async def _invoices(tx: Transaction, statement: TextClause, nos: Iterable[str]) -> dict[str, PostedInvoice]:
    wanted = sorted(set(nos))
    found = (INVOICE.decode(body) for (body,) in await tx.all(statement, nos=wanted)) if wanted else ()
    return {invoice.no: invoice for invoice in found}


async def update_invoices(tx: Transaction, changed: Sequence[PostedInvoice]) -> None:
    """Store invoices of which something was credited."""
    if changed:
        await tx.run(UPDATE_INVOICES, rows=json_rows(map(_row, changed)), now=tx.now)


async def store_credit_memos(tx: Transaction, memos: Sequence[CreditMemo]) -> None:
    """Store new credit memos, already numbered."""
    if memos:
        await tx.run(INSERT_CREDIT_MEMOS, rows=json_rows(map(_joint_row, memos)), now=tx.now)


async def find_credit_memo(conn: Queryable, no: str) -> StoredDocument[CreditMemo] | None:
    """A posted credit memo by its number."""
    row = await fetch_one(conn, FIND_CREDIT_MEMO, no=no)
    return None if row is None else credit_memo_of(row)


def credit_memo_of(row: Any) -> StoredDocument[CreditMemo]:
    """What a row with body and times says."""
    return StoredDocument(CREDIT_MEMO.decode(row.body), row.created_at, row.updated_at)


async def find_shipment(conn: Queryable, no: str) -> StoredDocument[PostedShipment] | None:
    """A posted shipment by its number."""
    row = await fetch_one(conn, FIND_SHIPMENT, no=no)
    return None if row is None else shipment_of(row)


async def find_invoice(conn: Queryable, no: str) -> StoredDocument[PostedInvoice] | None:
    """A posted invoice by its number."""
    row = await fetch_one(conn, FIND_INVOICE, no=no)
    return None if row is None else invoice_of(row)


def shipment_of(row: Any) -> StoredDocument[PostedShipment]:
    """What a row with body and times says."""
    return StoredDocument(SHIPMENT.decode(row.body), row.created_at, row.updated_at)


def invoice_of(row: Any) -> StoredDocument[PostedInvoice]:
    """What a row with body and times says."""
    return StoredDocument(INVOICE.decode(row.body), row.created_at, row.updated_at)


def _joint_row(document: PostedInvoice | CreditMemo) -> dict[str, Any]:
    """With the orders of its lines: several shipments can be invoiced together, and credited together."""
    nos = {line.sales_order_no for line in document.lines if line.sales_order_no}
    return {**_row(document), "sales_order_nos": sorted(nos)}


def _row(document: PostedDocument) -> dict[str, Any]:
    return {
        "no": document.no,
        "version": document.version,
        "sales_order_no": document.sales_order_no,
        "customer_no": document.customer_no,
        "posting_date": document.posting_date,
        "body": msgspec.Raw(msgspec.json.encode(document)),
    }
