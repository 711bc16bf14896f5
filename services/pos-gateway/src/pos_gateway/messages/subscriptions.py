"""What the gateway listens to: copies for its decisions, and what becomes of its orders in sales."""

from __future__ import annotations

from contracts.sales import ChannelTransaction
from contracts.topics import KINDS
from eventkit.consumer import Batch, Subscription
from eventkit.transaction import Transaction
from pos_gateway.use_cases.submit_orders import follow_sales

COPIES = ("customer", "ship-to-address", "purchasing-code", "charge-code", "item", "location", "stock")


async def on_channel_transactions(tx: Transaction, batch: Batch[ChannelTransaction]) -> None:
    """Orders follow what sales says. An order that is not here (any more) has nothing to follow."""
    await follow_sales(tx, [change.new for change in batch])


SUBSCRIPTIONS: tuple[Subscription[ChannelTransaction], ...] = (
    *(Subscription(KINDS[kind]) for kind in COPIES),
    Subscription(KINDS["channel-transaction"], on_channel_transactions, keep_body=False),
)
