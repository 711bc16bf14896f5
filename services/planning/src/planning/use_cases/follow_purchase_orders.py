"""A purchase order changed: its lines answer requisition lines and demand, its receipts enter stock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from contracts.values import Posting, SalesLineRef
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit import copies
from eventkit.consumer import Batch, Change, Waiting
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand.purchase_orders import (
    follow_purchase_order,
    linked_lines,
    served_orders,
    unknown_links,
)
from planning.domain.demand.rows import OrderDemand
from planning.domain.masters.supply import need_item
from planning.domain.requisitions.lines import CARRIED_OUT, RequisitionLine
from planning.domain.requisitions.sales_lines import find_line
from planning.domain.reservations.following import follow_supply
from planning.domain.reservations.reservation import Reservation
from planning.domain.stock.availability import OpenLine, open_purchase_lines
from planning.domain.stock.ledger import LedgerEntry, only_inventory, purchase_entries
from planning.store import demand as demand_store
from planning.store import references as reference_store
from planning.store import requisitions
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.keep_reservations import (
    Kept,
    hold_sales,
    lock_reserved_purchases,
    reserve_purchases,
    store_kept,
)
from planning.use_cases.post_entries import post_entries
from planning.use_cases.publishing import publish_decisions
from planning.use_cases.record_runs import Settled, record_runs

Orders = Change[PurchaseOrder]


class _Followed(msgspec.Struct, frozen=True):
    """Everything that one snapshot brings about."""

    change: Orders
    demands: list[OrderDemand]
    lines: list[RequisitionLine]
    """Carried out requisition lines that serve no sales order."""
    entries: list[LedgerEntry]
    freed: set[UUID]
    """Sales lines whose goods are free as soon as they come."""
    opened: list[OpenLine]
    closed: set[UUID]
    reserved: list[Reservation]
    """Reservations of its lines that the snapshot changes."""


async def follow_purchase_orders(tx: Transaction, batch: Batch[PurchaseOrder]) -> None:
    """Bring demand, requisition lines, carry-out runs, ledger, open lines and reservations up to a batch.

    A link of an unknown generation is adopted once the sales order's copy shows the line; until then the event waits.
    It does not wait for a line that is gone: a person is asked to cancel what is bought for it.
    """
    demands = await demand_store.lock(tx, _sales_orders(batch))
    unknown, gone = await _unknown_sales_lines(tx, batch, demands)
    demands |= await demand_store.lock_or_create(tx, _missing_demands(batch, demands, unknown))
    work = DemandUnitOfWork(demands, await _plain_lines(tx, batch))
    references = await _references(tx, batch)
    sold = await hold_sales(tx, demands.values())
    held = await lock_reserved_purchases(tx, batch)
    followed: list[_Followed] = []
    for change in batch:
        with batch.deciding(change):
            if change.no in unknown:
                raise Waiting("sales-order", unknown[change.no])
            one = _follow(change, work, gone, references, held.get(change.no, ()))
            followed.append(one)
            for demand in one.demands:
                work.add_decision(demand, change.context)
            for line in one.lines:
                work.add_line(line)
            work.add_open_lines(one.opened, one.closed)
    await work.store(tx)
    await record_runs(tx, [Settled(line) for _, line in work.changed_lines()])
    publish_decisions(tx, work)
    contexts = {one.change.no: one.change.context for one in followed}
    await reserve_purchases(tx, _just_bought(followed, work), sold, contexts)
    # Stock last: its rows are shared by all orders of an item.
    await _store_goods(tx, followed)
    kept = Kept([each for one in followed for each in one.reserved], held)
    await store_kept(tx, kept, lambda reservation: contexts[reservation.purchase_order_no])


def _sales_orders(batch: Iterable[Orders]) -> set[str]:
    return {no for change in batch for no in served_orders(change.new)}


async def _unknown_sales_lines(
    tx: Transaction, batch: Batch[PurchaseOrder], demands: Mapping[str, OrderDemand]
) -> tuple[dict[str, str], set[UUID]]:
    """Purchase order → a sales order whose copy does not show a line yet that the purchase order is linked to.

    And those of the lines that are gone: their order is deleted, or planning knew them before.
    """
    foreign = [
        (change.no, link)
        for change in batch
        for no in _sales_orders([change])
        for link in unknown_links(demands.get(no), change.new, no)
    ]
    orders: Mapping[str, SalesOrder] = await copies.load(
        tx, KINDS["sales-order"], [link.sales.sales_order_no for _, link in foreign]
    )
    missing = [
        (no, link.sales)
        for no, link in foreign
        if find_line(orders.get(link.sales.sales_order_no), link.sales.sales_line_id) is None
    ]
    gone = {
        sales.sales_line_id
        for _, sales in missing
        if _is_gone(sales, orders.get(sales.sales_order_no), demands.get(sales.sales_order_no))
    }
    return {no: sales.sales_order_no for no, sales in missing if sales.sales_line_id not in gone}, gone


def _is_gone(sales: SalesLineRef, order: SalesOrder | None, demand: OrderDemand | None) -> bool:
    """Whether a line that the copy does not show was there before; a copy that is late does not show it either."""
    if order is None:
        return False
    known = demand.rows if demand is not None else {}
    return order.deleted or any(line_id == sales.sales_line_id for line_id, _ in known)


def _missing_demands(
    batch: Batch[PurchaseOrder], demands: Mapping[str, OrderDemand], unknown: Mapping[str, str]
) -> dict[str, str]:
    """Sales order → customer of links whose sales order has no demand yet."""
    return {
        link.sales.sales_order_no: link.sales.customer_no
        for change in batch
        if change.no not in unknown
        for _, link in linked_lines(change.new)
        if link.sales.sales_order_no not in demands
    }


async def _plain_lines(tx: Transaction, batch: Batch[PurchaseOrder]) -> dict[UUID, RequisitionLine]:
    """Requisition lines without a sales line of their own that a purchase order answers, locked."""
    answered = [
        line.requisition_line_id
        for change in batch
        if change.old is None
        for line in change.new.lines
        if line.requisition_line_id is not None and line.link is None
    ]
    # Those of proposals are their order's, whose demand is locked and follows them.
    found = await requisitions.lock_lines(tx, answered)
    return {line_id: line for line_id, line in found.items() if not line.sales_order_no}


async def _references(tx: Transaction, batch: Batch[PurchaseOrder]) -> ReferenceData:
    """Items of received lines, whose type decides whether they have stock; a new order has none: no round trip."""
    received = [line for change in batch for line in change.new.lines if line.receipts]
    if not received:
        return ReferenceData(now=tx.now)
    query = ReferenceQuery()
    for line in received:
        need_item(query, line.item_no, line.location_code)
    return await reference_store.load(tx, query, tx.now)


def _follow(
    change: Orders,
    work: DemandUnitOfWork,
    gone: Collection[UUID],
    references: ReferenceData,
    held: Sequence[Reservation],
) -> _Followed:
    order, old = change.new, change.old
    demands = [
        follow_purchase_order(work.demands[no], order, new_id, gone=gone)
        for no in sorted(served_orders(order))
        if no in work.demands
    ]
    entries = only_inventory(purchase_entries(order, _postings(old)), references)
    before = open_purchase_lines(old) if old is not None else {}
    after = open_purchase_lines(order)
    return _Followed(
        change=change,
        demands=demands,
        lines=_carried_out(order, work.lines),
        entries=entries,
        freed={e.sales_line_id for e in entries if e.sales_line_id is not None} & _withdrawn(demands),
        opened=[line for id_, line in after.items() if before.get(id_) != line],
        closed=before.keys() - after.keys(),
        reserved=follow_supply(held, order),
    )


def _just_bought(
    followed: Iterable[_Followed], work: DemandUnitOfWork
) -> list[tuple[RequisitionLine, PurchaseOrder]]:
    """Requisition lines that these orders have carried out now, not before."""
    orders = {one.change.no: one.change.new for one in followed}
    return [
        (after, orders[after.purchase_order_no])
        for before, after in work.changed_lines()
        if after.status == CARRIED_OUT
        and (before is None or before.status != CARRIED_OUT)
        and after.purchase_order_no in orders
    ]


def _withdrawn(demands: Iterable[OrderDemand]) -> set[UUID]:
    """Sales lines that are gone or need nothing any more: goods that come for them are free stock (BC-SO-32)."""
    return {row.sales_line_id for demand in demands for row in demand.newest() if row.withdrawn}


def _carried_out(order: PurchaseOrder, lines: Mapping[UUID, RequisitionLine]) -> list[RequisitionLine]:
    asked = (
        (line.line_no, lines.get(line.requisition_line_id))
        for line in order.lines
        if line.requisition_line_id
    )
    return [
        ours.carried_out(order.no, line_no) for line_no, ours in asked if ours is not None and ours.is_live
    ]


def _postings(order: PurchaseOrder | None) -> list[Posting]:
    return [posting for line in order.lines for posting in line.receipts] if order is not None else []


async def _store_goods(tx: Transaction, followed: Sequence[_Followed]) -> None:
    entries = [entry for one in followed for entry in one.entries]
    if entries:
        contexts = {one.change.no: one.change.context for one in followed}
        await post_entries(
            tx,
            entries,
            freed=dict.fromkeys((line_id for one in followed for line_id in one.freed), True),
            why=lambda entry: contexts[entry.purchase_order_no],
            otherwise=followed[0].change.context,
        )
