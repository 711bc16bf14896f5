"""What planning listens to: copies it looks things up in, and events that make it act."""

from __future__ import annotations

from typing import Any, Final

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from planning.store.kinds import COPIES
from planning.use_cases.follow_channel_orders import end_channel_orders, follow_channel_orders, is_void
from planning.use_cases.follow_purchase_invoices import follow_purchase_invoices
from planning.use_cases.follow_purchase_orders import follow_purchase_orders
from planning.use_cases.follow_request_outcomes import follow_request_outcomes
from planning.use_cases.follow_sales_invoices import follow_sales_credit_memos, follow_sales_invoices
from planning.use_cases.follow_sales_orders import follow_sales_orders

SUBSCRIPTIONS: Final[tuple[Subscription[Any], ...]] = (
    *(Subscription(KINDS[kind]) for kind in COPIES),
    Subscription(KINDS["channel-order"], follow_channel_orders, keep_body=False),
    Subscription(KINDS["sales-order"], follow_sales_orders),
    Subscription(KINDS["channel-transaction"], end_channel_orders, keep_body=False, wants=is_void),
    Subscription(KINDS["purchase-order"], follow_purchase_orders),
    Subscription(KINDS["posted-sales-invoice"], follow_sales_invoices, keep_body=False),
    Subscription(KINDS["posted-sales-credit-memo"], follow_sales_credit_memos, keep_body=False),
    Subscription(KINDS["posted-purchase-invoice"], follow_purchase_invoices, keep_body=False),
    Subscription(KINDS["request-outcome"], follow_request_outcomes, keep_body=False),
)
"""In this order within a batch: masters before orders, demand before what answers it."""
