"""How an order's status follows what sales makes of its transaction (POS-105)."""

from __future__ import annotations

from typing import Final

from contracts.channel import ChannelTransaction
from pos_gateway.domain.orders.order import CustomerOrder

FOLLOWS_SALES: Final = (
    "submitting",
    "pending",
    "pulled",
    "synchronized",
    "failed",
    "held",
    "void",
)
"""Statuses that sales' word replaces; later ones are the gateway's own."""

DONE: Final = ("void", "cancelled", "fulfilled", "closed")
"""Statuses of orders of which nothing is to be handed over any more."""

_OF_TRANSACTION: Final = {
    "pulled": "pulled",
    "editing": "failed",
    "succeeded": "synchronized",
    "failed": "failed",
    "dead": "failed",
    "held": "held",
    "void": "void",
}


def status_after(transaction: ChannelTransaction) -> str | None:
    """The order's status by sales' transaction; None for a word this version does not know."""
    return _OF_TRANSACTION.get(transaction.status)


def first_status(order: CustomerOrder) -> str:
    """An order waits to be pulled, or sales is asked for it at once."""
    return "pending" if order.mode == "asynchronous" else "submitting"
