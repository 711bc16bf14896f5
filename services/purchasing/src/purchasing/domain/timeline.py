"""What events tell of the history of purchase orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from contracts.timeline import TimelineEntry
from domainkit import timelines

TOLD: Final[Mapping[str, Callable[[Any], Iterable[TimelineEntry]]]] = {
    "purchase-order": timelines.of_purchase_order,
    "posted-purchase-invoice": timelines.of_purchase_invoice,
    "request-outcome": timelines.of_order_s_request_outcome,
    "purchase-request": timelines.of_purchase_request,
    "sales-order": timelines.of_flagged_sales_order,
}
"""By kind: its own, and those that purchasing reads."""
