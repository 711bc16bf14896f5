"""What a sales order's new state means here: receipts that sales asks for, links whose sales line went away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.purchasing.masters import Vendor
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.masters import Customer
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PostingRequest, WithdrawalRequest
from contracts.topics import KINDS
from contracts.values import Problem
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.links import link_problem, linked_sales_order
from purchasing.domain.orders.order import Order
from purchasing.domain.requests.posting_requests import (
    DecidedPosting,
    LinkedLine,
    PostingRequestContext,
    decide_posting_request,
)
from purchasing.domain.requests.withdrawals import DecidedWithdrawal, decide_withdrawal
from purchasing.store import decided_requests, links, receipts
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.decide_changes import decide_changes, end_undos
from purchasing.use_cases.decide_invoice_requests import decide_invoice_requests
from purchasing.use_cases.end_links import end_links
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders

OUTCOME: Final = KINDS["request-outcome"]


class _Decided(msgspec.Struct):
    """What was decided of the requests of one event."""

    context: Context
    postings: list[DecidedPosting]
    withdrawals: list[DecidedWithdrawal]


async def follow_sales_orders(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Decide the requests that were never decided, then compare own links with each order's lines.

    It looks at the snapshot alone, so that a missed or repeated one does no harm. Orders are locked before links are
    written, as everywhere.
    """
    await _decide_requests(tx, batch)
    await decide_changes(tx, batch)
    await end_undos(tx, batch)
    await decide_invoice_requests(tx, batch)
    await _note_link_problems(tx, batch)


async def _note_link_problems(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    by_no = {change.no: change.new for change in batch}
    linked = await links.of_sales_orders(tx, by_no)
    orders = {no: linked_sales_order(by_no[no]) for no in {link.row.sales_order_no for link in linked}}
    problems: list[tuple[UUID, Problem | None]] = []
    for link in linked:
        problem = link_problem(link.row, orders[link.row.sales_order_no])
        # Only changes are written: nearly every snapshot of an order with links leaves their problems as they are.
        if _key(problem) != _key(link.problem):
            problems.append((link.row.sales_line_id, problem))
    await links.note_problems(tx, problems)


def _key(problem: Problem | None) -> tuple[str, str]:
    """What is stored of a problem."""
    return (problem.code, problem.detail) if problem is not None else ("", "")


def _requests(order: SalesOrder) -> tuple[PostingRequest | WithdrawalRequest, ...]:
    return (*order.posting_requests, *order.withdrawal_requests)


def _lines_asked_for(order: SalesOrder) -> set[UUID]:
    posted = {line.sales_line_id for request in order.posting_requests for line in request.lines}
    return posted.union(*(request.sales_line_ids for request in order.withdrawal_requests))


async def _decide_requests(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    asking = [change for change in batch if _requests(change.new)]
    if not asking:
        return
    known = await decided_requests.decided_for_sales(tx, (r.id for c in asking for r in _requests(c.new)))
    asking = [c for c in asking if any(r.id not in known for r in _requests(c.new))]
    wanted = set[UUID]().union(*(_lines_asked_for(c.new) for c in asking))
    # Links are read without a lock to find the orders to lock; the decision checks each link on the locked order.
    linked = await links.linked_lines(tx, wanted)
    locked = await lock_orders(tx, (place.order_no for place in linked.values()))
    context = await _load_context(tx, asking, locked, linked)
    decided: list[_Decided] = []
    for change in asking:
        with batch.deciding(change):
            postings = _decide(change, known, locked.by_no, context)
            withdrawals = _decide_withdrawals(change, known, locked.by_no, context)
            decided.append(_Decided(change.context, postings, withdrawals))
            for posting in postings:
                for received in posting.received:
                    locked.put(received.order, change.context, "received")
            for withdrawal in withdrawals:
                for order in withdrawal.orders:
                    locked.put(order, change.context, "line_withdrawn")
    await _store(tx, locked, decided)


async def _load_context(
    tx: Transaction,
    asking: Sequence[Change[SalesOrder]],
    locked: LockedOrders,
    linked: Mapping[UUID, LinkedLine],
) -> PostingRequestContext:
    query = ReferenceQuery()
    query.need(Customer, *(change.new.customer_no for change in asking))
    query.need(Vendor, *(order.vendor_no for order in locked.by_no.values()))
    context: DecisionContext = await load_context(tx, query)
    asked_by = {change.no: change.new for change in asking}
    return extended(PostingRequestContext, context, linked=linked, posted_at=tx.now, sales_orders=asked_by)


def _decide(
    change: Change[SalesOrder],
    known: set[UUID],
    orders: Mapping[str, Order],
    context: PostingRequestContext,
) -> list[DecidedPosting]:
    """Decide all requests of one sales order, each on the state after the one before; if one raises, none counts."""
    seen = dict(orders)
    context = msgspec.structs.replace(context, by=change.context.by)
    decided = []
    for request in change.new.posting_requests:
        if request.id in known:
            continue
        posting = decide_posting_request(change.new, request, seen, context)
        for received in posting.received:
            if received.document is not None:
                # The version that `put` will give it: receipts of the next request must name a later one.
                seen[received.order.no] = received.order.replaced(version=received.order.version + 1)
        decided.append(posting)
    return decided


def _decide_withdrawals(
    change: Change[SalesOrder],
    known: set[UUID],
    orders: Mapping[str, Order],
    context: PostingRequestContext,
) -> list[DecidedWithdrawal]:
    """At most one request of an order waits at a time, and none beside a posting request."""
    requests = (request for request in change.new.withdrawal_requests if request.id not in known)
    return [
        decide_withdrawal(change.new, request, orders, context.linked, context.new_id) for request in requests
    ]


async def _store(tx: Transaction, locked: LockedOrders, decided: Sequence[_Decided]) -> None:
    documents = [document for d in decided for posting in d.postings for document in posting.documents]
    receipt_nos = await receipts.post(tx, documents)
    withdrawals = [withdrawal for d in decided for withdrawal in d.withdrawals]
    ended = [row for each in withdrawals for row in each.ended]
    await end_links(tx, ended, [row for each in withdrawals for row in each.fences])
    await store_orders(tx, locked, receipt_nos)
    outcomes: list[RequestOutcome] = []
    for each in decided:
        told = [posting.event(receipt_nos) for posting in each.postings]
        told += [withdrawal.event() for withdrawal in each.withdrawals]
        for outcome in told:
            tx.publish(OUTCOME, str(outcome.request_id), outcome, each.context)
        outcomes += told
    await decided_requests.remember_for_sales(tx, outcomes)
