"""Answer the exceptions of lines whose supply broke."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit import operations
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.exceptions import resolve_exception
from sales.domain.orders.supply_commands import ResolveException
from sales.domain.sourcing import Sourcing, resolved
from sales.store import sourcings
from sales.use_cases.locked_orders import lock_orders

OPERATION = "resolve-exception"


class ResolvedException(msgspec.Struct, frozen=True, kw_only=True):
    """How a person's answer ended an exception."""

    sales_order_no: str
    line_no: int
    generation: int


async def resolve_exceptions(
    tx: Transaction, commands: Sequence[Command[ResolveException]]
) -> list[Done | Refusal]:
    """Answer exceptions (G21). To procure again ends when planning has taken the next generation up.

    The other answers need no other service: their operation has ended when it is answered.
    """
    orders = await lock_orders(tx, commands)
    started: list[Started] = []
    finished: list[Finished] = []
    changed: dict[UUID, Sourcing] = {}

    def decide(command: Command[ResolveException]) -> Done:
        order, data = orders.addressed(command), command.data
        line, context = order.line(data.line_no), orders.context
        decided = resolve_exception(order, line, data.resolution.answer, context)
        operation_id = context.new_id()
        waiting = operation_id if decided.procures else None
        before = orders.sourcings[decided.sales_line_id]
        after = resolved(before, decided.generation, waiting, tx.now)
        # Into both: the next answer of the batch must see that this exception is resolved.
        orders.sourcings[decided.sales_line_id] = changed[decided.sales_line_id] = after
        started.append(Started(operation_id, OPERATION, order.no))
        if waiting is None:
            finished.append(Finished(operation_id, "succeeded", result=resolution_of(after)))
        done = orders.put(decided.order, command.context, "exception_resolved")
        return replace(done, operation_id=operation_id)

    results = decide_each(commands, decide)
    await sourcings.store(tx, list(changed.values()))
    await orders.store(tx)
    await operations.start(tx, started)
    await operations.finish(tx, finished)
    return results


async def finish_taken_up(tx: Transaction, learned: Sequence[Sourcing]) -> list[Sourcing]:
    """End the operations whose generation was taken up, or whose line is given up; the records to store."""
    ended = {each.sales_line_id: end for each in learned if (end := _end_of(each)) is not None}
    await operations.finish(tx, list(ended.values()))
    return [replace(each, operation_id=None) if each.sales_line_id in ended else each for each in learned]


def _end_of(sourcing: Sourcing) -> Finished | None:
    if sourcing.operation_id is None:
        return None
    if sourcing.known_generation >= sourcing.asked_generation:
        return Finished(sourcing.operation_id, "succeeded", result=resolution_of(sourcing))
    # Only the newest snapshot of an order is sure to arrive: the line may be given up before anyone saw the generation.
    if sourcing.demand is not None and sourcing.demand.state == "cancelled":
        why = f"line {sourcing.sales_order_line_no} needs nothing any more"
        problem = {"errors": [{"code": "sales-line-cancelled", "detail": why}]}
        return Finished(sourcing.operation_id, "refused", problem=problem)
    return None


def resolution_of(sourcing: Sourcing) -> dict[str, object]:
    """The result of an operation that resolved an exception."""
    result = ResolvedException(
        sales_order_no=sourcing.sales_order_no,
        line_no=sourcing.sales_order_line_no,
        generation=sourcing.generation,
    )
    return msgspec.structs.asdict(result)
