"""Ask purchasing for purchase invoices of orders' lines: an operation that purchasing's outcome ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from contracts.purchasing.outcomes import RequestOutcome
from contracts.refusals import Refusal
from eventkit import operations
from eventkit.consumer import Change
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.purchase_invoices import (
    ask_for_purchase_invoice,
    need_vendor,
    without_purchase_invoice_request,
)
from sales.domain.orders.supply_commands import CreatePurchaseInvoice
from sales.use_cases.locked_orders import Lock, LockedOrders, lock_orders
from sales.use_cases.outcome_problems import problem_of
from sales.use_cases.sales_documents import INVOICES, ChangedDocuments

OPERATION: Final = "create-purchase-invoice"
PURCHASE_INVOICE_REQUEST: Final = "purchase_invoice_request"


async def create_purchase_invoices(
    tx: Transaction, commands: Sequence[Command[CreatePurchaseInvoice]], lock: Lock = lock_orders
) -> list[Done | Refusal]:
    """Ask for purchase invoices. The document's snapshot asks; the operation runs until the outcome comes."""
    orders = await lock(tx, commands, need_vendor)
    started: list[Started] = []

    def decide(command: Command[CreatePurchaseInvoice]) -> Done:
        order = orders.addressed(command)
        asking = ask_for_purchase_invoice(order, command.data.wanted, orders.context)
        operation_id = asking.purchase_invoice_requests[-1].id
        done = orders.put(asking, command.context, "purchase_invoice_requested")
        started.append(Started(operation_id, OPERATION, order.no))
        return replace(done, operation_id=operation_id)

    results = decide_each(commands, decide)
    await orders.store(tx)
    await operations.start(tx, started)
    return results


async def create_purchase_invoices_of_invoices(
    tx: Transaction, commands: Sequence[Command[CreatePurchaseInvoice]]
) -> list[Done | Refusal]:
    """The same for sales invoices without an order."""
    return await create_purchase_invoices(tx, commands, INVOICES.lock)


async def lock_asking_invoices(
    tx: Transaction, outcomes: Iterable[RequestOutcome]
) -> ChangedDocuments | None:
    """The sales invoices whose requests were decided, locked; before any order, as posting them does."""
    nos = {outcome.sales_invoice_no for outcome in outcomes} - {""}
    return await INVOICES.lock_numbers(tx, nos) if nos else None


async def end_purchase_invoices(
    tx: Transaction,
    orders: LockedOrders,
    invoices: ChangedDocuments | None,
    outcomes: Sequence[Change[RequestOutcome]],
) -> list[Finished]:
    """End the operations, also of a document that is gone; one that ended before stays as it is."""
    finished = _end(orders, [change for change in outcomes if not change.new.sales_invoice_no])
    if invoices is not None:
        finished += _end(invoices, [change for change in outcomes if change.new.sales_invoice_no])
        await invoices.store(tx)
    return finished


def _end(documents: LockedOrders, outcomes: Sequence[Change[RequestOutcome]]) -> list[Finished]:
    finished: list[Finished] = []
    for change in outcomes:
        outcome = change.new
        order = documents.by_no.get(outcome.sales_invoice_no or outcome.sales_order_no)
        if order is not None:
            after = without_purchase_invoice_request(order, outcome.request_id)
            documents.put(after, change.context, "purchase_invoice_decided")
        if outcome.purchase_invoice_no:
            result = {"purchase_invoice_no": outcome.purchase_invoice_no}
            finished.append(Finished(outcome.request_id, "succeeded", result=result))
        else:
            finished.append(Finished(outcome.request_id, "refused", problem=problem_of(outcome)))
    return finished
