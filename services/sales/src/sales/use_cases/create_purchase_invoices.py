"""Ask purchasing for purchase invoices of orders' lines: an operation that purchasing's outcome ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from contracts.purchasing import RequestOutcome
from contracts.refusals import Refusal
from eventkit import operations
from eventkit.consumer import Change
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.commands import CreatePurchaseInvoice
from sales.domain.orders.purchase_invoices import ask_for_purchase_invoice, without_purchase_invoice_request
from sales.use_cases.locked_orders import LockedOrders, lock_orders
from sales.use_cases.outcome_problems import problem_of

OPERATION: Final = "create-purchase-invoice"
PURCHASE_INVOICE_REQUEST: Final = "purchase_invoice_request"


async def create_purchase_invoices(
    tx: Transaction, commands: Sequence[Command[CreatePurchaseInvoice]]
) -> list[Done | Refusal]:
    """Ask for purchase invoices. The order's snapshot asks; the operation runs until the outcome comes."""
    orders = await lock_orders(tx, commands)
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


def end_purchase_invoices(orders: LockedOrders, outcomes: Sequence[Change[RequestOutcome]]) -> list[Finished]:
    """End the operations, also of an order that is gone; one that ended before stays as it is."""
    finished: list[Finished] = []
    for change in outcomes:
        outcome = change.new
        order = orders.by_no.get(outcome.sales_order_no)
        if order is not None:
            after = without_purchase_invoice_request(order, outcome.request_id)
            orders.put(after, change.context, "purchase_invoice_decided")
        if outcome.purchase_invoice_no:
            result = {"purchase_invoice_no": outcome.purchase_invoice_no}
            finished.append(Finished(outcome.request_id, "succeeded", result=result))
        else:
            finished.append(Finished(outcome.request_id, "refused", problem=problem_of(outcome)))
    return finished
