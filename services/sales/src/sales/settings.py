"""Settings of the sales service: the kit's, and its own limits."""

from __future__ import annotations

from mailkit.settings import MailingSettings


class SalesSettings(MailingSettings):
    """Every limit is named with its unit."""

    http_port: int = 8001
    """Port of `serve`."""
    work_http_port: int = 9001
    """Port of `work`: health and metrics."""
    synchronization_batch_orders: int = 300
    """Till transactions that one database transaction turns into sales orders."""
    procurement_overdue_s: float = 900.0
    """A flagged line that is not bought so long after the release of its order is listed in `GET /v1/exceptions`."""
