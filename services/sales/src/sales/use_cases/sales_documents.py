"""Acts that quotes, invoices and return orders share: those of orders, on documents that are not published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from contracts.refusals import Refusal
from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS, Kind
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.invoices.invoice import as_invoice, new_invoice
from sales.domain.invoices.invoice import snapshot as invoice_snapshot
from sales.domain.orders.commands import (
    AddLine,
    ChangeHeader,
    ChangeLine,
    DeleteLine,
    DeleteOrder,
    NewSalesOrder,
)
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import Order
from sales.domain.quotes.quote import as_quote, new_quote
from sales.domain.returns.return_order import as_return, new_return
from sales.store import documents, number_series
from sales.store.order_locks import LockedRows
from sales.use_cases.change_lines import add_lines, change_lines, delete_lines
from sales.use_cases.change_orders import change_headers, delete_orders
from sales.use_cases.create_orders import create_documents
from sales.use_cases.locked_orders import ChangedOrders, Need, T, load_context

Allowed = Callable[[Order | None, Order, ReferenceData], Order]
"""The document after an act by the rules of orders, as the rules of its own kind allow it; None before: it is new."""


class DocumentKind(msgspec.Struct, frozen=True, kw_only=True):
    """How documents of one kind are made, numbered, and what their own rules allow."""

    name: str
    new: Callable[[NewSalesOrder, DecisionContext], Order]
    allowed: Allowed
    snapshot: Callable[..., Any] | None = None
    """What others learn of a document; None: nothing is bought or shipped for such documents."""

    @property
    def kind(self) -> Kind:
        """Its kind in answers and, if others learn of it, in events."""
        return KINDS.get(self.name) or Kind(name=self.name, topic="", model=SalesOrder)


class ChangedDocuments(ChangedOrders):
    """The documents of one kind that a batch of commands changes."""

    def __init__(self, kind: DocumentKind, rows: LockedRows, context: OrderContext, now: datetime) -> None:
        super().__init__(rows, context, now)
        self._kind = kind
        self.kind = kind.kind

    def put(self, after: Order, context: Context, *happened: str) -> Done:
        """Keep the outcome of an act that the rules of the kind allow."""
        allowed = self._kind.allowed(self.by_no[after.no], after, self.context.references)
        return super().put(allowed, context, *happened)

    async def store(self, tx: Transaction) -> None:
        """Write the documents that changed."""
        await documents.update(tx, self._kind.name, self.changed(tx))
        made = self._kind.snapshot
        if made is not None:
            self.publish(tx, lambda document, happened: made(document, *happened))


class SalesDocuments:
    """The acts on documents of one kind."""

    def __init__(self, kind: DocumentKind) -> None:
        self._kind = kind
        self.kind = kind.kind

    async def create(
        self, tx: Transaction, commands: Sequence[Command[NewSalesOrder]]
    ) -> list[Done | Refusal]:
        """Make documents, numbered by the series of their kind unless the caller gives a number."""
        insert = partial(documents.insert, tx, self._kind.name)
        made = await create_documents(tx, commands, self._kind.new, self._kind.name, insert)
        snapshot = self._kind.snapshot
        for command, new in zip(commands, made, strict=True):
            if snapshot is not None and not isinstance(new, Refusal):
                tx.publish(self.kind, new.order.no, snapshot(new.order, "created"), command.context)
        return [
            result
            if isinstance(result, Refusal)
            else Done(self.kind.name, result.order.no, result.order.version, created=True, answer=result)
            for result in made
        ]

    async def add_lines(self, tx: Transaction, commands: Sequence[Command[AddLine]]) -> list[Done | Refusal]:
        """Add lines at the end of open documents."""
        return await add_lines(tx, commands, self.lock)

    async def change_lines(
        self, tx: Transaction, commands: Sequence[Command[ChangeLine]]
    ) -> list[Done | Refusal]:
        """Change the given fields of lines."""
        return await change_lines(tx, commands, self.lock)

    async def delete_lines(
        self, tx: Transaction, commands: Sequence[Command[DeleteLine]]
    ) -> list[Done | Refusal]:
        """Take lines off open documents."""
        return await delete_lines(tx, commands, self.lock)

    async def change_headers(
        self, tx: Transaction, commands: Sequence[Command[ChangeHeader]]
    ) -> list[Done | Refusal]:
        """Change the given fields of headers."""
        return await change_headers(tx, commands, self.lock)

    async def delete(self, tx: Transaction, commands: Sequence[Command[DeleteOrder]]) -> list[Done | Refusal]:
        """Delete open documents; their numbers stay taken."""
        return await delete_orders(tx, commands, self.lock)

    async def lock(
        self, tx: Transaction, commands: Sequence[Command[T]], need: Need[T] | None = None
    ) -> ChangedDocuments:
        """Lock the documents that the commands name, and load what deciding about them looks up."""
        return await self._lock(tx, (command.data.no for command in commands), commands, need)

    async def lock_numbers(self, tx: Transaction, nos: Iterable[str]) -> ChangedDocuments:
        """Lock documents by number, for what follows from events."""
        return await self._lock(tx, nos, (), None)

    async def _lock(
        self, tx: Transaction, nos: Iterable[str], commands: Sequence[Command[T]], need: Need[T] | None
    ) -> ChangedDocuments:
        locked = await documents.lock(tx, self._kind.name, nos)
        rows = LockedRows(locked.documents, {}, locked.times)
        return ChangedDocuments(self._kind, rows, await load_context(tx, rows, commands, need), tx.now)


QUOTE_KIND: Final = DocumentKind(name=number_series.SALES_QUOTE, new=new_quote, allowed=as_quote)
QUOTES: Final = SalesDocuments(QUOTE_KIND)
RETURN_KIND: Final = DocumentKind(name=number_series.SALES_RETURN, new=new_return, allowed=as_return)
INVOICE_KIND: Final = DocumentKind(
    name=number_series.SALES_INVOICE, new=new_invoice, allowed=as_invoice, snapshot=invoice_snapshot
)
INVOICES: Final = SalesDocuments(INVOICE_KIND)
