"""What sales listens to: kind by kind, and who handles it. Kinds without a handler are copies to look things up."""

from __future__ import annotations

from typing import Any

from contracts.topics import KINDS
from eventkit.consumer import Handler, Subscription
from sales.messages.on_channel_order import on_channel_order
from sales.messages.on_demand import on_demand
from sales.messages.on_purchase_order import on_purchase_order
from sales.messages.on_request_outcome import on_request_outcome

COPIES = ("planning-setup", "location", "item", "stockkeeping-unit", "store")
"""In the order in which a batch is handled: masters before what names them."""

HANDLERS: dict[str, Handler] = {
    "demand": on_demand,
    "purchase-order": on_purchase_order,
    "request-outcome": on_request_outcome,
    "channel-order": on_channel_order,
}

SUBSCRIPTIONS: tuple[Subscription[Any], ...] = (
    *(Subscription(KINDS[name]) for name in COPIES),
    *(Subscription(KINDS[name], handler, keep_body=False) for name, handler in HANDLERS.items()),
)
