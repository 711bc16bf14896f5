"""Orders, and the customers made with them, follow what sales makes of their transactions (POS-105)."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.channel import ChannelTransaction
from eventkit.consumer import Batch
from eventkit.transaction import Transaction
from pos_gateway.store import stages, till_customers


async def follow_channel_transactions(tx: Transaction, batch: Batch[ChannelTransaction]) -> None:
    """Apply what sales published. An order that is not here (any more) has nothing to follow."""
    await follow(tx, [change.new for change in batch])


async def follow(tx: Transaction, transactions: Sequence[ChannelTransaction]) -> None:
    """Apply what sales says of transactions, by event or by the answer to a request."""
    moved = await stages.follow(tx, transactions)
    numbers = {
        customer: t.customer_no
        for t in transactions
        if t.customer_no and (customer := moved.get(t.confirmation_no)) is not None
    }
    await till_customers.set_numbers(tx, numbers)
