"""Locks and stores unposted purchase invoices. No other service sees them, so nothing is published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contracts.topics import Kind
from eventkit.transaction import Transaction
from purchasing.domain.invoices.invoice import Invoice
from purchasing.store import purchase_invoices
from recordkit.documents import LockedDocuments

KIND: Final = Kind(name="purchase-invoice", topic="", model=Invoice)

LockedInvoices = LockedDocuments[Invoice]


async def lock_invoices(tx: Transaction, nos: Iterable[str]) -> LockedInvoices:
    """The invoices with these numbers, locked in the order of their numbers."""
    return LockedDocuments(KIND, await purchase_invoices.lock(tx, nos))


async def store_invoices(tx: Transaction, locked: LockedInvoices) -> None:
    """Update the locked invoices that a decision changed."""
    await purchase_invoices.update(tx, locked.changed(tx))
