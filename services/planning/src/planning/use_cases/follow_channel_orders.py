"""Tills have sold something: it is demand until the sales order is, or until sales makes none (POS-98, P5)."""

from __future__ import annotations

from typing import Final

from contracts.channel import ChannelOrder, ChannelTransaction
from contracts.sales.masters import PurchasingCode
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.consumer import Batch
from eventkit.transaction import Transaction
from planning.domain.demand.channel_orders import need_channel_order, open_channel_lines
from planning.domain.masters.items import ItemCard
from planning.domain.stock.availability import OpenLine
from planning.store import channel_demand
from planning.store import references as reference_store

VOID: Final = "void"


async def follow_channel_orders(tx: Transaction, batch: Batch[ChannelOrder]) -> None:
    """Open the lines of orders that were pulled; of those with a sales order nothing, whichever came first."""
    claimed = await channel_demand.claim(tx, (change.no for change in batch))
    query = ReferenceQuery()
    for change in batch:
        if change.no in claimed:
            need_channel_order(query, change.new)
    references = await _with_codes(tx, await reference_store.load(tx, query, tx.now))
    after: dict[str, list[OpenLine]] = {}
    for change in batch:
        with batch.deciding(change):
            if change.no in claimed:
                after[change.no] = open_channel_lines(change.new, references, tx.now)
    await channel_demand.store(tx, claimed, after)


def is_void(transaction: ChannelTransaction) -> bool:
    """Sales has given the till's order up, for good. Others are followed by their sales order."""
    return transaction.status == VOID


async def end_channel_orders(tx: Transaction, batch: Batch[ChannelTransaction]) -> None:
    """A till's order that sales gave up is no demand."""
    await channel_demand.end(tx, (change.no for change in batch))


async def _with_codes(tx: Transaction, references: ReferenceData) -> ReferenceData:
    """With the purchasing codes that items have by themselves; most orders name theirs."""
    known = references.all_of(PurchasingCode)
    codes = {item.purchasing_code for item in references.all_of(ItemCard).values()} - known.keys() - {""}
    if not codes:
        return references
    query = ReferenceQuery()
    query.need(PurchasingCode, *codes)
    more = await reference_store.load(tx, query, tx.now)
    return references.with_records(PurchasingCode, more.all_of(PurchasingCode))
