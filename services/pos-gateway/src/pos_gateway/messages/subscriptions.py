"""What the gateway listens to: copies for its decisions, and what becomes of its orders in sales."""

from __future__ import annotations

from typing import Any

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from pos_gateway.store.kinds import COPIES
from pos_gateway.use_cases.follow_channel_transactions import follow_channel_transactions

SUBSCRIPTIONS: tuple[Subscription[Any], ...] = (
    *(Subscription(KINDS[kind]) for kind in COPIES),
    Subscription(KINDS["channel-transaction"], follow_channel_transactions, keep_body=False),
)
