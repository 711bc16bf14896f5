"""Quotes under lock, for the acts that they share with orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from contracts.sales import SalesOrder
from contracts.topics import Kind
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import Order
from sales.domain.quotes.quote import Quote, as_quote
from sales.store import documents
from sales.store.order_locks import LockedRows
from sales.use_cases.locked_orders import ChangedOrders, Need, T, load_context

SALES_QUOTE: Final = Kind(name=documents.QUOTE, topic="", model=SalesOrder)
"""Quotes are not published: nothing is bought or shipped for them."""


class ChangedQuotes(ChangedOrders):
    """The quotes that a batch of commands changes."""

    def __init__(self, rows: LockedRows, context: OrderContext, now: datetime) -> None:
        super().__init__(rows, context, now)
        self.kind = SALES_QUOTE

    def put(self, after: Order, context: Context, *happened: str) -> Done:
        """Keep the outcome of an act that the rules of quotes allow."""
        before = self.by_no[after.no]
        if isinstance(after, Quote) and isinstance(before, Quote):
            after = as_quote(before, after, self.context.references)
        return super().put(after, context, *happened)

    async def store(self, tx: Transaction) -> None:
        """Write the quotes that changed."""
        await documents.update(tx, documents.QUOTE, self.changed())


async def lock_quotes(
    tx: Transaction, commands: Sequence[Command[T]], need: Need[T] | None = None
) -> ChangedQuotes:
    """Lock the quotes that the commands name, and load what deciding about them looks up."""
    locked = await documents.lock(tx, documents.QUOTE, (command.data.no for command in commands))
    rows = LockedRows(locked.documents, {}, locked.times)
    return ChangedQuotes(rows, await load_context(tx, rows, commands, need), tx.now)
