"""How an order's status follows what sales makes of its transaction (POS-105)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from contracts.channel import ChannelTransaction
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.quantities import quantities_by_line
from pos_gateway.domain.orders.stage import SalesProgress, Stage

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

ENDED_AT_TILL: Final = ("cancelled", "closed")
"""Statuses that an act has given: sales learns of them, and its word does not replace them."""

SYNCHRONIZED: Final = "synchronized"

_OF_TRANSACTION: Final = {
    "pulled": "pulled",
    "editing": "failed",
    "succeeded": SYNCHRONIZED,
    "failed": "failed",
    "dead": "failed",
    "held": "held",
    "void": "void",
}


def status_after(transaction: ChannelTransaction) -> str | None:
    """The order's status by sales' transaction; None for a word this version does not know."""
    return _OF_TRANSACTION.get(transaction.status)


def first_status(order: CustomerOrder) -> str:
    """An order waits to be pulled, or sales is asked for it at once; one with errors waits to be repaired."""
    if order.errors:
        return "failed"
    return "pending" if order.mode == "asynchronous" else "submitting"


def stage_after(order: CustomerOrder, stage: Stage, said: ChannelTransaction, now: datetime) -> Stage:
    """The stage of an order once sales has said this; a word that this version does not know changes no status."""
    progress = SalesProgress(
        lines=said.lines, invoices=said.invoices, acts=said.acts, order_closed=said.order_closed
    )
    followed = replace(
        stage,
        sales_order_no=said.sales_order_no or stage.sales_order_no,
        sales_quote_no=said.sales_quote_no or stage.sales_quote_no,
        customer_no=said.customer_no or stage.customer_no,
        invoice_no=said.invoice_no or stage.invoice_no,
        errors=said.errors,
        progress=None if progress == SalesProgress() else progress,
        updated_at=now,
    )
    return replace(followed, status=status_by_quantities(order, followed, status_after(said) or stage.status))


def status_by_quantities(order: CustomerOrder, stage: Stage, of_sales: str) -> str:
    """The order's status: what an act made of it, else sales' word, with how much is handed over once it has the order.

    `of_sales`: the status by sales' transaction.
    """
    if stage.status in ENDED_AT_TILL:
        return stage.status
    if of_sales not in {SYNCHRONIZED, "partly_fulfilled", "fulfilled"}:
        return of_sales
    quantities = quantities_by_line(order, stage).values()
    if not any(q.handed_over for q in quantities):
        return SYNCHRONIZED if any(q.open for q in quantities) else "cancelled"
    return "partly_fulfilled" if any(q.open for q in quantities) else "fulfilled"
