"""What sales counts for itself; `store/gauges.py` reads what its database knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Counter, Histogram

LINKED = Counter("koppel_sales_lines_linked_total", "Sales lines whose purchase line sales learned of")
RELEASE_TO_LINK = Histogram(
    "koppel_sales_release_to_link_seconds",
    "From the release of an order to the purchase line of one of its lines, as sales learns of it",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86400),
)


def linked(released: Iterable[datetime | None], at: datetime) -> None:
    """Count lines that were linked, each with the release of its order if that is known."""
    for since in released:
        LINKED.inc()
        if since is not None:
            RELEASE_TO_LINK.observe(max(0.0, (at - since).total_seconds()))
