"""Purchasing decided about the lines of a cancellation: the order is cancelled, or stands as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import to_builtins
from msgspec.structs import replace

from contracts.purchasing.outcomes import RequestOutcome
from domainkit.references import ReferenceData
from eventkit import operations
from eventkit.consumer import Change
from eventkit.ids import new_id
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from sales.domain.orders.cancelling import cancelled, given_up, not_cancelled, rest_given_up
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import Order
from sales.domain.sourcing import Sourcing
from sales.store import sourcings
from sales.use_cases.cancel_orders import REMAINING, cancellation_result
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.outcome_problems import problem_of

KIND = "withdrawal_request"
WITHDRAWN = "withdrawn"


def is_awaited(outcome: RequestOutcome, order: Order | None) -> bool:
    """Whether the order still waits for this outcome; one that is delivered again finds nothing to end."""
    waiting = order.cancellation if order is not None else None
    return waiting is not None and waiting.id == outcome.request_id


async def end_cancellations(
    tx: Transaction, orders: LockedOrders, changes: Sequence[Change[RequestOutcome]]
) -> list[Finished]:
    """Apply awaited outcomes to their orders; the caller stores these."""
    finished: list[Finished] = []
    stored: list[Sourcing] = []
    started: list[Started] = []
    for change in changes:
        outcome, order = change.new, orders.by_no[change.new.sales_order_no]
        if outcome.outcome == WITHDRAWN:
            received = {line.sales_line_id: line.quantity_received for line in outcome.withdrawn}
            orders.put(cancelled(order, received), change.context, "cancelled")
            gone = given_up(orders.sourcings, received)
            stored += [replace(each, operation_id=None) for each in gone.values()]
            result = to_builtins(cancellation_result(orders.by_no[order.no]))
            finished.append(Finished(outcome.request_id, "succeeded", result=result))
            finished += _overtaken(order, gone.values())
        else:
            after = _refused(order, orders)
            orders.put(after, change.context, "cancellation_refused")
            finished.append(Finished(outcome.request_id, "refused", problem=problem_of(outcome)))
            if after.cancellation is not None:
                started.append(Started(after.cancellation.id, REMAINING, order.no))
    await sourcings.store(tx, stored)
    await operations.start(tx, started)
    return finished


def _refused(order: Order, orders: LockedOrders) -> Order:
    """The order stands, except what a till has given up: of that the rest is."""
    if order.cancellation is None or not order.cancellation.at_till:
        return not_cancelled(order)
    context = OrderContext(references=ReferenceData(), new_id=new_id, sourcings=orders.sourcings)
    return rest_given_up(order, context)


def _overtaken(order: Order, gone: Iterable[Sourcing]) -> list[Finished]:
    """Operations that wait for purchases of these lines: nothing is bought any more."""
    detail = f"sales order {order.no} was cancelled"
    problem = {"code": "order-not-open", "detail": detail, "errors": []}
    return [Finished(each.operation_id, "refused", problem=problem) for each in gone if each.operation_id]
