"""Post orders: ship, invoice or both. With a drop shipment it is an operation that purchasing decides first."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit import operations
from eventkit.operations import Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.order import OPEN, PendingPost
from sales.domain.orders.releasing import release
from sales.domain.posting.commands import PostOrder
from sales.domain.posting.decisions import needs_purchasing, posting_from_plan
from sales.domain.posting.plans import plan_post
from sales.domain.posting.sending import address_of
from sales.domain.posting.stock_to_ship import StockToShip
from sales.use_cases.apply_postings import PostingBatch
from sales.use_cases.load_stock import load_stock
from sales.use_cases.locked_orders import ChangedOrders, lock_orders

OPERATION = "post-sales-order"


async def post_orders(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> list[Done | Refusal]:
    """Post orders, all lines of a request or none (BC-SD-10, BC-DS-20, BC-DS-21)."""
    orders = await lock_orders(tx, commands)
    stock = await load_stock(tx, orders, (each.data.no for each in commands if each.data.posting.ship))
    batch = PostingBatch(tx, orders)
    started: list[Started] = []
    results = decide_each(commands, lambda command: _decide(orders, stock, batch, started, command))
    await batch.store()
    await operations.start(tx, started)
    return results


def _decide(
    orders: ChangedOrders,
    stock: StockToShip,
    batch: PostingBatch,
    started: list[Started],
    command: Command[PostOrder],
) -> Done:
    """Posting releases an open order; then the plan is made, and either sales or purchasing decides it."""
    order, posting, context = orders.addressed(command), command.data.posting, orders.context
    happened: tuple[str, ...] = ()
    if order.status == OPEN:
        order, happened = release(order, context.references).order, ("released",)
    plan = plan_post(order, posting, context)
    posting_date = posting.posting_date or context.references.today
    send_to = address_of(order, command.data, context.references)
    stock.take((order, plan))
    if not needs_purchasing(order, plan):
        decision = posting_from_plan(posting_date, plan, context.new_id, send_to)
        applied = batch.apply(order, decision, command.context, *happened)
        return Done(orders.kind.name, order.no, orders.by_no[order.no].version, answer=applied)
    pending = PendingPost(
        id=context.new_id(),
        posting_date=posting_date,
        ship=posting.ship,
        invoice=posting.invoice,
        lines=plan,
        send_to=send_to,
    )
    # The order's snapshot asks purchasing; the operation runs until the outcome comes.
    asking = replace(order, pending_posts=(*order.pending_posts, pending))
    done = orders.put(asking, command.context, *happened, "posting_requested")
    started.append(Started(pending.id, OPERATION, order.no))
    return replace(done, operation_id=pending.id)
