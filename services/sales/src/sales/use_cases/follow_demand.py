"""Planning published the stage of the demand of an order's lines."""

from __future__ import annotations

from uuid import UUID

from contracts.planning.stock import Demand
from eventkit.consumer import Batch, Change
from eventkit.transaction import Transaction
from sales.domain.sourcing import Sourcing, learn_demand, sourcing_of
from sales.store import sourcings
from sales.use_cases.resolve_exceptions import finish_taken_up


async def follow_demand(tx: Transaction, batch: Batch[Demand]) -> None:
    """Note it on the lines. What is learned does not raise an order's version and is not published again."""
    stored = await sourcings.lock(tx, (line.sales_line_id for change in batch for line in change.new.lines))
    current = dict(stored)
    for change in batch:
        with batch.deciding(change):
            current.update(_learn(change, current, tx))
    changed = [s for s in current.values() if s is not stored.get(s.sales_line_id)]
    await sourcings.store(tx, await finish_taken_up(tx, changed))


def _learn(change: Change[Demand], current: dict[UUID, Sourcing], tx: Transaction) -> dict[UUID, Sourcing]:
    demand, learned = change.new, {}
    for line in demand.lines:
        before = current.get(line.sales_line_id) or sourcing_of(
            line.sales_line_id, demand.sales_order_no, line.sales_order_line_no
        )
        learned[line.sales_line_id] = learn_demand(before, line, tx.now)
    return learned
