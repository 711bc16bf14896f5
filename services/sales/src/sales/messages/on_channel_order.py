"""A till's transaction was pulled: it is kept, once, until synchronization makes its sales order."""

from __future__ import annotations

from uuid import UUID

from contracts.pos import ChannelOrder
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.store import channel


async def on_channel_order(tx: Transaction, batch: Batch[ChannelOrder]) -> None:
    """Store each transaction once; the synchronous path may have been here first, then nothing happens.

    Another transaction under the same identity is no order of ours to make: it is parked for a person.
    """
    wanted: dict[UUID, tuple[ChannelOrder, Context]] = {
        change.new.transaction_id: (change.new, change.context) for change in batch
    }
    new = await channel.claim(tx, wanted)
    lost = [wanted[id_][0] for id_ in wanted if id_ not in new]
    others = await channel.others_of_identity(tx, lost) if lost else {}
    for change in batch:
        with batch.deciding(change):
            other = others.get(change.new.transaction_id)
            if other is not None:
                raise ValueError(f"its identity or confirmation number belongs to order {other} already")
