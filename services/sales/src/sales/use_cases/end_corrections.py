"""Purchasing decided whether a posted invoice of a drop shipment may be corrected."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import asdict

from contracts.purchasing.outcomes import RequestOutcome
from domainkit.references import ReferenceQuery
from eventkit.context import Context
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from sales.domain.orders.order import Order, PendingChange, closed_if_done
from sales.store import posted_documents
from sales.store.references import load
from sales.use_cases.correct_invoices import CorrectionBatch, correction_result
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.outcome_problems import problem_of
from sales.use_cases.post_credit_memos import MadeMemo


class EndedCorrections:
    """The corrections that end in one transaction. Their results are known once the memos have numbers."""

    def __init__(self, orders: LockedOrders, batch: CorrectionBatch | None) -> None:
        self._orders = orders
        self._batch = batch
        self._made: list[tuple[PendingChange, MadeMemo]] = []
        self._refused: list[Finished] = []

    def end(
        self,
        order: Order,
        pending: PendingChange,
        outcome: RequestOutcome,
        context: Context,
        *,
        granted: bool,
    ) -> None:
        """Post the correction, or leave the invoice as it is; `order` is free of the request."""
        batch = self._batch
        if batch is None:
            msg = f"invoice {pending.invoice_no} was not locked"
            raise ValueError(msg)
        invoice = batch.invoices[pending.invoice_no]
        if granted:
            self._made.append((pending, batch.correct(invoice, {order.no: order}, context)))
            return
        batch.hold(invoice, context, correcting=False)
        self._orders.put(closed_if_done(order), context, "change_refused")
        self._refused.append(Finished(pending.id, "refused", problem=problem_of(outcome)))

    async def store(self) -> list[Finished]:
        """Write memos and invoices; the ends of the operations."""
        if self._batch is not None:
            await self._batch.store()
        ended = [
            Finished(pending.id, "succeeded", result=asdict(correction_result(made)))
            for pending, made in self._made
        ]
        return self._refused + ended


async def ended_corrections(
    tx: Transaction, orders: LockedOrders, pending: Iterable[PendingChange]
) -> EndedCorrections:
    """Lock the invoices of these changes; looks nothing up if none of them is a correction."""
    nos = [change.invoice_no for change in pending if change.invoice_no]
    if not nos:
        return EndedCorrections(orders, None)
    references = await load(tx, ReferenceQuery())
    invoices = await posted_documents.lock_invoices(tx, nos)
    return EndedCorrections(orders, CorrectionBatch(tx, orders, invoices, references.today))
