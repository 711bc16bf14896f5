"""Reads the current snapshots of everything that sales publishes, so that they can be published again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from contracts.channel import ChannelTransaction
from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice, UnpostedSalesInvoice
from contracts.sales.orders import SalesOrder
from eventkit.republish import SnapshotReader
from recordkit.snapshots import ASKED, master_readers, snapshot_reader
from sales.domain.channel import transactions
from sales.domain.channel.transactions import TillTransaction
from sales.domain.invoices.invoice import SalesInvoice
from sales.domain.invoices.invoice import snapshot as unposted
from sales.domain.orders import order as orders
from sales.store.kinds import KINDS_OF_SALES
from sales.store.orders import ORDER
from sales.store.posted_documents import CREDIT_MEMO, INVOICE

ORDERS = f"""
SELECT no, body FROM sales_order
WHERE (NOT :open_only OR (status IN ('open', 'released') AND NOT deleted))
  AND {ASKED.format(no="no", changed="updated_at")} ORDER BY no
"""
UNPOSTED_INVOICES = f"""
SELECT no, body FROM sales_document
WHERE type = 'sales-invoice' AND (NOT :open_only OR (status = 'open' AND NOT deleted))
  AND {ASKED.format(no="no", changed="updated_at")} ORDER BY no
"""
# Invoices are never open or closed: all are read.
INVOICES = f"""
SELECT no, body FROM posted_sales_invoice
WHERE (NOT CAST(:open_only AS boolean) OR true) AND {ASKED.format(no="no", changed="updated_at")} ORDER BY no
"""
CREDIT_MEMOS = f"""
SELECT no, body FROM posted_sales_credit_memo
WHERE (NOT CAST(:open_only AS boolean) OR true) AND {ASKED.format(no="no", changed="updated_at")} ORDER BY no
"""
# The columns have the names of the struct's fields; the rest of the row is ignored.
TRANSACTIONS = f"""
SELECT confirmation_no AS no, row_to_json(channel_transaction) AS body FROM channel_transaction
WHERE version > 0 AND (NOT :open_only OR status <> 'succeeded')
  AND {ASKED.format(no="confirmation_no", changed="updated_at")}
ORDER BY confirmation_no
"""
UNPOSTED_INVOICE = msgspec.json.Decoder(SalesInvoice)
TRANSACTION = msgspec.json.Decoder(TillTransaction)


def _order(body: str) -> SalesOrder:
    return orders.snapshot(ORDER.decode(body))


def _unposted_invoice(body: str) -> UnpostedSalesInvoice:
    return unposted(UNPOSTED_INVOICE.decode(body))


def _invoice(body: str) -> PostedSalesInvoice:
    return msgspec.convert(INVOICE.decode(body), PostedSalesInvoice, from_attributes=True)


def _credit_memo(body: str) -> PostedSalesCreditMemo:
    return msgspec.convert(CREDIT_MEMO.decode(body), PostedSalesCreditMemo, from_attributes=True)


def _transaction(body: str) -> ChannelTransaction:
    return transactions.snapshot(TRANSACTION.decode(body))


SNAPSHOTS: Final[Mapping[str, SnapshotReader]] = {
    **master_readers(KINDS_OF_SALES),
    "sales-order": snapshot_reader(ORDERS, _order),
    "sales-invoice": snapshot_reader(UNPOSTED_INVOICES, _unposted_invoice),
    "posted-sales-invoice": snapshot_reader(INVOICES, _invoice),
    "posted-sales-credit-memo": snapshot_reader(CREDIT_MEMOS, _credit_memo),
    "channel-transaction": snapshot_reader(TRANSACTIONS, _transaction),
}
"""Kind → how to read its snapshots."""
