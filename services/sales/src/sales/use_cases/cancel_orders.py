"""Cancel orders, or what remains of them. Where goods are bought for the order, purchasing decides."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit import operations
from eventkit.operations import Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.cancelling import cancel
from sales.domain.orders.commands import CancelOrder
from sales.domain.orders.order import Order
from sales.use_cases.locked_orders import lock_orders

OPERATION = "cancel-sales-order"
REMAINING = "cancel-remaining-sales-order"


class CancellationResult(msgspec.Struct, frozen=True, kw_only=True):
    """The order after its cancellation, as its caller learns of it."""

    no: str
    status: str
    version: int


def cancellation_result(order: Order) -> CancellationResult:
    """The end of a cancellation, as its caller learns of it."""
    return CancellationResult(no=order.no, status=order.status, version=order.version)


async def cancel_orders(tx: Transaction, commands: Sequence[Command[CancelOrder]]) -> list[Done | Refusal]:
    """Cancel orders; an order for which goods may be bought asks purchasing in its snapshot."""
    orders = await lock_orders(tx, commands)
    started: list[Started] = []

    def decide(command: Command[CancelOrder]) -> Done:
        order, remaining = orders.addressed(command), command.data.remaining
        after = cancel(order, remaining=remaining, context=orders.context)
        asked = after.cancellation
        done = orders.put(after, command.context, "cancelling" if asked else "cancelled")
        if asked is None:
            return replace(done, answer=cancellation_result(orders.by_no[order.no]))
        started.append(Started(asked.id, REMAINING if remaining else OPERATION, order.no))
        return replace(done, operation_id=asked.id)

    results = decide_each(commands, decide)
    await orders.store(tx)
    await operations.start(tx, started)
    return results
