"""What events tell of the history of sales orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from contracts.timeline import TimelineEntry
from domainkit import till_timelines, timelines

TOLD: Final[Mapping[str, Callable[[Any], Iterable[TimelineEntry]]]] = {
    "sales-order": timelines.of_sales_order,
    "posted-sales-invoice": timelines.of_sales_invoice,
    "posted-sales-credit-memo": timelines.of_sales_credit_memo,
    "channel-order": till_timelines.of_channel_order,
    "capture-outcome": till_timelines.of_capture_outcome,
    "channel-transaction": till_timelines.of_channel_transaction,
    "demand": timelines.of_demand,
    "purchase-order": timelines.of_served_sales_orders,
    "request-outcome": timelines.of_request_outcome,
}
"""By kind: its own, and those that sales reads."""
