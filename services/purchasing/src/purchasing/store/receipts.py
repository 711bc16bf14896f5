"""Posted purchase receipts, numbered without gaps; once written they only change by what is taken back of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from purchasing.domain.orders.posted_receipts import PostedReceipt, undone_receipt, with_number
from recordkit.series import take

SERIES = "posted-purchase-receipt"

INSERT = text("""
INSERT INTO posted_purchase_receipt (no, purchase_order_no, sales_order_nos, vendor_no, posting_date, body, posted_at,
                                     updated_at)
SELECT no, purchase_order_no, sales_order_nos, vendor_no, posting_date, body, :now, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    no text, purchase_order_no text, sales_order_nos text[], vendor_no text, posting_date date, body json)
""")

UPDATE = text("""
UPDATE posted_purchase_receipt p SET body = r.body, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(no text, body json) WHERE p.no = r.no
""")

FIND = text("SELECT body, posted_at, updated_at FROM posted_purchase_receipt WHERE no = :no")

READ = text("SELECT body FROM posted_purchase_receipt WHERE no = ANY(CAST(:nos AS text[]))")

_decoder = msgspec.json.Decoder(PostedReceipt)


async def post(tx: Transaction, documents: Sequence[PostedReceipt]) -> dict[UUID, str]:
    """Number and write posted receipts; their numbers by id. Called after all aggregates are locked."""
    numbers = await take(tx, SERIES, len(documents))
    by_id = dict(zip((d.id for d in documents), numbers, strict=True))
    if documents:
        await tx.run(INSERT, rows=json_rows(_row(with_number(d, by_id)) for d in documents), now=tx.now)
    return by_id


async def undo(tx: Transaction, posting_ids: Mapping[str, Collection[UUID]]) -> None:
    """Mark receipts of these documents as taken back. The orders that they are of are locked."""
    if posting_ids:
        documents = await read(tx, posting_ids)
        undone = {no: undone_receipt(document, posting_ids[no]) for no, document in documents.items()}
        changed = [{"no": no, "body": d} for no, d in undone.items() if d is not documents[no]]
        await tx.run(UPDATE, rows=json_rows(changed), now=tx.now)


def _row(document: PostedReceipt) -> dict[str, object]:
    return {
        "no": document.no,
        "purchase_order_no": document.purchase_order_no,
        "sales_order_nos": sorted({line.sales_order_no for line in document.lines if line.sales_order_no}),
        "vendor_no": document.vendor_no,
        "posting_date": document.posting_date,
        "body": document,
    }


async def read(where: Queryable, nos: Iterable[str]) -> dict[str, PostedReceipt]:
    """Posted receipts by number; unknown numbers are absent."""
    rows = await fetch(where, READ, nos=sorted(set(nos)))
    return {document.no: document for document in (decoded(body) for (body,) in rows)}


def decoded(body: str) -> PostedReceipt:
    """A posted receipt from its column."""
    return _decoder.decode(body)
