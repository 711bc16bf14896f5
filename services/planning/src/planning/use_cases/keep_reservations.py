"""Reservations follow their sales and purchase lines, and are made for lines that are always reserved (BC-PL-03, 04).

Locks are taken in one order everywhere: copies, reservations, stock rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.planning.fields import ZERO
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.topics import KINDS
from eventkit import copies
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.demand.rows import OrderDemand
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.reservations.reservation import Reservation, reserved_changes
from planning.domain.reservations.reserving import (
    Free,
    Sale,
    Supply,
    reserve_automatically,
    reserve_bought,
    sale_of,
    supplies_of,
)
from planning.domain.stock.ledger import StockKey
from planning.store import ledger, requisitions
from planning.store import reservations as store
from planning.store.unit_of_work import DemandUnitOfWork
from planning.use_cases.change_stock import change_stock
from planning.use_cases.publishing import publish_reservations

SUPPLIERS_MAX: Final = 50
"""Purchase orders that an automatic reservation looks at for an item at a location."""

Held = Mapping[str, Sequence[Reservation]]
"""Reservations that are locked, by the number of their sales or purchase order."""


class Kept(msgspec.Struct, frozen=True):
    """Reservations after a batch, and all that were locked for it."""

    changed: Sequence[Reservation]
    held: Held


async def lock_reserved_sales(tx: Transaction, batch: Batch[SalesOrder]) -> Held:
    """What is reserved for the orders of a batch. Those that never had an ordinary line cost no round trip."""
    return await store.lock_of_orders(tx, [change.no for change in batch if _may_hold(change)])


def _may_hold(change: Change[SalesOrder]) -> bool:
    """Whether something may be reserved for the order: it had a line that is not bought for its customer."""
    if change.old is None:
        return change.new.version > 1
    return any(map(_is_ordinary, change.old.lines))


def _is_ordinary(line: SalesLine) -> bool:
    return line.type == "item" and not line.special_order and not line.drop_shipment


async def lock_reserved_purchases(tx: Transaction, batch: Batch[PurchaseOrder]) -> Held:
    """What is reserved of the orders of a batch; new ones and those of special orders cost no round trip."""
    ordinary = [
        line.id
        for change in batch
        if change.old is not None or change.new.version > 1
        for line in change.new.lines
        if line.link is None
    ]
    return await store.lock_of_purchase_lines(tx, ordinary)


async def hold_supplies(tx: Transaction, sales: Sequence[Sale]) -> list[Supply]:
    """What may be reserved for sales lines besides stock. Before stock rows are locked, as the lock order demands."""
    if not sales:
        return []
    keys = {(*sale.opened.stock_key, sale.opened.due_date) for sale in sales}
    nos = await store.suppliers(tx, keys, SUPPLIERS_MAX)
    return supplies_of((await copies.hold(tx, KINDS["purchase-order"], nos)).values())


async def hold_sales(tx: Transaction, demands: Iterable[OrderDemand]) -> dict[str, SalesOrder]:
    """The sales orders for which requisition lines will reserve what is bought. Before reservations are locked."""
    nos = [
        demand.sales_order_no
        for demand in demands
        if any(line.reserve and line.is_live for line in demand.lines.values())
    ]
    return await copies.hold(tx, KINDS["sales-order"], nos)


async def reserve_purchases(
    tx: Transaction,
    bought: Iterable[tuple[RequisitionLine, PurchaseOrder]],
    orders: Mapping[str, SalesOrder],
    contexts: Mapping[str, Context],
) -> None:
    """Reserve purchase lines that were just made of requisition lines for the sales lines of these (BC-PO-12)."""
    pairs = [
        (sale, supply, order)
        for line, order in bought
        if line.reserve
        and line.sales_line_id is not None
        and (sale := sale_of(orders.get(line.sales_order_no), line.sales_line_id)) is not None
        for supply in supplies_of([order])
        if supply.line.requisition_line_id == line.id
    ]
    if not pairs:
        return
    free = await lock_free(
        tx,
        [sale.opened.stock_key for sale, _, _ in pairs],
        [sale.order.no for sale, _, _ in pairs],
        [supply.line.id for _, supply, _ in pairs],
    )
    found = [(reserve_bought(sale, supply, free, new_id), order) for sale, supply, order in pairs]
    made = [(reservation, order) for reservation, order in found if reservation is not None]
    await store_reservations(
        tx, [reservation for reservation, _ in made], {}, lambda each: contexts[each.purchase_order_no]
    )
    changed = {reservation.sales_order_no: contexts[order.no] for reservation, order in made}
    await publish_reservations(tx, changed)


async def lock_free(
    tx: Transaction, keys: Iterable[StockKey], sales_order_nos: Iterable[str], supply_ids: Iterable[UUID]
) -> Free:
    """What can be reserved at these places, which are locked until the transaction ends."""
    wanted = set(keys)
    levels = await ledger.lock_stock(tx, wanted)
    # Another statement than the lock: what was reserved while it waited is seen.
    taken = await store.taken(tx, sales_order_nos, supply_ids)
    return Free({key: level.unreserved for key, level in levels.items()}, *taken)


async def store_reservations(
    tx: Transaction,
    after: Sequence[Reservation],
    before: Mapping[UUID, Reservation],
    why: Callable[[Reservation], Context],
) -> None:
    """Write new and changed reservations, and what of the stock is reserved with them.

    `before`: the changed ones as they were; `why` gives the reason of each.
    """
    await store.store(tx, after)
    changes = reserved_changes(before, after)
    reasons = {each.stock_key: why(each) for each in after}
    await change_stock(
        tx, {key: (ZERO, ZERO, more) for key, more in changes.items()}, lambda key: reasons[key]
    )


async def store_kept(tx: Transaction, kept: Kept, why: Callable[[Reservation], Context]) -> None:
    """Store reservations that followed their lines; published where more or less is reserved than before."""
    before = {each.id: each for held in kept.held.values() for each in held}
    await store_reservations(tx, kept.changed, before, why)
    moved = [each for each in kept.changed if each.quantity != before[each.id].quantity]
    await publish_reservations(tx, {each.sales_order_no: why(each) for each in moved})


async def reserve_always(
    tx: Transaction, sales: Sequence[Sale], supplies: Sequence[Supply], contexts: Mapping[str, Context]
) -> None:
    """Reserve for lines that are always reserved what there is; the rest stays unreserved (BC-PL-03)."""
    if not sales:
        return
    free = await lock_free(
        tx,
        [sale.opened.stock_key for sale in sales],
        [sale.order.no for sale in sales],
        [supply.line.id for supply in supplies],
    )
    made = [each for sale in sales for each in reserve_automatically(sale, supplies, free, new_id)]
    await store_reservations(tx, made, {}, lambda each: contexts[each.sales_order_no])
    await question_messages(tx, made)
    await publish_reservations(tx, {each.sales_order_no: contexts[each.sales_order_no] for each in made})


async def question_messages(tx: Transaction, made: Iterable[Reservation]) -> None:
    """What a plan proposed about a purchase line holds no more once something of it is reserved (BC-PL-05)."""
    supplies = {
        (r.purchase_order_no, r.purchase_order_line_no) for r in made if r.purchase_line_id is not None
    }
    if not supplies:
        return
    messages = await requisitions.lock_messages_about(tx, (no for no, _ in supplies))
    work = DemandUnitOfWork({}, messages)
    for message in messages.values():
        if (message.purchase_order_no, message.purchase_order_line_no) in supplies:
            work.add_line(message.questioned())
    await work.store(tx)
