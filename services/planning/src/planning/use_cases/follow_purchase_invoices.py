"""A purchase invoice was posted: goods that came with it enter stock, and items learn what they cost last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from contracts.purchasing.documents import PostedPurchaseInvoice
from domainkit.references import ReferenceQuery
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.masters.items import ItemCard
from planning.domain.stock.ledger import LedgerEntry, only_inventory
from planning.domain.stock.purchase_invoices import LastCost, invoice_entries, last_direct_costs, newest
from planning.store import item_costs
from planning.store import references as reference_store
from planning.store.kinds import ITEM, KINDS_OF_PLANNING, PUBLISHED
from planning.use_cases.post_entries import post_entries
from recordkit import records
from recordkit.commands import Command


async def follow_purchase_invoices(tx: Transaction, batch: Batch[PostedPurchaseInvoice]) -> None:
    """Post what invoices received, and store what their items cost, unless a later posted invoice said it before.

    A posted invoice never changes, and its movements are unique by posting: delivered again it changes nothing.
    """
    query = ReferenceQuery()
    for change in batch:
        query.need(ItemCard, *(line.item_no for line in change.new.lines if line.item_no))
        query.need_rates(change.new.currency_code, change.new.posting_date)
    references = await reference_store.load(tx, query, tx.now)
    entries: list[LedgerEntry] = []
    contexts: dict[str, Context] = {}
    costs: list[LastCost] = []
    for change in batch:
        with batch.deciding(change):
            entries += only_inventory(invoice_entries(change.new), references)
            contexts[change.no] = change.context
            costs += last_direct_costs(change.new, references)
    # Items before stock: its rows are shared by all orders of an item, so they are locked last.
    await _store_costs(tx, costs, contexts)
    if entries:
        await post_entries(
            tx,
            entries,
            freed={},
            why=lambda entry: contexts[entry.document_no],
            otherwise=contexts[entries[0].document_no],
        )


async def _store_costs(tx: Transaction, costs: Sequence[LastCost], contexts: Mapping[str, Context]) -> None:
    newer = {cost.item_no: cost for cost in await item_costs.take_newer(tx, newest(costs).values())}
    items = await records.lock(tx, KINDS_OF_PLANNING, ItemCard, newer)
    commands = [
        Command(replace(item, last_direct_cost=newer[no].cost), contexts[newer[no].invoice_no])
        for no, item in items.items()
        if not item.deleted
    ]
    await records.put_records(
        tx, commands, KINDS_OF_PLANNING, no_of=lambda item: item.no, published=PUBLISHED[ITEM]
    )
