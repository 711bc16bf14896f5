"""Add, change and delete lines of open orders."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.change_requests import request_fields
from sales.domain.orders.commands import AddLine, ChangeLine, DeleteLine
from sales.domain.orders.creation import add_line
from sales.domain.orders.deletion import delete_line
from sales.domain.orders.line_changes import change_line, need_line_changes
from sales.domain.orders.line_maker import need_new_line
from sales.domain.orders.lines import Line
from sales.domain.orders.procured_changes import needs_request
from sales.use_cases.locked_orders import Lock, lock_orders
from sales.use_cases.request_changes import AskedChanges
from sales.use_cases.warn_of_stock_outs import warn_of_stock_outs


async def add_lines(
    tx: Transaction, commands: Sequence[Command[AddLine]], lock: Lock = lock_orders
) -> list[Done | Refusal]:
    """Add lines at the end of open orders."""
    orders = await lock(
        tx, commands, lambda query, data, order: need_new_line(query, data.line, order.location_code)
    )

    def decide(command: Command[AddLine]) -> Done:
        after = add_line(orders.addressed(command), command.data.line, orders.context)
        return orders.keep(after, command.context, "line_added")

    results = decide_each(commands, decide)
    await orders.store(tx)
    if lock is not lock_orders:
        return results  # only orders ship what they sell
    return await warn_of_stock_outs(tx, results, [_last_line(result) for result in results], {})


def _last_line(result: Done | Refusal) -> Sequence[Line]:
    """The line that was added: it is the order's last."""
    return result.answer.order.lines[-1:] if isinstance(result, Done) else ()


async def change_lines(
    tx: Transaction, commands: Sequence[Command[ChangeLine]], lock: Lock = lock_orders
) -> list[Done | Refusal]:
    """Change the given fields of lines (BC-SO-37); what is being bought is changed by request (G5)."""
    orders = await lock(
        tx,
        commands,
        lambda query, data, order: need_line_changes(query, order, data.line_no, data.changes),
    )

    asked = AskedChanges(orders)

    def decide(command: Command[ChangeLine]) -> Done:
        order, data = orders.addressed(command), command.data
        line = order.line(data.line_no)
        if needs_request(order, line, data.changes, orders.context):
            return asked.put(request_fields(order, line, data.changes, orders.context), command.context)
        after = change_line(order, line, data.changes, orders.context)
        return orders.keep(after, command.context, "line_changed")

    results = decide_each(commands, decide)
    await orders.store(tx)
    await asked.store(tx)
    if lock is not lock_orders:
        return results
    numbers = [command.data.line_no for command in commands]
    changed = [_changed_line(result, no) for result, no in zip(results, numbers, strict=True)]
    return await warn_of_stock_outs(tx, results, changed, orders.context.reserved)


def _changed_line(result: Done | Refusal, line_no: int) -> Sequence[Line]:
    """The line with this number, unless its change is decided elsewhere."""
    if isinstance(result, Refusal) or result.operation_id is not None:
        return ()
    return tuple(line for line in result.answer.order.lines if line.line_no == line_no)


async def delete_lines(
    tx: Transaction, commands: Sequence[Command[DeleteLine]], lock: Lock = lock_orders
) -> list[Done | Refusal]:
    """Take lines away (BC-SO-41, BC-DS-35)."""
    orders = await lock(tx, commands)

    def decide(command: Command[DeleteLine]) -> Done:
        order = orders.addressed(command)
        after = delete_line(order, order.line(command.data.line_no), orders.context)
        return orders.put(after, command.context, "line_deleted")

    results = decide_each(commands, decide)
    await orders.store(tx)
    return results
