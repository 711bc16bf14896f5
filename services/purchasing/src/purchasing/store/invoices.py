"""Posted purchase invoices: written once, numbered without gaps; a vendor's invoice number usually only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import text

from contracts.purchasing.documents import PostedPurchaseInvoice
from eventkit.transaction import Transaction, json_rows
from recordkit.series import take

SERIES = "posted-purchase-invoice"

# Of two acts with one vendor invoice number at the same moment: the second fails on the unique index, is decided
# again and then finds the first. A `repeatable` one is not in that index.
INSERT = text("""
INSERT INTO posted_purchase_invoice (no, purchase_order_no, purchase_order_nos, vendor_no, vendor_invoice_no,
                                     repeatable, posting_date, body, posted_at)
SELECT no, purchase_order_no, purchase_order_nos, vendor_no, vendor_invoice_no, :repeatable, posting_date, body, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    no text, purchase_order_no text, purchase_order_nos text[], vendor_no text, vendor_invoice_no text,
    posting_date date, body json)
""")

FIND = text("SELECT body, posted_at FROM posted_purchase_invoice WHERE no = :no")

KNOWN = text("""
SELECT i.vendor_no, i.vendor_invoice_no, i.no
FROM json_to_recordset(CAST(:rows AS json)) AS r(vendor_no text, vendor_invoice_no text)
JOIN posted_purchase_invoice i
  ON i.vendor_no = r.vendor_no AND upper(i.vendor_invoice_no) = upper(r.vendor_invoice_no)
WHERE i.vendor_invoice_no <> ''
""")

_decoder = msgspec.json.Decoder(PostedPurchaseInvoice)


VendorInvoiceKey = tuple[str, str]
"""A vendor and its invoice number without regard to case."""


def vendor_invoice_key(vendor_no: str, vendor_invoice_no: str) -> VendorInvoiceKey:
    """How invoices differ: no vendor writes `cw-1` for another invoice than `CW-1`."""
    return vendor_no, vendor_invoice_no.upper()


async def post(
    tx: Transaction, documents: Sequence[PostedPurchaseInvoice], *, repeatable: bool
) -> list[PostedPurchaseInvoice]:
    """Number, date and write posted invoices, in order. Called after all aggregates are locked.

    `repeatable`: the setup allows the same vendor's invoice number again.
    """
    numbers = await take(tx, SERIES, len(documents))
    posted = [
        msgspec.structs.replace(d, no=no, posted_at=tx.now) for d, no in zip(documents, numbers, strict=True)
    ]
    if posted:
        rows = json_rows(_row(d) for d in posted)
        await tx.run(INSERT, rows=rows, repeatable=repeatable, now=tx.now)
    return posted


def orders_of(document: PostedPurchaseInvoice) -> list[str]:
    """The purchase orders of its lines: it may bill receipts of several, or of none."""
    return sorted({line.purchase_order_no for line in document.lines if line.purchase_order_no})


def order_of(document: PostedPurchaseInvoice) -> str:
    """Its purchase order; blank if it is of several or of none."""
    nos = orders_of(document)
    return nos[0] if len(nos) == 1 else ""


def _row(document: PostedPurchaseInvoice) -> dict[str, object]:
    return {
        "no": document.no,
        "purchase_order_no": order_of(document),
        "purchase_order_nos": orders_of(document),
        "vendor_no": document.vendor_no,
        "vendor_invoice_no": document.vendor_invoice_no,
        "posting_date": document.posting_date,
        "body": document,
    }


async def known(tx: Transaction, vendor_invoices: Iterable[tuple[str, str]]) -> dict[VendorInvoiceKey, str]:
    """Which vendor's invoices (vendor, its number) were posted, and as what."""
    wanted = [{"vendor_no": v, "vendor_invoice_no": no} for v, no in sorted(set(vendor_invoices)) if no]
    if not wanted:
        return {}
    rows = await tx.all(KNOWN, rows=json_rows(wanted))
    return {vendor_invoice_key(vendor_no, no): posted for vendor_no, no, posted in rows}


def decoded(body: str) -> PostedPurchaseInvoice:
    """A posted invoice from its column."""
    return _decoder.decode(body)
