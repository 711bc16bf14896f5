"""Purchasing told of a purchase order: links, receipts that grant, receipts that are the sales shipment themselves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from uuid import UUID

from contracts.purchasing import PurchaseLine, PurchaseOrder
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.domain.orders import Order, raised, snapshot
from sales.domain.posting import Deed, deeds_of_receipts
from sales.domain.sourcing import Sourcing, learn_link, sourcing_of
from sales.store import orders as order_store
from sales.store import sourcings
from sales.use_cases.carry_out import carry_out_deeds
from sales.use_cases.order_acts import SALES_ORDER


async def on_purchase_order(tx: Transaction, batch: Batch[PurchaseOrder]) -> None:
    """Learn links and receipts; ship what a vendor has delivered to our customer (BC-DS-22), which is never refused.

    Redelivered or reordered snapshots change nothing: links are replaced whole, postings are known by their ids.
    """
    shipping = {change.no: _shipping_orders(change.new) for change in batch}
    orders = await order_store.lock(tx, chain.from_iterable(shipping.values()))
    ids = (link.sales.sales_line_id for c in batch for line in c.new.lines if (link := line.link))
    known = await sourcings.lock(tx, ids)
    current = dict(known)
    deeds: list[tuple[Deed, Context]] = []
    for change in batch:
        with batch.deciding(change):
            learned = _learn(change.new, current, tx)
            deeds += [(deed, change.context) for deed in _deeds(change, shipping[change.no], orders)]
            current.update(learned)
    await sourcings.store(tx, [s for s in current.values() if s is not known.get(s.sales_line_id)])
    await _ship(tx, deeds, orders, current)


def _shipping_orders(purchase: PurchaseOrder) -> set[str]:
    """Sales orders whose goods a vendor has delivered, as posted by purchasing's people."""
    return {
        line.link.sales.sales_order_no
        for line in purchase.lines
        if line.link and line.link.kind == "drop_shipment" and _received_by_hand(line)
    }


def _received_by_hand(line: PurchaseLine) -> bool:
    return any(posting.origin == "purchasing" and not posting.undone for posting in line.receipts)


def _learn(purchase: PurchaseOrder, known: dict[UUID, Sourcing], tx: Transaction) -> dict[UUID, Sourcing]:
    learned: dict[UUID, Sourcing] = {}
    for line in purchase.lines:
        if line.link is None:
            continue
        sales = line.link.sales
        before = learned.get(sales.sales_line_id) or known.get(sales.sales_line_id)
        before = before or sourcing_of(sales.sales_line_id, sales.sales_order_no, sales.sales_order_line_no)
        learned[sales.sales_line_id] = learn_link(before, purchase, line, tx.now)
    return learned


def _deeds(change: Change[PurchaseOrder], nos: set[str], orders: dict[str, Order]) -> Iterable[Deed]:
    for no in sorted(nos):
        if no not in orders:
            raise LookupError(f"goods were delivered for sales order {no}, which does not exist")
        yield from deeds_of_receipts(orders[no], change.new)


async def _ship(
    tx: Transaction,
    deeds: list[tuple[Deed, Context]],
    orders: dict[str, Order],
    known: dict[UUID, Sourcing],
) -> None:
    if not deeds:
        return
    posted = await carry_out_deeds(tx, deeds, orders, known)
    happened: dict[str, list[str]] = {}
    contexts: dict[str, Context] = {}
    for (deed, context), each in zip(deeds, posted, strict=True):
        happened.setdefault(deed.order_no, []).extend(each.happened)
        contexts[deed.order_no] = context
    for no, words in happened.items():
        orders[no] = raised(orders[no])
        tx.publish(SALES_ORDER, no, snapshot(orders[no], *dict.fromkeys(words)), contexts[no])
    await order_store.update(tx, [orders[no] for no in sorted(happened)])
