"""A sales invoice without an order was posted: its goods leave stock."""

from __future__ import annotations

from contracts.sales import PostedSalesInvoice
from domainkit.references import ReferenceQuery
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.masters.items import ItemCard
from planning.domain.stock.ledger import LedgerEntry, only_inventory
from planning.domain.stock.sales_invoices import sales_invoice_entries
from planning.store import references as reference_store
from planning.use_cases.post_entries import post_entries


async def follow_sales_invoices(tx: Transaction, batch: Batch[PostedSalesInvoice]) -> None:
    """Post what left with invoices. Movements are unique by posting: delivered again they change nothing."""
    entries: list[LedgerEntry] = []
    contexts: dict[str, Context] = {}
    for change in batch:
        with batch.deciding(change):
            moved = sales_invoice_entries(change.new)
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
