"""Purchasing decided a posting request: the pending post is carried out whole, or dropped with the reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import to_builtins

from contracts.purchasing import RequestOutcome
from eventkit import operations
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from sales.domain.orders import Order, PendingPost, raised, snapshot
from sales.domain.posting import Deed, deed_of_outcome, shipment_of, without_pending
from sales.store import order_locks
from sales.store import orders as order_store
from sales.use_cases.carry_out import carry_out_deeds
from sales.use_cases.order_acts import SALES_ORDER
from sales.use_cases.post_orders import PostAnswer

GRANTED = frozenset({"posted", "already_posted"})


async def on_request_outcome(tx: Transaction, batch: Batch[RequestOutcome]) -> None:
    """End pending posts. An outcome that comes again finds no pending post and changes nothing."""
    orders, known = await order_locks.lock(tx, {c.new.sales_order_no for c in batch if _is_ours(c.new)})
    granted: list[tuple[Deed, Context, RequestOutcome]] = []
    dropped: list[tuple[Order, PendingPost, Context, RequestOutcome]] = []
    for change in batch:
        with batch.deciding(change):
            pending = _pending(change.new, orders)
            if pending is None:
                continue
            order = orders[change.new.sales_order_no]
            if change.new.outcome in GRANTED:
                deed = deed_of_outcome(order, pending, change.new, new_id)
                granted.append((deed, change.context, change.new))
            else:
                dropped.append((order, pending, change.context, change.new))
    finished = [_drop(tx, orders, *each) for each in dropped]
    finished += await _carry_out(tx, granted, orders, known)
    touched = {deed.order_no for deed, _, _ in granted} | {order.no for order, _, _, _ in dropped}
    await order_store.update(tx, [orders[no] for no in sorted(touched)])
    await operations.finish(tx, finished)


def _is_ours(outcome: RequestOutcome) -> bool:
    """Sales asks for postings; planning asks for purchases."""
    return outcome.kind == "posting_request"


def _pending(outcome: RequestOutcome, orders: dict[str, Order]) -> PendingPost | None:
    order = orders.get(outcome.sales_order_no) if _is_ours(outcome) else None
    if order is None:
        return None
    return next((post for post in order.pending_posts if post.id == outcome.request_id), None)


def _drop(
    tx: Transaction,
    orders: dict[str, Order],
    before: Order,
    pending: PendingPost,
    context: Context,
    outcome: RequestOutcome,
) -> Finished:
    """Purchasing refused: nothing of the request is posted, its lines are free again."""
    order = orders[before.no] = raised(without_pending(orders[before.no], pending.id))
    tx.publish(SALES_ORDER, order.no, snapshot(order, "posting_refused"), context)
    return Finished(pending.id, "refused", problem=problem_of(outcome))


def problem_of(outcome: RequestOutcome) -> dict[str, Any]:
    """Every reason of a refusal, the first one names it."""
    errors = [
        {"pointer": p.pointer, "code": p.code, "detail": p.detail, "line_no": p.line_no}
        for p in outcome.errors
    ]
    first = outcome.errors[0] if outcome.errors else None
    return {
        "code": first.code if first else "refused",
        "detail": first.detail if first else "purchasing refused the posting",
        "errors": errors,
    }


async def _carry_out(
    tx: Transaction,
    granted: list[tuple[Deed, Context, RequestOutcome]],
    orders: dict[str, Order],
    known: dict[UUID, Any],
) -> list[Finished]:
    if not granted:
        return []
    earlier = {outcome.request_id: shipment_of(orders[d.order_no], outcome) for d, _, outcome in granted}
    posted = await carry_out_deeds(tx, [(deed, context) for deed, context, _ in granted], orders, known)
    finished = []
    for (deed, context, outcome), each in zip(granted, posted, strict=True):
        order = orders[deed.order_no] = raised(orders[deed.order_no])
        tx.publish(SALES_ORDER, order.no, snapshot(order, *(each.happened or ("posted",))), context)
        answer = PostAnswer(
            shipment_no=each.shipment.no if each.shipment else earlier[outcome.request_id] or None,
            invoice_no=each.invoice.no if each.invoice else None,
        )
        finished.append(Finished(outcome.request_id, "succeeded", result=to_builtins(answer)))
    return finished
