"""A till's transaction was pulled: it is kept, once, until synchronization makes its sales order."""

from __future__ import annotations

from uuid import UUID

from contracts.channel import ChannelOrder
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.store import channel_transactions


async def follow_channel_orders(tx: Transaction, batch: Batch[ChannelOrder]) -> None:
    """Store each transaction once; if the synchronous path brought it before, nothing happens.

    Another transaction under the same identity gets no order: it is parked for a person.
    """
    wanted: dict[UUID, tuple[ChannelOrder, Context]] = {
        change.new.transaction_id: (change.new, change.context) for change in batch
    }
    new = await channel_transactions.claim(tx, wanted)
    lost = [wanted[id_][0] for id_ in wanted if id_ not in new]
    others = await channel_transactions.others_of_identity(tx, lost) if lost else {}
    for change in batch:
        with batch.deciding(change):
            other = others.get(change.new.transaction_id)
            if other is not None:
                raise ValueError(f"its identity or confirmation number belongs to order {other} already")
