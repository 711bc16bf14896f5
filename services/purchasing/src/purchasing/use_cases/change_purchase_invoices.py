"""People change and delete purchase invoices and their lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from contracts.planning.masters import Location
from contracts.refusals import Refusal
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.invoices.commands import (
    ActOnInvoice,
    AddInvoiceLine,
    ChangeInvoice,
    ChangeInvoiceLine,
    DeleteInvoiceLine,
    InvoiceLineChanges,
    NewInvoiceLine,
)
from purchasing.domain.invoices.invoice import Invoice
from purchasing.domain.invoices.lines import (
    changed_invoice,
    changed_invoice_line,
    deleted,
    need_for_invoice,
    new_invoice_line,
    without_line,
)
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_invoices import LockedInvoices, lock_invoices, store_invoices
from recordkit.commands import Command, Done, decide_each


class OfInvoice(Protocol):
    """A request that names an invoice."""

    @property
    def no(self) -> str:
        """The number of the invoice that it concerns."""
        ...


T = TypeVar("T", bound=OfInvoice)


async def change_purchase_invoices(
    tx: Transaction, commands: Sequence[Command[ChangeInvoice]]
) -> list[Done | Refusal]:
    """Change headers of invoices that are not posted."""
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    query = ReferenceQuery()
    for command in commands:
        location_code = command.data.changes.location_code
        query.need(Location, location_code if isinstance(location_code, str) else "")
    context = await load_context(tx, query)
    return await _act(
        tx, locked, commands, lambda invoice, data: changed_invoice(invoice, data.changes, context)
    )


async def add_invoice_lines(
    tx: Transaction, commands: Sequence[Command[AddInvoiceLine]]
) -> list[Done | Refusal]:
    """Add lines at the end of invoices."""
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    context = await _load_context(tx, locked, [(c.data.no, c.data.line) for c in commands])

    def decide(invoice: Invoice, data: AddInvoiceLine) -> Invoice:
        invoice.must_be_open()
        return invoice.with_more_lines([new_invoice_line(invoice, data.line, invoice.next_line_no, context)])

    return await _act(tx, locked, commands, decide)


async def change_invoice_lines(
    tx: Transaction, commands: Sequence[Command[ChangeInvoiceLine]]
) -> list[Done | Refusal]:
    """Change lines of invoices (BC-PI-08)."""
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    context = await _load_context(tx, locked, [(c.data.no, c.data.changes) for c in commands])

    def decide(invoice: Invoice, data: ChangeInvoiceLine) -> Invoice:
        line = invoice.line(data.line_no)
        return invoice.with_line(changed_invoice_line(invoice, line, data.changes, context))

    return await _act(tx, locked, commands, decide)


async def delete_invoice_lines(
    tx: Transaction, commands: Sequence[Command[DeleteInvoiceLine]]
) -> list[Done | Refusal]:
    """Delete lines of unposted invoices; a receipt line can be invoiced again."""
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    return await _act(tx, locked, commands, lambda invoice, data: without_line(invoice, data.line_no))


async def delete_purchase_invoices(
    tx: Transaction, commands: Sequence[Command[ActOnInvoice]]
) -> list[Done | Refusal]:
    """Delete invoices that are not posted."""
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    return await _act(tx, locked, commands, lambda invoice, _: deleted(invoice))


async def _act(
    tx: Transaction,
    locked: LockedInvoices,
    commands: Sequence[Command[T]],
    change: Callable[[Invoice, T], Invoice],
) -> list[Done | Refusal]:
    def decide(command: Command[T]) -> Done:
        invoice = locked.get(command.data.no, command.if_match)
        return locked.put(change(invoice, command.data), command.context)

    results = decide_each(commands, decide)
    await store_invoices(tx, locked)
    return results


async def _load_context(
    tx: Transaction,
    locked: LockedInvoices,
    written: Sequence[tuple[str, NewInvoiceLine | InvoiceLineChanges]],
) -> DecisionContext:
    query = ReferenceQuery()
    for no, line in written:
        invoice = locked.by_no.get(no)
        if invoice is not None:
            need_for_invoice(query, invoice, line)
    return await load_context(tx, query)
