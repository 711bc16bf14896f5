"""People add and change lines of purchase orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.refusals import Refusal
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.orders.commands import AddLine, ChangeLine, NewPurchaseLine, PurchaseLineChanges
from purchasing.domain.orders.lines import changed_line, need_for_line, new_line
from purchasing.domain.orders.vendor_answers import what_happened
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def add_lines(tx: Transaction, commands: Sequence[Command[AddLine]]) -> list[Done | Refusal]:
    """Add lines at the end of open orders."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    context = await _load_context(tx, locked, ((c.data.no, c.data.line) for c in commands))

    def decide(command: Command[AddLine]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        order.must_be_open()
        line = new_line(order, command.data.line, order.next_line_no, context)
        return locked.put(order.with_more_lines([line]), command.context, "changed")

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    return results


async def change_lines(tx: Transaction, commands: Sequence[Command[ChangeLine]]) -> list[Done | Refusal]:
    """Change lines; links guard what they stand for (BC-SO-38, BC-DS-33)."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    context = await _load_context(tx, locked, ((c.data.no, c.data.changes) for c in commands))

    def decide(command: Command[ChangeLine]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        line = order.line(command.data.line_no, addressed=True)
        after = changed_line(order, line, command.data.changes, context)
        return locked.put(order.with_lines([after]), command.context, *what_happened(line, after))

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    return results


async def _load_context(
    tx: Transaction,
    locked: LockedOrders,
    written: Iterable[tuple[str, NewPurchaseLine | PurchaseLineChanges]],
) -> DecisionContext:
    query = ReferenceQuery()
    for no, line in written:
        order = locked.by_no.get(no)
        if order is not None:
            need_for_line(query, order, line)
    return await load_context(tx, query)
