"""Purchasing decided a request of sales: a pending post is applied whole or dropped, a cancellation ends."""

from __future__ import annotations

from msgspec import to_builtins

from contracts.purchasing.outcomes import RequestOutcome
from eventkit import operations
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.operations import Finished
from eventkit.transaction import Transaction
from sales.domain.orders.order import Order, PendingPost
from sales.domain.posting.applying import without_pending
from sales.domain.posting.decisions import PostingDecision, earlier_shipment_no, posting_from_outcome
from sales.store import order_locks
from sales.use_cases.apply_postings import AppliedPosting, PostingBatch
from sales.use_cases.create_purchase_invoices import (
    PURCHASE_INVOICE_REQUEST,
    end_purchase_invoices,
    lock_asking_invoices,
)
from sales.use_cases.end_cancellations import KIND, end_cancellations, is_awaited
from sales.use_cases.end_changes import end_changes
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.outcome_problems import problem_of

GRANTED = frozenset({"posted", "already_posted"})
POSTING_REQUEST = "posting_request"
REQUESTED_CHANGE = "requested_change"


async def follow_request_outcomes(tx: Transaction, batch: Batch[RequestOutcome]) -> None:
    """End pending posts, changes and cancellations. An outcome that comes again finds nothing pending."""
    asking = await lock_asking_invoices(tx, (change.new for change in batch))
    rows = await order_locks.lock(tx, {c.new.sales_order_no for c in batch if _is_ours(c.new)})
    orders = LockedOrders(rows.orders, rows.sourcings)
    granted: list[tuple[RequestOutcome, PostingDecision, Context]] = []
    refused: list[tuple[RequestOutcome, Context]] = []
    withdrawals: list[Change[RequestOutcome]] = []
    changes: list[tuple[RequestOutcome, Context]] = []
    invoices: list[Change[RequestOutcome]] = []
    for change in batch:
        with batch.deciding(change):
            if change.new.kind == REQUESTED_CHANGE:
                changes.append((change.new, change.context))
                continue
            outcome, order = change.new, _order_of(change.new, orders)
            if outcome.kind == PURCHASE_INVOICE_REQUEST:
                invoices.append(change)
                continue
            if is_awaited(outcome, order):
                withdrawals.append(change)
                continue
            pending = _pending(outcome, order)
            if order is None or pending is None:
                continue  # delivered again, or a request of planning
            if outcome.outcome in GRANTED:
                decision = posting_from_outcome(order, pending, outcome, new_id)
                granted.append((outcome, decision, change.context))
            else:
                refused.append((outcome, change.context))
    finished = [_drop(orders, outcome, context) for outcome, context in refused]
    finished += await end_cancellations(tx, orders, withdrawals)
    finished += await end_changes(tx, orders, changes)
    finished += await end_purchase_invoices(tx, orders, asking, invoices)
    finished += await _apply(tx, granted, orders)
    await operations.finish(tx, finished)


def _is_ours(outcome: RequestOutcome) -> bool:
    """Sales asks for postings, changes, withdrawals and purchase invoices; planning asks for purchases."""
    return outcome.kind in {POSTING_REQUEST, REQUESTED_CHANGE, KIND, PURCHASE_INVOICE_REQUEST}


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
