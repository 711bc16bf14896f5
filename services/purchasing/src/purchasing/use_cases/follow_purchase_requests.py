"""Planning's purchase requests become purchase orders: decided one by one in offset order, stored together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.planning.requests import PurchaseRequest
from contracts.topics import KINDS
from contracts.values import Problem
from domainkit.decisions import DecisionContext
from domainkit.references import CopyMissing, ReferenceData, ReferenceQuery
from eventkit.consumer import Batch, Change, Waiting
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkedSalesOrder, LinkRow, LinkState, link_problem, link_row
from purchasing.domain.requests.purchase_requests import (
    CREATED,
    DecidedRequest,
    decide_request,
    need_for_request,
    without_lost,
)
from purchasing.store import decided_requests, links, orders, request_batches
from purchasing.store.decided_requests import DecidedPurchase
from purchasing.store.request_batches import RequestBatch
from purchasing.use_cases.replace_links import replace_links
from purchasing.use_cases.reschedule_lines import reschedule_lines

ORDER: Final = KINDS["purchase-order"]
OUTCOME: Final = KINDS["request-outcome"]


class _Decided(msgspec.Struct):
    """A decided request and the event that brought it."""

    decision: DecidedRequest
    context: Context


async def follow_purchase_requests(tx: Transaction, batch: Batch[PurchaseRequest]) -> None:
    """Decide every request that was never decided before.

    Redelivery and replay end at `purchase_request`, which is never emptied. Two ways to procure one sales line at the
    same moment end at the unique link: the loser's line is skipped.
    """
    moves = [change for change in batch if change.new.reschedule is not None]
    if moves:
        await reschedule_lines(tx, batch, moves)
    await replace_links(tx, batch)
    requested = [change.new for change in batch if change.new.reschedule is None]
    if not requested:
        return
    query = ReferenceQuery()
    for request in requested:
        need_for_request(query, request)
    begun = await request_batches.begin(tx, [r.id for r in requested], _sales_line_ids(requested), query)
    todo = [c for c in batch if c.new.reschedule is None and c.new.id not in begun.decided]
    if not todo:
        return
    # Numbers come before the links, which name them; those of refused requests are left out of the series.
    numbers = await orders.free_numbers(tx, len(todo), begun.numbers)
    decided = _decide(batch, todo, numbers, begun)
    await _store(tx, decided)
    _publish(tx, decided)
    await links.note_problems(tx, _problems(decided, begun.references))


def _decide(
    batch: Batch[PurchaseRequest],
    todo: Sequence[Change[PurchaseRequest]],
    numbers: Sequence[str],
    begun: RequestBatch,
) -> list[_Decided]:
    context = DecisionContext(references=begun.references, new_id=new_id)
    linked = dict(begun.linked)
    decided: list[_Decided] = []
    for change, no in zip(todo, numbers, strict=True):
        with batch.deciding(change):
            try:
                decision = decide_request(change.new, linked, context)
            except CopyMissing as missing:
                raise Waiting(missing.kind, missing.no) from missing
            # Two requests of one batch may name the same sales line: the second must see the first one's link.
            if decision.order is not None:
                decision.order = decision.order.replaced(no=no)
                linked.update(_linked_by(decision))
            decided.append(_Decided(decision, change.context))
    return decided


def _sales_line_ids(wanted: Iterable[PurchaseRequest]) -> list[UUID]:
    return [line.sales.sales_line_id for r in wanted for line in r.lines if line.sales is not None]


def _linked_by(decision: DecidedRequest) -> dict[UUID, LinkState]:
    return {
        row.sales_line_id: LinkState(highest_generation=row.generation, active_order_no=row.purchase_order_no)
        for row in _link_rows(decision)
    }


def _link_rows(decision: DecidedRequest) -> list[LinkRow]:
    order = decision.order
    if order is None:
        return []
    return [link_row(line.link, order.no, line.id) for line in order.lines if line.link is not None]


async def _store(tx: Transaction, decided: Sequence[_Decided]) -> None:
    """Write everything. What other transactions linked since the states were read is taken out first."""
    claims = [row for d in decided for row in _link_rows(d.decision)]
    won = await _write(tx, claims, decided)
    lost = {row.sales_line_id for row in claims} - won
    if not lost:
        return
    # Read again: the claim waited for the winners, so their links are committed and visible now. The second write
    # claims nothing (the links that were won are stored), so it cannot lose again.
    now_known = await links.states(tx, lost)
    for d in decided:
        d.decision = without_lost(d.decision, now_known)
    await _write(tx, [], decided)


async def _write(tx: Transaction, claims: Sequence[LinkRow], decided: Sequence[_Decided]) -> set[UUID]:
    made = [d.decision.order for d in decided if d.decision.order is not None]
    return await decided_requests.store_purchases(tx, claims, made, [_row(d.decision) for d in decided])


def _publish(tx: Transaction, decided: Sequence[_Decided]) -> None:
    for d in decided:
        order = d.decision.order
        if order is not None:
            tx.publish(ORDER, order.no, order.snapshot("created"), d.context)
        if d.decision.publishes_outcome:
            tx.publish(OUTCOME, str(d.decision.request.id), d.decision.event(), d.context)


def _row(decision: DecidedRequest) -> DecidedPurchase:
    whole = decision.outcome == CREATED and not decision.publishes_outcome
    return DecidedPurchase(
        id=decision.request.id,
        outcome=decision.outcome,
        purchase_order_no=decision.order.no if decision.order is not None else "",
        body=None if whole else decision.event(),
        sales_line_ids=None if decision.outcome == CREATED else _sales_line_ids([decision.request]),
    )


def _problems(decided: Sequence[_Decided], references: ReferenceData) -> list[tuple[UUID, Problem | None]]:
    """A sales line that went away while its request was under way: bought, and shown as a problem (I2)."""
    problems: list[tuple[UUID, Problem | None]] = []
    for row in (row for d in decided for row in _link_rows(d.decision)):
        problem = link_problem(row, references.find(LinkedSalesOrder, row.sales_order_no))
        if problem is not None:
            problems.append((row.sales_line_id, problem))
    return problems
