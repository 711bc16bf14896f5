"""Settings of the sales service: the kit's, and its own limits."""

from __future__ import annotations

from servicekit.settings import ServiceSettings


class SalesSettings(ServiceSettings):
    """Every limit is named with its unit."""

    http_port: int = 8001
    work_http_port: int = 9001
    synchronization_batch_orders: int = 300
    """Till transactions that one database transaction turns into sales orders."""
