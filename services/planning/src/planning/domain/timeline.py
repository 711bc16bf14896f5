"""What events tell of the history of documents that order tracking shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from contracts.timeline import TimelineEntry
from domainkit import timelines

TOLD: Final[Mapping[str, Callable[[Any], Iterable[TimelineEntry]]]] = {
    "sales-order": timelines.of_sales_order,
    "purchase-order": timelines.of_purchase_order,
}
"""By kind, as planning reads them."""
