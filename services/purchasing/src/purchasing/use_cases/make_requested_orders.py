"""Planning's purchase requests become purchase orders: decided one by one in offset order, stored together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from contracts.planning import PurchaseRequest
from contracts.topics import KINDS
from contracts.values import Problem
from eventkit.consumer import Batch, Change, Waiting
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain.known import CopyMissing, Known
from purchasing.domain.links import LinkRow, LinkState, link_problem, link_row
from purchasing.domain.requests import CREATED, Decision, decide, without_lost
from purchasing.store import links, orders, requests, starts
from purchasing.store.knowledge import Needs
from purchasing.store.requests import DecidedPurchase
from purchasing.store.starts import Start

ORDER = KINDS["purchase-order"]
OUTCOME = KINDS["request-outcome"]


class _Decided(msgspec.Struct):
    decision: Decision
    context: Context


async def make_requested_orders(tx: Transaction, batch: Batch[PurchaseRequest]) -> None:
    """Decide every request that was never decided before.

    Redelivery and replay end at `purchase_request`, which is never emptied. Two ways to procure one sales line at the
    same moment end at the unique link: the loser's line is skipped.
    """
    requested = [change.new for change in batch]
    needs = _needs(requested)
    start = await starts.start(tx, [r.id for r in requested], _sales_line_ids(requested), needs)
    todo = [change for change in batch if change.new.id not in start.decided]
    if not todo:
        return
    # Numbers come before the links, which name them; those of refused requests are left out of the series.
    numbers = await orders.numbers(tx, len(todo), start.numbers)
    decided = _decide(batch, todo, numbers, start)
    await _store(tx, decided)
    _tell(tx, decided)
    await links.note_problems(tx, _problems(decided, start.known))


def _decide(
    batch: Batch[PurchaseRequest],
    todo: Sequence[Change[PurchaseRequest]],
    numbers: Sequence[str],
    start: Start,
) -> list[_Decided]:
    linked = dict(start.linked)
    decided: list[_Decided] = []
    for change, no in zip(todo, numbers, strict=True):
        with batch.deciding(change):
            try:
                decision = decide(change.new, start.known, linked, new_id)
            except CopyMissing as missing:
                raise Waiting(missing.kind, missing.no) from missing
            if decision.order is not None:
                decision.order = decision.order.replaced(no=no)
                linked.update(_linked_by(decision))
            decided.append(_Decided(decision, change.context))
    return decided


def _needs(requested: Iterable[PurchaseRequest]) -> Needs:
    needs = Needs()
    for request in requested:
        needs.vendor(request.vendor_no)
        needs.customer(request.sell_to_customer_no)
        needs.location(request.location_code)
        for line in request.lines:
            needs.item(request.vendor_no, line.item_no)
            if line.sales is not None:
                needs.sales_order(line.sales.sales_order_no)
    return needs


def _sales_line_ids(wanted: Iterable[PurchaseRequest]) -> list[UUID]:
    return [line.sales.sales_line_id for r in wanted for line in r.lines if line.sales is not None]


def _linked_by(decision: Decision) -> dict[UUID, LinkState]:
    return {
        row.sales_line_id: LinkState(highest_generation=row.generation, active_order_no=row.purchase_order_no)
        for row in _link_rows(decision)
    }


def _link_rows(decision: Decision) -> list[LinkRow]:
    order = decision.order
    if order is None:
        return []
    return [link_row(line.link, order.no, line.id) for line in order.lines if line.link is not None]


async def _store(tx: Transaction, decided: Sequence[_Decided]) -> None:
    """Write everything; what others linked since the states were read is taken out of the decisions first."""
    claims = [row for d in decided for row in _link_rows(d.decision)]
    won = await _write(tx, claims, decided)
    lost = {row.sales_line_id for row in claims} - won
    if not lost:
        return
    now_known = await links.states(tx, lost)
    for d in decided:
        d.decision = without_lost(d.decision, now_known)
    await _write(tx, [], decided)


async def _write(tx: Transaction, claims: Sequence[LinkRow], decided: Sequence[_Decided]) -> set[UUID]:
    made = [d.decision.order for d in decided if d.decision.order is not None]
    return await requests.store_purchases(tx, claims, made, [_row(d.decision) for d in decided])


def _tell(tx: Transaction, decided: Sequence[_Decided]) -> None:
    for d in decided:
        order = d.decision.order
        if order is not None:
            tx.publish(ORDER, order.no, order.snapshot("created"), d.context)
        if d.decision.must_be_told:
            tx.publish(OUTCOME, str(d.decision.request.id), d.decision.published(), d.context)


def _row(decision: Decision) -> DecidedPurchase:
    whole = decision.outcome == CREATED and not decision.must_be_told
    return DecidedPurchase(
        id=decision.request.id,
        outcome=decision.outcome,
        purchase_order_no=decision.order.no if decision.order is not None else "",
        body=None if whole else decision.published(),
        sales_line_ids=None if decision.outcome == CREATED else _sales_line_ids([decision.request]),
    )


def _problems(decided: Sequence[_Decided], known: Known) -> list[tuple[UUID, Problem | None]]:
    """A sales line that went away while its request was under way: bought, and shown as a problem (I2)."""
    rows = [row for d in decided for row in _link_rows(d.decision)]
    found = [
        (row.sales_line_id, link_problem(row, known.sales_orders.get(row.sales_order_no))) for row in rows
    ]
    return [(id_, problem) for id_, problem in found if problem is not None]
