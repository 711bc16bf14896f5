"""What sales listens to: kind by kind, and the use case that follows it. Kinds without one are copies to look up."""

from __future__ import annotations

from typing import Any

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from sales.store.kinds import COPIES
from sales.use_cases.follow_captures import follow_captures
from sales.use_cases.follow_channel_orders import follow_channel_orders
from sales.use_cases.follow_demand import follow_demand
from sales.use_cases.follow_promises import follow_promises
from sales.use_cases.follow_purchase_orders import follow_purchase_orders
from sales.use_cases.follow_request_outcomes import follow_request_outcomes

# In the order in which a batch is handled: master data before what names it.
SUBSCRIPTIONS: tuple[Subscription[Any], ...] = (
    *(Subscription(KINDS[name]) for name in COPIES),
    Subscription(KINDS["order-reservation"]),
    Subscription(KINDS["demand"], follow_demand, keep_body=False),
    Subscription(KINDS["order-promise"], follow_promises, keep_body=False),
    Subscription(KINDS["purchase-order"], follow_purchase_orders, keep_body=False),
    Subscription(KINDS["request-outcome"], follow_request_outcomes, keep_body=False),
    Subscription(KINDS["channel-order"], follow_channel_orders, keep_body=False),
    Subscription(KINDS["capture-outcome"], follow_captures, keep_body=False),
)
