"""A sales order changed: take up its demand and procure it, and book what it shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from contracts.sales.masters import PurchasingCode
from contracts.sales.orders import SalesOrder
from contracts.values import Posting
from domainkit.decisions import DecisionContext
from domainkit.references import CopyMissing, ReferenceQuery
from eventkit.consumer import Batch, Change, Waiting
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand.rows import Decision, OrderDemand
from planning.domain.demand.sales_orders import follow_sales_order
from planning.domain.masters.supply import need_item
from planning.domain.promising.ending import may_end_promises
from planning.domain.requisitions.sales_lines import has_flagged_lines, is_flagged
from planning.domain.reservations.following import follow_sale
from planning.domain.reservations.reservation import Reservation
from planning.domain.reservations.reserving import sales_to_reserve
from planning.domain.stock.allocations import freed_lines
from planning.domain.stock.availability import OpenLine, open_sales_lines
from planning.domain.stock.ledger import LedgerEntry, only_inventory, sales_entries
from planning.store import channel_demand
from planning.store import demand as demand_store
from planning.store import references as reference_store
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.catalog_selections import drop_unused_items, make_selected_items
from planning.use_cases.follow_reallocations import Given, read_given, wait_for_receipts
from planning.use_cases.keep_reservations import (
    Kept,
    hold_supplies,
    lock_reserved_sales,
    reserve_always,
    store_kept,
)
from planning.use_cases.post_entries import post_entries
from planning.use_cases.promise_orders import end_promises
from planning.use_cases.publishing import publish_decisions
from planning.use_cases.record_runs import Settled, record_runs

Orders = Change[SalesOrder]


class _Followed(msgspec.Struct, frozen=True):
    """Everything that one snapshot brings about."""

    change: Orders
    decision: Decision | None
    entries: list[LedgerEntry]
    freed: Mapping[UUID, bool]
    opened: list[OpenLine]
    closed: set[UUID]
    reserved: list[Reservation]
    """Reservations that the snapshot changes."""


async def follow_sales_orders(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Bring demand, requisition lines, purchase requests, ledger, open lines and reservations up to a batch.

    Crash, duplicate and reorder end at the copies' versions; a replay without copies ends at the rows of `demand`
    and at the ledger's posting ids.
    """
    await make_selected_items(tx, batch)
    # Orders without flagged lines have no demand and need no lock. One whose last flag was taken off still has.
    flagged, others = _concerned(batch)
    references, known = await reference_store.load_with_demands(
        tx, _query(batch), tx.now, [*flagged, *others]
    )
    new = {
        no: OrderDemand(sales_order_no=no, customer_no=customer)
        for no, customer in flagged.items()
        if no not in known
    }
    # New demands are inserted when the unit of work is stored, which saves batches of new orders a round trip.
    work = DemandUnitOfWork(await demand_store.lock(tx, known) | new, new=new)
    context = DecisionContext(references=references, new_id=new_id)
    given = await read_given(tx, batch)
    held = await lock_reserved_sales(tx, batch)
    followed: list[_Followed] = []
    for change in batch:
        with batch.deciding(change):
            one = _follow(change, work.demands.get(change.no), held.get(change.no, ()), context)
            wait_for_receipts(given, change.no, one.entries)
            followed.append(one)
            if one.decision is not None:
                work.add_decision(one.decision.demand, change.context)
                work.add_requests(one.decision.requests, change.context)
            work.add_open_lines(one.opened, one.closed)
    await work.store(tx)
    await record_runs(tx, [Settled(line) for _, line in work.changed_lines()])
    await end_promises(tx, batch)
    # A till's order was demand by itself until now.
    await channel_demand.end(
        tx, (no for one in followed if one.change.old is None and (no := one.change.new.confirmation_no))
    )
    publish_decisions(tx, work)
    wishes = [sale for one in followed for sale in sales_to_reserve(one.change.new, one.change.old)]
    supplies = await hold_supplies(tx, wishes)
    # Items before stock: its rows are shared by all orders of an item, so they are locked last.
    await drop_unused_items(tx, batch)
    await _store_goods(tx, followed, given)
    contexts = {one.change.no: one.change.context for one in followed}
    kept = Kept([each for one in followed for each in one.reserved], held)
    await store_kept(tx, kept, lambda reservation: contexts[reservation.sales_order_no])
    await reserve_always(tx, wishes, supplies, contexts)


def _concerned(batch: Batch[SalesOrder]) -> tuple[dict[str, str], list[str]]:
    """Orders with flagged lines (number → customer), which shall have a demand, and others that may have one.

    An order without flags has one if a promise planned something for it: it is looked at when that may end.
    """
    flagged = {c.no: c.new.customer_no for c in batch if has_flagged_lines(c.new)}
    others = [
        c.no
        for c in batch
        if c.no not in flagged
        and (c.old is None or has_flagged_lines(c.old) or may_end_promises(c.old, c.new))
    ]
    return flagged, others


def _query(batch: Batch[SalesOrder]) -> ReferenceQuery:
    """Items of released lines, which may be procured now, and of shipped ones, whose type says if they have stock."""
    query = ReferenceQuery()
    for change in batch:
        for line in change.new.lines:
            if line.demand is not None and line.demand.released and is_flagged(line):
                need_item(query, line.item_no, line.location_code)
                query.need(PurchasingCode, line.purchasing_code)
            elif line.postings:
                need_item(query, line.item_no, line.location_code)
    return query


def _follow(
    change: Orders, demand: OrderDemand | None, held: Sequence[Reservation], context: DecisionContext
) -> _Followed:
    order, old = change.new, change.old
    try:
        decision = follow_sales_order(demand, order, context) if demand is not None else None
    except CopyMissing as missing:
        raise Waiting(missing.kind, missing.no) from missing
    before = open_sales_lines(old) if old is not None else {}
    after = open_sales_lines(order)
    return _Followed(
        change=change,
        decision=decision,
        entries=only_inventory(sales_entries(order, _postings(old)), context.references),
        freed=freed_lines(order, old),
        opened=[line for id_, line in after.items() if before.get(id_) != line],
        closed=before.keys() - after.keys(),
        reserved=follow_sale(held, order),
    )


def _postings(order: SalesOrder | None) -> list[Posting]:
    return [posting for line in order.lines for posting in line.postings] if order is not None else []


async def _store_goods(tx: Transaction, followed: Sequence[_Followed], given: Given) -> None:
    entries = [entry for one in followed for entry in one.entries]
    freed = {line_id: is_free for one in followed for line_id, is_free in one.freed.items()}
    transfers = [each for one in followed for each in given.of_order.get(one.change.no, ())]
    if entries or freed or transfers:
        contexts = {one.change.no: one.change.context for one in followed}
        await post_entries(
            tx,
            entries,
            freed=freed,
            transfers=transfers,
            gone=given.gone,
            orders=[one.change.no for one in followed if one.freed],
            why=lambda entry: contexts[entry.sales_order_no],
            otherwise=followed[0].change.context,
        )
