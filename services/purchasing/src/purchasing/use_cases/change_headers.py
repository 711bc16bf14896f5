"""People change the header of purchase orders."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.orders.commands import ChangeHeader
from purchasing.domain.orders.header import changed_header, need_for_header
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def change_headers(tx: Transaction, commands: Sequence[Command[ChangeHeader]]) -> list[Done | Refusal]:
    """Change headers; linked lines guard customer and address (BC-SO-39, BC-DS-34)."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    query = ReferenceQuery()
    for command in commands:
        order = locked.by_no.get(command.data.no)
        if order is not None:
            need_for_header(query, order, command.data.changes)
    context = await load_context(tx, query)

    def decide(command: Command[ChangeHeader]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        after = changed_header(order, command.data.changes, context)
        return locked.put(after, command.context, "changed")

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    return results
