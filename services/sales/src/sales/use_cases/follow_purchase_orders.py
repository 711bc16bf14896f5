"""Purchasing published a purchase order: links, receipts that grant, receipts that are sales shipments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from uuid import UUID

from contracts.purchasing.orders import PurchaseOrder
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit.references import load
from sales import metrics
from sales.domain.orders.order import Order
from sales.domain.orders.releasing import as_released
from sales.domain.posting.decisions import (
    PostingDecision,
    is_posted_in_purchasing,
    postings_from_receipts,
)
from sales.domain.purchase_costs import purchase_cost
from sales.domain.sourcing import Sourcing, learn_link, sourcing_of
from sales.store import orders as order_store
from sales.store import sourcings
from sales.store.kinds import KINDS_OF_SALES
from sales.use_cases.apply_postings import PostingBatch
from sales.use_cases.follow_purchase_acts import follow_purchase_acts, orders_concerned
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.report_progress import report_grants
from sales.use_cases.resolve_exceptions import finish_taken_up


async def follow_purchase_orders(tx: Transaction, batch: Batch[PurchaseOrder]) -> None:
    """Learn links and receipts; ship what a vendor has delivered to our customer, which is never refused (BC-DS-22).

    The shipment releases an open order, as one that is posted in sales does. Of a deleted order there is nothing to
    ship: purchasing refuses such receipts once it knows of the deletion, and lists those that came before.

    Redelivered or reordered snapshots change nothing: links are replaced whole, postings are known by their ids.
    """
    shipping = {change.no: _delivered_orders(change.new) for change in batch}
    wanted = set(chain.from_iterable(shipping.values())).union(*(orders_concerned(c.new) for c in batch))
    locked = await order_store.lock(tx, wanted)
    deleted = await order_store.deleted(tx, wanted - locked.keys())
    ids = (link.sales.sales_line_id for c in batch for line in c.new.lines if (link := line.link))
    stored = await sourcings.lock(tx, ids)
    references = await _exchange_rates(tx, batch)
    current = dict(stored)
    decided: list[tuple[str, PostingDecision, Context]] = []
    for change in batch:
        with batch.deciding(change):
            learned = _learn(change.new, current, references, tx)
            decided += _postings(change, shipping[change.no] - deleted, locked)
            current.update(learned)
    changed = [s for s in current.values() if s is not stored.get(s.sales_line_id)]
    rows = await sourcings.store(tx, await finish_taken_up(tx, changed))
    current.update((row.sales_line_id, row) for row in rows)
    await _count_links(tx, [s for s in changed if _is_newly_bought(s, stored.get(s.sales_line_id))])
    orders = LockedOrders(locked, current)
    if decided:
        await _ship(tx, decided, orders)
    await report_grants(tx, _granted(batch, changed, stored))
    # After the shipments, which have their numbers now: what was delivered may be taken back in the same snapshot.
    await follow_purchase_acts(tx, batch, LockedOrders(orders.by_no, current))


def _granted(
    batch: Batch[PurchaseOrder], changed: Iterable[Sourcing], before: Mapping[UUID, Sourcing]
) -> dict[str, Context]:
    """The sales orders for which goods were received, or taken back."""
    nos = {
        each.sales_order_no
        for each in changed
        if each.granted != (before[each.sales_line_id].granted if each.sales_line_id in before else 0)
    }
    return {
        link.sales.sales_order_no: change.context
        for change in batch
        for line in change.new.lines
        if (link := line.link) and link.sales.sales_order_no in nos
    }


def _is_newly_bought(after: Sourcing, before: Sourcing | None) -> bool:
    return after.active is not None and (before is None or before.active is None)


async def _count_links(tx: Transaction, bought: Sequence[Sourcing]) -> None:
    """Note how long the lines took from release to link, once they are committed."""
    if bought:
        released = await order_store.released_at(tx, (sourcing.sales_order_no for sourcing in bought))
        since = [released.get(sourcing.sales_order_no) for sourcing in bought]
        tx.after_commit(partial(metrics.linked, since, tx.now))


def _delivered_orders(purchase: PurchaseOrder) -> set[str]:
    """Sales orders whose goods a vendor has delivered, as posted by purchasing's users."""
    return {
        line.link.sales.sales_order_no
        for line in purchase.lines
        if line.link
        and line.link.kind == "drop_shipment"
        and any(is_posted_in_purchasing(receipt) for receipt in line.receipts)
    }


def _postings(
    change: Change[PurchaseOrder], nos: Iterable[str], orders: Mapping[str, Order]
) -> list[tuple[str, PostingDecision, Context]]:
    decided = []
    for no in sorted(nos):
        if no not in orders:
            raise LookupError(f"goods were delivered for sales order {no}, which does not exist")
        found = postings_from_receipts(orders[no], change.new)
        decided += [(no, decision, change.context) for decision in found]
    return decided


async def _exchange_rates(tx: Transaction, batch: Batch[PurchaseOrder]) -> ReferenceData:
    """The company and the rates of the orders' currencies: costs of linked lines are shown in the company's."""
    query = ReferenceQuery()
    linked = [change.new for change in batch if any(line.link for line in change.new.lines)]
    for purchase in linked:
        query.need_rates(purchase.currency_code, purchase.order_date)
    return await load(tx, query, KINDS_OF_SALES, tx.now) if linked else ReferenceData()


def _learn(
    purchase: PurchaseOrder, current: dict[UUID, Sourcing], references: ReferenceData, tx: Transaction
) -> dict[UUID, Sourcing]:
    learned: dict[UUID, Sourcing] = {}
    for line in purchase.lines:
        if line.link is None:
            continue
        sales = line.link.sales
        before = learned.get(sales.sales_line_id) or current.get(sales.sales_line_id)
        before = before or sourcing_of(sales.sales_line_id, sales.sales_order_no, sales.sales_order_line_no)
        cost = purchase_cost(purchase, line, references)
        learned[sales.sales_line_id] = learn_link(before, purchase, line, tx.now, cost)
    return learned


async def _ship(
    tx: Transaction, decided: Iterable[tuple[str, PostingDecision, Context]], orders: LockedOrders
) -> None:
    posting = PostingBatch(tx, orders)
    for no, decision, context in decided:
        order = orders.by_no[no]
        released = as_released(order)
        happened = ("released",) if released is not order else ()
        posting.apply(released, decision, context, *happened)
    await posting.store()
