"""A till or a payment service has taken money from a customer's card: the sales order shows it."""

from __future__ import annotations

from contracts.captures import CaptureOutcome
from domainkit.timelines import CAPTURED
from eventkit.consumer import Batch
from eventkit.transaction import Transaction
from sales.domain.channel.capturing import with_capture
from sales.store import order_locks
from sales.use_cases.locked_orders import LockedOrders


async def follow_captures(tx: Transaction, batch: Batch[CaptureOutcome]) -> None:
    """Note what was taken, once per instruction. The history of an order that is gone has it all the same."""
    rows = await order_locks.lock(tx, {change.new.sales_order_no for change in batch})
    orders = LockedOrders(rows.orders, rows.sourcings)
    for change in batch:
        with batch.deciding(change):
            order = orders.by_no.get(change.new.sales_order_no)
            if order is None or order.deleted:
                continue
            after = with_capture(order, change.new)
            if after is not order:
                orders.put(after, change.context, CAPTURED)
    await orders.store(tx)
