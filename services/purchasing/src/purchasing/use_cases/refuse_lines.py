"""Vendors refuse lines of purchase orders: their links end, and the sales lines show why."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkRow, ended_links
from purchasing.domain.orders.commands import RefuseLine
from purchasing.domain.orders.vendor_answers import REFUSED, refused
from purchasing.store import links
from purchasing.use_cases.locked_orders import lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def refuse_lines(tx: Transaction, commands: Sequence[Command[RefuseLine]]) -> list[Done | Refusal]:
    """Note refusals; the links of the lines end as those of deleted lines do (E2)."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    ended: list[LinkRow] = []

    def decide(command: Command[RefuseLine]) -> Done:
        order, data = locked.get(command.data.no, command.if_match), command.data
        after = refused(order, data.line_no, data.refusal.reason)
        ended.extend(ended_links(order, after))
        return locked.put(after, command.context, REFUSED)

    results = decide_each(commands, decide)
    await links.end(tx, ended)
    await store_orders(tx, locked)
    return results
