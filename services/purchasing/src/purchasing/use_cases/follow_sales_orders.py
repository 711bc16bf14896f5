"""What a sales order's new state means here: receipts that sales asks for, links whose sales line went away."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contracts.purchasing import RequestOutcome
from contracts.sales import SalesOrder
from contracts.topics import KINDS
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain.known import Known
from purchasing.domain.links import link_problem
from purchasing.domain.orders import Order
from purchasing.domain.posting_requests import Answered, LinkedLine, decide
from purchasing.store import links, receipts, requests
from purchasing.store.knowledge import Needs
from purchasing.use_cases.locked_orders import LockedOrders

OUTCOME = KINDS["request-outcome"]


class _Answer(msgspec.Struct):
    answered: Answered
    context: Context


async def follow_sales_orders(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Decide the posting requests that were never decided, then compare own links with each order's lines.

    Level-triggered: it looks at the snapshot alone, so that a missed or repeated one does no harm. Orders are locked
    before links are written, as everywhere.
    """
    await _answer_posting_requests(tx, batch)
    await _note_link_problems(tx, batch)


async def _note_link_problems(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    by_no = {change.no: change.new for change in batch}
    problems = [
        (link.row.sales_line_id, problem)
        for link in await links.of_sales_orders(tx, by_no)
        if _key(problem := link_problem(link.row, by_no[link.row.sales_order_no])) != _key(link.problem)
    ]
    await links.note_problems(tx, problems)


def _key(problem: object) -> tuple[str, str]:
    return (getattr(problem, "code", ""), getattr(problem, "detail", ""))


async def _answer_posting_requests(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    asking = [change for change in batch if change.new.posting_requests]
    if not asking:
        return
    decided = await requests.decided_postings(tx, (r.id for c in asking for r in c.new.posting_requests))
    asking = [c for c in asking if any(r.id not in decided for r in c.new.posting_requests)]
    wanted = {line.sales_line_id for c in asking for r in c.new.posting_requests for line in r.lines}
    places = await links.places(tx, wanted)
    locked = await LockedOrders.load(tx, (place.order_no for place in places.values()))
    known = await _known(tx, asking, locked.orders)
    answers: list[_Answer] = []
    for change in asking:
        with batch.deciding(change):
            for answered in _decide(tx, change, decided, locked.orders, places, known):
                answers.append(_Answer(answered, change.context))
                for received in answered.received:
                    locked.put(received.order, change.context, "received")
    await _store(tx, locked, answers)


async def _known(tx: Transaction, asking: Sequence[Change[SalesOrder]], orders: dict[str, Order]) -> Known:
    needs = Needs()
    for change in asking:
        needs.customer(change.new.customer_no)
    for order in orders.values():
        needs.vendor(order.vendor_no)
    return await needs.load(tx, tx.now)


def _decide(
    tx: Transaction,
    change: Change[SalesOrder],
    decided: set[UUID],
    orders: dict[str, Order],
    places: dict[UUID, LinkedLine],
    known: Known,
) -> list[Answered]:
    """All requests of one sales order, each on what the ones before left; nothing is kept if one throws."""
    seen = dict(orders)
    answers = []
    for request in change.new.posting_requests:
        if request.id in decided:
            continue
        answered = decide(
            change.new,
            request,
            seen,
            places,
            known,
            posted_at=tx.now,
            posted_by=change.context.by,
            new_id=new_id,
        )
        for received in answered.received:
            if received.document is not None:
                seen[received.order.no] = received.order.replaced(version=received.order.version + 1)
        answers.append(answered)
    return answers


async def _store(tx: Transaction, locked: LockedOrders, answers: Sequence[_Answer]) -> None:
    document_nos = await receipts.post(tx, [d for a in answers for d in a.answered.documents])
    await locked.store(document_nos)
    outcomes: list[RequestOutcome] = []
    for a in answers:
        outcome = a.answered.published(document_nos)
        outcomes.append(outcome)
        tx.publish(OUTCOME, str(outcome.request_id), outcome, a.context)
    await requests.remember_postings(tx, outcomes)
