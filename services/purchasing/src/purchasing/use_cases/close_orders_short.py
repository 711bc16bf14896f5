"""People close purchase orders short: nothing more is expected of their lines."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from purchasing.domain.orders.closing_short import close_short
from purchasing.domain.orders.commands import CloseShort
from purchasing.use_cases.locked_orders import lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def close_orders_short(
    tx: Transaction, commands: Sequence[Command[CloseShort]]
) -> list[Done | Refusal]:
    """Lower lines to what was received; the sales lines that they serve follow by the order's event (G4)."""
    locked = await lock_orders(tx, (c.data.no for c in commands))

    def decide(command: Command[CloseShort]) -> Done:
        order = locked.get(command.data.no, command.if_match)
        after = close_short(order, command.data.shortening.lines)
        return locked.put(after, command.context, "close_short")

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    return results
