"""Post orders: ship, invoice or both. With a drop shipment it is an operation that purchasing decides first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit import operations
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.drafts import PlannedLine, PostOrder
from sales.domain.orders import OPEN, Order, PendingPost, raised, snapshot
from sales.domain.post_plans import plan_post
from sales.domain.posting import Deed, Posted, deed_of_plan
from sales.domain.releasing import release
from sales.store import order_locks
from sales.store import orders as order_store
from sales.use_cases.carry_out import carry_out_deeds
from sales.use_cases.order_acts import SALES_ORDER, Scene, addressed, look_up

OPERATION = "post-sales-order"


class PostAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that a post made."""

    shipment_no: str | None = None
    invoice_no: str | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a round: a deed to carry out now, or a post that waits for purchasing."""

    index: int
    order: Order
    context: Context
    happened: tuple[str, ...] = ()
    deed: Deed | None = None
    pending: PendingPost | None = None


async def post_orders(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> list[Done | Refusal]:
    """Post orders, all lines of a request or none (BC-SD-10, BC-DS-20, BC-DS-21)."""
    orders, known = await order_locks.lock(tx, (command.data.no for command in commands))
    refs = await look_up(tx, orders, commands, None)
    results: dict[int, Done | Refusal] = {}
    for round_ in rounds(commands):
        decided: list[Decided] = []
        for index in round_:
            try:
                order = addressed(orders, commands[index])
                decided.append(_decide(tx, index, order, commands[index], Scene(refs=refs, known=known)))
            except Refusal as refusal:
                results[index] = refusal
        orders.update({d.order.no: d.order for d in decided})
        now = [d for d in decided if d.deed]
        posted = await carry_out_deeds(tx, [(d.deed, d.context) for d in now if d.deed], orders, known)
        results |= {d.index: _done(tx, d, p, orders) for d, p in zip(now, posted, strict=True)}
        results |= await _ask_purchasing(tx, [d for d in decided if d.pending], orders)
    changed = {r.no for r in results.values() if isinstance(r, Done)}
    await order_store.update(tx, [orders[no] for no in sorted(changed)])
    return [results[index] for index in range(len(commands))]


def rounds(commands: Sequence[Command[PostOrder]]) -> Iterable[list[int]]:
    """The commands' places, so that no round has two of one order: the second one sees what the first did."""
    left = list(range(len(commands)))
    while left:
        first: dict[str, int] = {}
        for index in left:
            first.setdefault(commands[index].data.no, index)
        yield list(first.values())
        left = [index for index in left if index not in first.values()]


def _decide(tx: Transaction, index: int, order: Order, command: Command[PostOrder], scene: Scene) -> Decided:
    """An open order is released by posting it; then the plan, then who decides about it."""
    wanted, happened = command.data, tuple[str, ...]()
    if order.status == OPEN:
        order, happened = release(order, scene.refs).order, ("released",)
    plan = plan_post(order, wanted, scene.refs, scene.known)
    posting_date = wanted.posting_date or scene.refs.today(tx.now)
    if _needs_purchasing(order, plan):
        pending = PendingPost(
            id=new_id(), posting_date=posting_date, ship=wanted.ship, invoice=wanted.invoice, lines=plan
        )
        order = replace(order, pending_posts=(*order.pending_posts, pending))
        return Decided(index=index, order=order, context=command.context, happened=happened, pending=pending)
    deed = deed_of_plan(order, posting_date, plan, new_id)
    return Decided(index=index, order=order, context=command.context, happened=happened, deed=deed)


def _needs_purchasing(order: Order, plan: Iterable[PlannedLine]) -> bool:
    dropped = {line.id for line in order.lines if line.drop_shipment}
    return any(planned.ship > 0 and planned.sales_line_id in dropped for planned in plan)


def _done(tx: Transaction, decided: Decided, posted: Posted, orders: dict[str, Order]) -> Done:
    order = orders[decided.order.no] = raised(posted.order)
    tx.publish(SALES_ORDER, order.no, snapshot(order, *decided.happened, *posted.happened), decided.context)
    return Done("sales-order", order.no, order.version, answer=answer_of(posted))


def answer_of(posted: Posted) -> PostAnswer:
    """What the caller of a post learns."""
    return PostAnswer(
        shipment_no=posted.shipment.no if posted.shipment else None,
        invoice_no=posted.invoice.no if posted.invoice else None,
    )


async def _ask_purchasing(
    tx: Transaction, decided: Sequence[Decided], orders: dict[str, Order]
) -> dict[int, Done | Refusal]:
    """The order's snapshot asks; the operation runs until the outcome comes."""
    started, results = [], dict[int, Done | Refusal]()
    for each in decided:
        if each.pending is None:
            continue
        order = orders[each.order.no] = raised(each.order)
        tx.publish(SALES_ORDER, order.no, snapshot(order, *each.happened, "posting_requested"), each.context)
        started.append(operations.Started(each.pending.id, OPERATION, order.no))
        results[each.index] = Done("sales-order", order.no, order.version, operation_id=each.pending.id)
    await operations.start(tx, started)
    return results
