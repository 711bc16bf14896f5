"""A till's transaction was pulled: it is kept, once, until synchronization makes its sales order."""

from __future__ import annotations

from uuid import UUID

from contracts.channel import ChannelOrder
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.store import channel_transactions
from sales.use_cases.carry_out_acts import carry_out_sent
from sales.use_cases.locked_acts import Sent


async def follow_channel_orders(tx: Transaction, batch: Batch[ChannelOrder]) -> None:
    """Store each transaction once, and take in the acts of tills that its later snapshots bring.

    If the synchronous path brought a transaction or act before, nothing happens. An act that sales cannot carry out
    has happened nevertheless: it is kept as failed and tried again. Another transaction under a taken identity gets
    no order: it is parked for a person.
    """
    wanted: dict[UUID, tuple[ChannelOrder, Context]] = {
        change.new.transaction_id: (change.new, change.context) for change in batch
    }
    new = await channel_transactions.claim(tx, wanted)
    lost = [wanted[id_][0] for id_ in wanted if id_ not in new]
    others = await channel_transactions.others_of_identity(tx, lost) if lost else {}
    sent = [Sent(c.new, c.context) for c in batch if c.new.acts and c.new.transaction_id not in others]
    if sent:
        await carry_out_sent(tx, sent)
    for change in batch:
        with batch.deciding(change):
            other = others.get(change.new.transaction_id)
            if other is not None:
                raise ValueError(f"its identity or confirmation number belongs to order {other} already")
