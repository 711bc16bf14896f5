"""A sales order changed: take up its demand and procure it, and book what it shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from contracts.sales import SalesOrder
from contracts.values import Posting
from eventkit.consumer import Batch, Change, Waiting
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.availability import OpenLine, open_sales_lines
from planning.domain.demand import Decision, OrderDemand
from planning.domain.ledger import LedgerEntry, freed_lines, only_inventory, sales_entries
from planning.domain.procurement import concerns_demand, follow_sales_order, is_flagged
from planning.domain.references import CopyMissing, References
from planning.store import demand as demand_store
from planning.store import references
from planning.store.decided import Decided
from planning.use_cases.post_entries import post_entries
from planning.use_cases.publishing import publish_demand, publish_requests
from planning.use_cases.record_runs import Settled, record_runs

Orders = Change[SalesOrder]


class _Followed(msgspec.Struct, frozen=True):
    """All that one snapshot brings about."""

    change: Orders
    decision: Decision | None
    entries: list[LedgerEntry]
    freed: Mapping[UUID, bool]
    opened: list[OpenLine]
    closed: set[UUID]


async def follow_sales_orders(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Bring demand, requisition lines, purchase requests, ledger and open lines up to the snapshots of a batch.

    Crash, duplicate and reorder end at the copies' versions; a replay without copies ends at the rows of `demand`
    and at the ledger's posting ids.
    """
    flagged, others = _concerned(batch)
    refs, known = await references.load_with_demands(tx, _wanted(batch), [*flagged, *others])
    made = {
        no: OrderDemand(sales_order_no=no, customer_no=customer)
        for no, customer in flagged.items()
        if no not in known
    }
    demands = await demand_store.lock(tx, known) | made
    decided = Decided(made)
    followed: list[_Followed] = []
    for change in batch:
        with batch.deciding(change):
            one = _follow(change, demands.get(change.no), refs)
            followed.append(one)
            if one.decision is not None:
                decided.add(demands[change.no], one.decision.demand, one.decision.requests)
            decided.move(one.opened, one.closed)
    await decided.store(tx)
    await record_runs(tx, [Settled(line) for _, line in decided.changed_lines()])
    _publish(tx, decided, followed)
    await _store_goods(tx, followed)


def _concerned(batch: Batch[SalesOrder]) -> tuple[dict[str, str], list[str]]:
    """Orders with flagged lines (number → customer), which shall have a demand, and others that may have one."""
    flagged = {c.no: c.new.customer_no for c in batch if concerns_demand(c.new)}
    others = [c.no for c in batch if c.no not in flagged and (c.old is None or concerns_demand(c.old))]
    return flagged, others


def _wanted(batch: Batch[SalesOrder]) -> references.Wanted:
    """Items of released lines, which may be procured now, and of shipped ones, whose type says if they have stock."""
    wanted = references.Wanted()
    for change in batch:
        for line in change.new.lines:
            if line.demand is not None and line.demand.released and is_flagged(line):
                wanted.item(line.item_no, line.location_code)
                wanted.purchasing_code(line.purchasing_code)
            elif line.postings:
                wanted.item(line.item_no, line.location_code)
    return wanted


def _follow(change: Orders, demand: OrderDemand | None, refs: References) -> _Followed:
    order, old = change.new, change.old
    try:
        decision = follow_sales_order(demand, order, refs, new_id) if demand is not None else None
    except CopyMissing as missing:
        raise Waiting(missing.kind, missing.no) from missing
    before = open_sales_lines(old) if old is not None else {}
    after = open_sales_lines(order)
    return _Followed(
        change=change,
        decision=decision,
        entries=only_inventory(sales_entries(order, _postings(old)), refs.items),
        freed=freed_lines(order, old),
        opened=[line for id_, line in after.items() if before.get(id_) != line],
        closed=before.keys() - after.keys(),
    )


def _postings(order: SalesOrder | None) -> list[Posting]:
    return [posting for line in order.lines for posting in line.postings] if order is not None else []


def _publish(tx: Transaction, decided: Decided, followed: Sequence[_Followed]) -> None:
    contexts = {one.change.no: one.change.context for one in followed}
    for before, after in decided.told():
        publish_demand(tx, before, after, contexts[after.sales_order_no])
    for one in followed:
        if one.decision is not None:
            publish_requests(tx, one.decision.requests, one.change.context)


async def _store_goods(tx: Transaction, followed: Sequence[_Followed]) -> None:
    entries = [entry for one in followed for entry in one.entries]
    freed = {line_id: is_free for one in followed for line_id, is_free in one.freed.items()}
    if entries or freed:
        contexts = {one.change.no: one.change.context for one in followed}
        await post_entries(
            tx,
            entries,
            freed=freed,
            orders=[one.change.no for one in followed if one.freed],
            why=lambda entry: contexts[entry.sales_order_no],
            otherwise=followed[0].change.context,
        )
