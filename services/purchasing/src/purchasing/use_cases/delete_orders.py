"""People delete purchase orders and their lines: links end, and the sales lines learn of it."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkRow, ended_links
from purchasing.domain.orders.commands import ActOnOrder, DeleteLine
from purchasing.domain.orders.status import deleted, without_line
from purchasing.store import links
from purchasing.use_cases.locked_orders import lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def delete_orders(tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> list[Done | Refusal]:
    """Delete orders without postings; their links become inactive."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    ended: list[LinkRow] = []

    def decide(command: Command[ActOnOrder]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        after = deleted(order)
        ended.extend(ended_links(order, after))
        return locked.put(after, command.context, "deleted")

    results = decide_each(commands, decide)
    await links.end(tx, ended)
    await store_orders(tx, locked)
    return results


async def delete_lines(tx: Transaction, commands: Sequence[Command[DeleteLine]]) -> list[Done | Refusal]:
    """Delete lines; a linked one stays in the order as deleted, its link inactive (BC-SO-42, BC-DS-36)."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    ended: list[LinkRow] = []

    def decide(command: Command[DeleteLine]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        after = without_line(order, command.data.line_no)
        ended.extend(ended_links(order, after))
        return locked.put(after, command.context, "line_deleted")

    results = decide_each(commands, decide)
    await links.end(tx, ended)
    await store_orders(tx, locked)
    return results
