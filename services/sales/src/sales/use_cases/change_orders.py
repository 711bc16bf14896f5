"""Change the header of open orders, and delete orders."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.change_requests import request_address
from sales.domain.orders.commands import ChangeHeader, DeleteOrder
from sales.domain.orders.deletion import delete_order
from sales.domain.orders.header_changes import change_header, need_header_changes
from sales.domain.orders.procured_changes import needs_address_request
from sales.use_cases.locked_orders import Lock, lock_orders
from sales.use_cases.request_changes import AskedChanges


async def change_headers(
    tx: Transaction, commands: Sequence[Command[ChangeHeader]], lock: Lock = lock_orders
) -> list[Done | Refusal]:
    """Change the given fields of headers (BC-SO-40, BC-DS-32); where goods are sent is changed by request (G5)."""
    orders = await lock(
        tx, commands, lambda query, data, order: need_header_changes(query, order, data.changes)
    )

    asked = AskedChanges(orders)

    def decide(command: Command[ChangeHeader]) -> Done:
        order, changes = orders.addressed(command), command.data.changes
        line = needs_address_request(order, changes, orders.context)
        if line is not None:
            return asked.put(request_address(order, line, changes, orders.context), command.context)
        after = change_header(order, changes, orders.context)
        return orders.keep(after, command.context, "changed")

    results = decide_each(commands, decide)
    await orders.store(tx)
    await asked.store(tx)
    return results


async def delete_orders(
    tx: Transaction, commands: Sequence[Command[DeleteOrder]], lock: Lock = lock_orders
) -> list[Done | Refusal]:
    """Delete orders without postings; number and version stay taken."""
    orders = await lock(tx, commands)

    def decide(command: Command[DeleteOrder]) -> Done:
        after = delete_order(orders.addressed(command), orders.context)
        return orders.put(after, command.context, "deleted")

    results = decide_each(commands, decide)
    await orders.store(tx)
    return results
