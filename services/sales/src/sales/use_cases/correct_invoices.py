"""Correct posted invoices. With a drop shipment it is an operation: purchasing lowers its allowance first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal, not_found
from domainkit.references import ReferenceQuery
from eventkit import operations
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.operations import Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.line_supply import active_links
from sales.domain.orders.order import Order
from sales.domain.posting.commands import CorrectInvoice
from sales.domain.posting.correcting import (
    CorrectionStep,
    asked_of_purchasing,
    check_correctable,
    correct,
    dropped,
    steps,
)
from sales.domain.posting.documents import PostedInvoice, undone_shipment
from sales.store import order_locks, posted_documents
from sales.store.references import load
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.post_credit_memos import MadeMemo, publish_invoice, store_credit_memos

OPERATION: Final = "correct-sales-invoice"
KIND: Final = "posted-sales-invoice"


class CorrectionPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a correction would do."""

    posted_invoice_no: str
    steps: tuple[CorrectionStep, ...]


class CorrectionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a correction made; the stored result of its operation has the same form."""

    posted_invoice_no: str
    credit_memo_no: str


def correction_result(made: MadeMemo) -> CorrectionResult:
    """The numbers of the invoice and of its credit memo."""
    return CorrectionResult(posted_invoice_no=made.memo.posted_invoice_no, credit_memo_no=made.memo.no)


class CorrectionBatch:
    """Corrects locked invoices of locked orders, whether a caller or purchasing's answer caused it."""

    def __init__(
        self, tx: Transaction, orders: LockedOrders, invoices: Mapping[str, PostedInvoice], today: date
    ) -> None:
        self._tx = tx
        self._orders = orders
        self.invoices = dict(invoices)
        self._today = today
        self._made: list[MadeMemo] = []
        self._held: dict[str, tuple[Context, str]] = {}

    def hold(self, invoice: PostedInvoice, context: Context, *, correcting: bool) -> None:
        """Nothing is credited of the invoice while purchasing decides; afterwards it is free again."""
        self.invoices[invoice.no] = replace(invoice, correcting=correcting, version=invoice.version + 1)
        self._held[invoice.no] = context, "correction_requested" if correcting else "correction_refused"

    def correct(self, invoice: PostedInvoice, orders: Mapping[str, Order], context: Context) -> MadeMemo:
        """Credit all of the invoice; `orders` are those that it bills, as they are now."""
        corrected = correct(invoice, orders, self._today, new_id, self._tx.now)
        for order in corrected.orders:
            self._orders.put(order, context, "invoice_corrected")
        self.invoices[invoice.no] = corrected.invoice
        made = MadeMemo(corrected.memo, (corrected.invoice,), context)
        self._made.append(made)
        return made

    async def store(self) -> None:
        """Write memos, invoices, and shipments that came back; the orders are written by their holder."""
        await store_credit_memos(self._tx, self._made)
        await posted_documents.update_invoices(self._tx, [self.invoices[no] for no in sorted(self._held)])
        for no, (context, happened) in self._held.items():
            publish_invoice(self._tx, self.invoices[no], context, happened)
        moved = [
            line.shipment
            for made in self._made
            for invoice in made.invoices
            for line in invoice.lines
            if line.shipment
        ]
        if moved:
            stored = await posted_documents.shipments(self._tx, (each.document_no for each in moved))
            ids = {each.posting_id for each in moved}
            await posted_documents.update_shipments(
                self._tx, [undone_shipment(shipment, ids) for shipment in stored.values()]
            )


async def correct_invoices(
    tx: Transaction, commands: Sequence[Command[CorrectInvoice]]
) -> list[Done | Refusal]:
    """Correct invoices, each whole and once (G18, BC-DS-37). Orders are locked before invoices, as everywhere."""
    known = await posted_documents.invoices(tx, (command.data.no for command in commands))
    nos = {line.sales_order_no for invoice in known.values() for line in invoice.lines} - {""}
    rows = await order_locks.lock(tx, nos)
    orders = LockedOrders(rows.orders, rows.sourcings)
    references = await load(tx, ReferenceQuery())
    locked = await posted_documents.lock_invoices(tx, known)
    batch = CorrectionBatch(tx, orders, locked, references.today)
    started: list[Started] = []
    results = decide_each(commands, lambda command: _decide(orders, batch, started, command))
    await batch.store()
    await orders.store(tx)
    await operations.start(tx, started)
    return results


def _decide(
    orders: LockedOrders, batch: CorrectionBatch, started: list[Started], command: Command[CorrectInvoice]
) -> Done:
    invoice = batch.invoices.get(command.data.no)
    if invoice is None:
        raise not_found(KIND, command.data.no)
    command.check_version(invoice.no, invoice.version)
    billed = {no: orders.by_no[no] for line in invoice.lines if (no := line.sales_order_no) in orders.by_no}
    check_correctable(invoice, billed)
    if command.data.preview:
        links = active_links((line.id for order in billed.values() for line in order.lines), orders.sourcings)
        preview = CorrectionPreview(posted_invoice_no=invoice.no, steps=steps(invoice, billed, links))
        return Done(KIND, invoice.no, invoice.version, answer=preview)
    waiting = dropped(invoice, billed)
    if not waiting:
        made = batch.correct(invoice, billed, command.context)
        return Done(KIND, invoice.no, batch.invoices[invoice.no].version, answer=made)
    order = billed[waiting[0].sales_order_no]
    asking = asked_of_purchasing(invoice, order, new_id())
    pending = replace(order, requested_changes=(*order.requested_changes, asking))
    orders.put(pending, command.context, "correction_requested")
    batch.hold(invoice, command.context, correcting=True)
    started.append(Started(asking.id, OPERATION, invoice.no))
    return Done(KIND, invoice.no, batch.invoices[invoice.no].version, operation_id=asking.id)
