"""People release purchase orders for receiving, and open them for changes again."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.orders.commands import ActOnOrder
from purchasing.domain.orders.status import released, reopened
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def release_orders(tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> list[Done | Refusal]:
    """Release orders that have lines and whose vendor is not blocked."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    query = ReferenceQuery()
    query.need(Vendor, *(order.vendor_no for order in locked.by_no.values()))
    context = await load_context(tx, query)

    def decide(command: Command[ActOnOrder]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        return locked.put(released(order, context), command.context, "released")

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    return results


async def reopen_orders(tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> list[Done | Refusal]:
    """Open released orders for changes again."""
    locked = await lock_orders(tx, (c.data.no for c in commands))

    def decide(command: Command[ActOnOrder]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        return locked.put(reopened(order), command.context, "reopened")

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    return results
