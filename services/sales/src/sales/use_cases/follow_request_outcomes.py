"""Purchasing decided a posting request: the pending post is applied whole, or dropped with the reason."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from contracts.purchasing import RequestOutcome
from eventkit import operations
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from sales.domain.orders.order import Order, PendingPost
from sales.domain.posting.applying import without_pending
from sales.domain.posting.decisions import PostingDecision, earlier_shipment_no, posting_from_outcome
from sales.store import order_locks
from sales.use_cases.apply_postings import AppliedPosting, PostingBatch
from sales.use_cases.locked_orders import LockedOrders

GRANTED = frozenset({"posted", "already_posted"})


async def follow_request_outcomes(tx: Transaction, batch: Batch[RequestOutcome]) -> None:
    """End pending posts. An outcome that comes again finds no pending post and changes nothing."""
    rows = await order_locks.lock(tx, {c.new.sales_order_no for c in batch if _is_ours(c.new)})
    orders = LockedOrders(rows.orders, rows.sourcings)
    granted: list[tuple[RequestOutcome, PostingDecision, Context]] = []
    refused: list[tuple[RequestOutcome, Context]] = []
    for change in batch:
        with batch.deciding(change):
            outcome, order = change.new, _order_of(change.new, orders)
            pending = _pending(outcome, order)
            if order is None or pending is None:
                continue  # delivered again, or a request of planning
            if outcome.outcome in GRANTED:
                decision = posting_from_outcome(order, pending, outcome, new_id)
                granted.append((outcome, decision, change.context))
            else:
                refused.append((outcome, change.context))
    finished = [_drop(orders, outcome, context) for outcome, context in refused]
    finished += await _apply(tx, granted, orders)
    await operations.finish(tx, finished)


def _is_ours(outcome: RequestOutcome) -> bool:
    """Sales asks for postings; planning asks for purchases."""
    return outcome.kind == "posting_request"


def _order_of(outcome: RequestOutcome, orders: LockedOrders) -> Order | None:
    return orders.by_no.get(outcome.sales_order_no) if _is_ours(outcome) else None


def _pending(outcome: RequestOutcome, order: Order | None) -> PendingPost | None:
    posts = order.pending_posts if order else ()
    return next((post for post in posts if post.id == outcome.request_id), None)


def _drop(orders: LockedOrders, outcome: RequestOutcome, context: Context) -> Finished:
    """Purchasing refused: nothing of the request is posted, its lines are free again."""
    order = orders.by_no[outcome.sales_order_no]
    orders.put(without_pending(order, outcome.request_id), context, "posting_refused")
    return Finished(outcome.request_id, "refused", problem=problem_of(outcome))


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


async def _apply(
    tx: Transaction, granted: list[tuple[RequestOutcome, PostingDecision, Context]], orders: LockedOrders
) -> list[Finished]:
    posting = PostingBatch(tx, orders)
    applied: list[tuple[RequestOutcome, AppliedPosting, str]] = []
    for outcome, decision, context in granted:
        order = orders.by_no[outcome.sales_order_no]
        earlier = earlier_shipment_no(order, outcome)
        applied.append((outcome, posting.apply(order, decision, context, idle="posted"), earlier))
    # Writes the orders of refused requests too.
    await posting.store()
    return [
        Finished(outcome.request_id, "succeeded", result=to_builtins(each.result(earlier)))
        for outcome, each, earlier in applied
    ]
