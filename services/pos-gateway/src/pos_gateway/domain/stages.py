"""How an order's status follows what sales makes of its transaction (POS-105; contract point 11)."""

from __future__ import annotations

from contracts.sales import ChannelTransaction
from pos_gateway.domain.order import CustomerOrder, Status

STATUSES: tuple[Status, ...] = (
    "submitting",
    "pending",
    "pulled",
    "synchronized",
    "failed",
    "held",
    "void",
    "cancelled",
    "partly_fulfilled",
    "fulfilled",
    "closed",
)
FOLLOWS_SALES: tuple[Status, ...] = (
    "submitting",
    "pending",
    "pulled",
    "synchronized",
    "failed",
    "held",
    "void",
)
"""Statuses that sales' word replaces; later ones are the gateway's own."""

_OF_TRANSACTION: dict[str, Status] = {
    "pulled": "pulled",
    "editing": "failed",
    "succeeded": "synchronized",
    "failed": "failed",
    "dead": "failed",
    "held": "held",
    "void": "void",
}


def status_after(transaction: ChannelTransaction) -> Status | None:
    """The order's status by sales' transaction; None for a word this version does not know."""
    return _OF_TRANSACTION.get(transaction.status)


def first_status(order: CustomerOrder) -> Status:
    """An order waits to be pulled, or sales is asked for it at once."""
    return "pending" if order.mode == "asynchronous" else "submitting"
