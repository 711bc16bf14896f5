"""The purchase orders of one transaction: locked, changed by decisions, written and published together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from contracts.refusals import not_found, stale
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.orders import Order
from purchasing.store import orders
from recordkit.commands import Done

KIND = KINDS["purchase-order"]


class LockedOrders:
    """Each act on an order raises its version by one; what is written and published is its last state."""

    def __init__(self, tx: Transaction, loaded: dict[str, Order]) -> None:
        self._tx = tx
        self.orders = loaded
        self._changed: dict[str, tuple[list[str], Context]] = {}

    @classmethod
    async def load(cls, tx: Transaction, nos: Iterable[str]) -> Self:
        """Lock orders in the order of their numbers."""
        return cls(tx, await orders.lock(tx, nos))

    def get(self, no: str, expected_version: int | None = None) -> Order:
        """An order as the acts before left it: 404 if there is none, 412 if it is not the expected version."""
        order = self.orders.get(no)
        if order is None or order.deleted:
            raise not_found("purchase-order", no)
        if expected_version is not None and order.version != expected_version:
            raise stale(no, order.version)
        return order

    def put(self, order: Order, context: Context, *happened: str) -> Done:
        """Keep the outcome of an act; one that changed nothing raises no version."""
        before = self.orders[order.no]
        if order == before:
            return Done("purchase-order", order.no, before.version)
        after = order.replaced(version=before.version + 1)
        self.orders[order.no] = after
        told, _ = self._changed.get(order.no, ([], context))
        self._changed[order.no] = ([*told, *(h for h in happened if h not in told)], context)
        return Done("purchase-order", order.no, after.version)

    async def store(self, document_nos: dict[UUID, str] | None = None) -> None:
        """Write what changed, with the numbers of new posted receipts, and tell the others."""
        changed = []
        for no, (happened, context) in self._changed.items():
            order = self.orders[no].stamped(document_nos) if document_nos else self.orders[no]
            self.orders[no] = order
            changed.append(order)
            self._tx.publish(KIND, no, order.snapshot(*happened), context)
        await orders.update(self._tx, changed)
