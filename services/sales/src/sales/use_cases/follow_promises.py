"""Planning promised dates to a customer: they are put on the order's lines, and the order says so."""

from __future__ import annotations

from contracts.planning.requests import OrderPromise
from eventkit.consumer import Batch
from eventkit.transaction import Transaction
from sales.domain.orders.promising import decide_promise
from sales.store import order_locks
from sales.use_cases.locked_orders import ChangedOrders, load_context


async def follow_promises(tx: Transaction, batch: Batch[OrderPromise]) -> None:
    """Decide promises; one that was decided before changes nothing.

    An order that is gone has published that it is deleted: planning ends its promises by that.
    """
    rows = await order_locks.lock(tx, {change.new.sales_order_no for change in batch})
    orders = ChangedOrders(rows, await load_context(tx, rows, (), None), tx.now)
    for change in batch:
        with batch.deciding(change):
            order = orders.by_no.get(change.new.sales_order_no)
            if order is None or order.deleted:
                continue
            after = decide_promise(order, change.new, orders.context)
            if after is not order:
                orders.put(after, change.context, "promised")
    await orders.store(tx)
