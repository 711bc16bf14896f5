"""Close lines short: an operation that purchasing decides where the line is bought."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import asdict, replace

from contracts.refusals import Refusal
from eventkit import operations
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.closing_short import close_short
from sales.domain.orders.supply_commands import CloseLineShort
from sales.use_cases.locked_orders import lock_orders

OPERATION = "close-short"


class ClosedShort(msgspec.Struct, frozen=True, kw_only=True):
    """The line after it was closed short."""

    sales_order_no: str
    line_no: int


async def close_lines_short(
    tx: Transaction, commands: Sequence[Command[CloseLineShort]]
) -> list[Done | Refusal]:
    """Lower lines to what was supplied, on both sides (G4). Of ordinary stock it ends at once."""
    orders = await lock_orders(tx, commands)
    started: list[Started] = []
    finished: list[Finished] = []

    def decide(command: Command[CloseLineShort]) -> Done:
        order, context = orders.addressed(command), orders.context
        line = order.line(command.data.line_no)
        after = close_short(order, line, context)
        asked = [each for each in after.requested_changes if each not in order.requested_changes]
        id_ = asked[0].id if asked else context.new_id()
        started.append(Started(id_, OPERATION, order.no))
        if not asked:
            result = ClosedShort(sales_order_no=order.no, line_no=line.line_no)
            finished.append(Finished(id_, "succeeded", result=asdict(result)))
        done = orders.put(after, command.context, "close_short_requested" if asked else "closed_short")
        return replace(done, operation_id=id_)

    results = decide_each(commands, decide)
    await orders.store(tx)
    await operations.start(tx, started)
    await operations.finish(tx, finished)
    return results
