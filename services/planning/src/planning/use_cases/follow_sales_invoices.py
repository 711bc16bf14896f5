"""A sales invoice without an order was posted: its goods leave stock. A credit memo brings goods back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice
from domainkit.references import ReferenceQuery
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.masters.items import ItemCard
from planning.domain.stock.ledger import LedgerEntry, only_inventory
from planning.domain.stock.sales_invoices import credit_memo_entries, sales_invoice_entries
from planning.store import references as reference_store
from planning.use_cases.post_entries import post_entries

D = TypeVar("D", PostedSalesInvoice, PostedSalesCreditMemo)


async def follow_sales_invoices(tx: Transaction, batch: Batch[PostedSalesInvoice]) -> None:
    """Post what left with invoices. Movements are unique by posting: delivered again they change nothing."""
    await _post(tx, batch, sales_invoice_entries)


async def follow_sales_credit_memos(tx: Transaction, batch: Batch[PostedSalesCreditMemo]) -> None:
    """Post what came back with credit memos, in the same way."""
    await _post(tx, batch, credit_memo_entries)


async def _post(tx: Transaction, batch: Batch[D], movements: Callable[[D], list[LedgerEntry]]) -> None:
    entries: list[LedgerEntry] = []
    contexts: dict[str, Context] = {}
    for change in batch:
        with batch.deciding(change):
            moved = movements(change.new)
            entries += moved
            contexts |= {entry.document_no: change.context for entry in moved}
    if not entries:  # most invoices bill orders, whose shipments are known already
        return
    query = ReferenceQuery()
    query.need(ItemCard, *(entry.item_no for entry in entries))
    references = await reference_store.load(tx, query, tx.now)
    await post_entries(
        tx,
        only_inventory(entries, references),
        freed={},
        why=lambda entry: contexts[entry.document_no],
        otherwise=contexts[entries[0].document_no],
    )
