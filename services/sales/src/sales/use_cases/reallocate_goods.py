"""Give received goods of one special order to another: one transaction over both orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.reallocating import reallocate
from sales.domain.orders.supply_commands import ReallocateGoods
from sales.domain.sourcing import Sourcing
from sales.store import order_locks, sourcings
from sales.use_cases.locked_orders import ChangedOrders, load_context

REALLOCATED: Final = "reallocated"


async def reallocate_goods(
    tx: Transaction, commands: Sequence[Command[ReallocateGoods]]
) -> list[Done | Refusal]:
    """Move what one line may ship to the other (E5). Shipments wait for the same rows, so nothing leaves twice."""
    nos = {no for c in commands for no in (c.data.no, c.data.wanted.to_sales_order_no)}
    rows = await order_locks.lock(tx, nos)
    orders = ChangedOrders(rows, await load_context(tx, rows, commands, None), tx.now)
    changed: dict[UUID, Sourcing] = {}

    def decide(command: Command[ReallocateGoods]) -> Done:
        order, data = orders.addressed(command), command.data
        decided = reallocate(
            order,
            order.line(data.line_no),
            data.wanted,
            orders.by_no,
            orders.sourcings,
            id_=orders.context.new_id(),
            at=tx.now,
        )
        for sourcing in decided.sourcings:
            # Into both: the next command of the batch must see what may be shipped now.
            orders.sourcings[sourcing.sales_line_id] = changed[sourcing.sales_line_id] = sourcing
        done = [orders.put(after, command.context, REALLOCATED) for after in decided.orders]
        return replace(done[0], seen=tuple((orders.kind.name, each.no, each.version) for each in done))

    results = decide_each(commands, decide)
    await sourcings.store(tx, list(changed.values()))
    await orders.store(tx)
    return results
