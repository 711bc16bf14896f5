"""Return orders: their lines take what they are credited by from the posted invoices that they name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.orders.commands import AddLine, ChangeLine, NewSalesOrder
from sales.domain.returns.commands import NewReturnLine, NewReturnOrder, ReturnLineChanges
from sales.domain.returns.invoice_terms import (
    Invoices,
    changes_with_invoice_terms,
    line_with_invoice_terms,
    with_invoice_terms,
)
from sales.store import posted_documents
from sales.use_cases.sales_documents import RETURN_KIND, SalesDocuments

T = TypeVar("T")


class SalesReturns(SalesDocuments):
    """The acts on return orders: those of the other documents, after a look at the posted invoices."""

    async def create(
        self, tx: Transaction, commands: Sequence[Command[NewSalesOrder]]
    ) -> list[Done | Refusal]:
        """Make return orders; their lines are completed from the invoices that they name."""
        nos = (line.posted_invoice_no for c in commands for line in _lines_of(c.data))
        return await _with_invoices(tx, commands, nos, _order, super().create)

    async def add_lines(self, tx: Transaction, commands: Sequence[Command[AddLine]]) -> list[Done | Refusal]:
        """Add lines at the end of open return orders."""
        nos = (getattr(c.data.line, "posted_invoice_no", None) for c in commands)
        return await _with_invoices(tx, commands, nos, _added, super().add_lines)

    async def change_lines(
        self, tx: Transaction, commands: Sequence[Command[ChangeLine]]
    ) -> list[Done | Refusal]:
        """Change the given fields of lines."""
        nos = (c.data.changes.given().get("posted_invoice_no") for c in commands)
        return await _with_invoices(tx, commands, nos, _changed, super().change_lines)


def _lines_of(new: NewSalesOrder) -> tuple[NewReturnLine, ...]:
    return new.lines if isinstance(new, NewReturnOrder) else ()


def _order(new: NewSalesOrder, invoices: Invoices) -> NewSalesOrder:
    return with_invoice_terms(new, invoices) if isinstance(new, NewReturnOrder) else new


def _added(data: AddLine, invoices: Invoices) -> AddLine:
    return replace(data, line=line_with_invoice_terms(data.line, invoices))


def _changed(data: ChangeLine, invoices: Invoices) -> ChangeLine:
    if not isinstance(data.changes, ReturnLineChanges):
        return data
    return replace(data, changes=changes_with_invoice_terms(data.changes, invoices))


async def _with_invoices(
    tx: Transaction,
    commands: Sequence[Command[T]],
    nos: Iterable[str | None],
    complete: Callable[[T, Invoices], T],
    act: Callable[[Transaction, Sequence[Command[T]]], Awaitable[list[Done | Refusal]]],
) -> list[Done | Refusal]:
    """Run the act on commands completed from invoices; a command whose invoice cannot be found is refused."""
    invoices = await posted_documents.invoices(tx, (no for no in nos if no))
    refused: dict[int, Refusal] = {}
    completed: list[Command[T]] = []
    for index, command in enumerate(commands):
        try:
            completed.append(replace(command, data=complete(command.data, invoices)))
        except Refusal as refusal:
            refused[index] = refusal
    done: Any = iter(await act(tx, completed)) if completed else iter(())
    return [refused[index] if index in refused else next(done) for index in range(len(commands))]


RETURNS: Final = SalesReturns(RETURN_KIND)
