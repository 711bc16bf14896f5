"""What purchasing listens to, in the order in which a batch is handled: what others need comes first."""

from __future__ import annotations

from typing import Any

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from purchasing.store.kinds import COPIES
from purchasing.use_cases.decide_invoice_requests import follow_sales_invoices
from purchasing.use_cases.follow_items import follow_items
from purchasing.use_cases.follow_purchase_requests import follow_purchase_requests
from purchasing.use_cases.follow_sales_orders import follow_sales_orders

SUBSCRIPTIONS: tuple[Subscription[Any], ...] = (
    *(Subscription(KINDS[kind]) for kind in COPIES if kind != "item"),
    Subscription(KINDS["item"], follow_items),
    Subscription(KINDS["sales-order"], follow_sales_orders),
    Subscription(KINDS["sales-invoice"], follow_sales_invoices, keep_body=False),
    Subscription(KINDS["purchase-request"], follow_purchase_requests, keep_body=False),
)
