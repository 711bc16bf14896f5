"""Locks, stores and publishes purchase orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from contracts.purchasing.orders import PurchaseOrder
from contracts.topics import KINDS
from eventkit.transaction import Transaction
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.sending import revised
from purchasing.store import orders
from recordkit.documents import LockedDocuments

KIND: Final = KINDS["purchase-order"]

LockedOrders = LockedDocuments[Order]


async def lock_orders(tx: Transaction, nos: Iterable[str]) -> LockedOrders:
    """The orders with these numbers, locked in the order of their numbers."""
    return LockedDocuments(KIND, await orders.lock(tx, nos), revised)


async def store_orders(
    tx: Transaction, locked: LockedOrders, receipt_nos: Mapping[UUID, str] | None = None
) -> None:
    """Write and publish what changed. `receipt_nos`: numbers of new posted receipts, by document id."""
    numbers = receipt_nos or {}
    changed = locked.changed(tx, (lambda order: order.stamped(numbers)) if numbers else None)
    await orders.update(tx, changed)
    locked.publish(tx, _snapshot)


def _snapshot(order: Order, happened: tuple[str, ...]) -> PurchaseOrder:
    return order.snapshot(*happened)
