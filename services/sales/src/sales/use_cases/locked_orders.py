"""What all acts on existing orders share: lock, look up, decide one by one, store and publish together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from contracts.planning.masters import CatalogItem, Location
from contracts.sales.masters import ChargeCode, Customer
from contracts.topics import KINDS
from domainkit.money import ZERO
from domainkit.procurement import need_item
from domainkit.references import ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from recordkit.documents import LockedDocuments
from sales.domain.channel.progress import signature
from sales.domain.orders.context import OrderContext, OrderWithSupply
from sales.domain.orders.order import Order, snapshot
from sales.domain.posting.documents import PostedInvoice
from sales.domain.references import need_setups, need_ship_to, sales_setup
from sales.domain.sourcing import Sourcing, SupplyLink
from sales.store import order_locks
from sales.store import orders as order_store
from sales.store.order_locks import LockedRows
from sales.store.references import load
from sales.use_cases.report_progress import report_orders

SALES_ORDER = KINDS["sales-order"]


class OfOrder(Protocol):
    """A request that names an order."""

    @property
    def no(self) -> str:
        """The number of the order that it concerns."""
        ...


T = TypeVar("T", bound=OfOrder)
Need = Callable[[ReferenceQuery, T, Order], None]
"""What a command looks up besides what the order itself names."""


class LockedOrders(LockedDocuments[Order]):
    """Orders that the transaction has locked, with what is known of the supply of their lines (locked as well).

    `reports`: the progress of tills' orders is published with them; else the caller does that.
    """

    def __init__(
        self, orders: Mapping[str, Order], sourcings: dict[UUID, Sourcing], *, reports: bool = True
    ) -> None:
        super().__init__(SALES_ORDER, orders)
        self.sourcings = sourcings
        self.links: dict[UUID, SupplyLink] = {}
        """Links of lines that are not of these orders themselves, but bill lines of others."""
        self.invoices: list[PostedInvoice] = []
        """What was invoiced of the orders in this transaction."""
        self._reports = reports
        self._before = dict(orders)
        self._granted = {id_: each.granted for id_, each in sourcings.items()}

    async def store(self, tx: Transaction) -> None:
        """Write and publish the orders that changed."""
        await order_store.update(tx, self.changed(tx))
        self.publish(tx, lambda order, happened: snapshot(order, *happened))
        if self._reports:
            await self._report(tx)

    async def _report(self, tx: Transaction) -> None:
        """Report what moved to the gateway. Most changes move nothing, or are of no till: they cost nothing here."""
        moved = {
            order.confirmation_no: (order, self.context_of(no))
            for no, order in self.by_no.items()
            if order.confirmation_no and self.is_changed(no) and self._has_moved(self._before.get(no), order)
        }
        if moved:
            await report_orders(tx, moved, self.sourcings, self.invoices)

    def _has_moved(self, before: Order | None, order: Order) -> bool:
        if before is None or signature(before) != signature(order):
            return True
        supply = (self.sourcings.get(line.id) for line in order.lines)
        return any(each and each.granted != self._granted.get(each.sales_line_id, ZERO) for each in supply)


class ChangedOrders(LockedOrders):
    """The orders that a batch of commands changes, with all that their decisions look up."""

    def __init__(self, rows: LockedRows, context: OrderContext, now: datetime) -> None:
        super().__init__(rows.orders, rows.sourcings)
        self.context = context
        self._reserved = rows.reserved
        self._times = rows.times
        self._now = now

    def addressed(self, command: Command[T]) -> Order:
        """The order that the command names, at the version that it demands."""
        return self.get(command.data.no, command.if_match)

    def answer(self, order: Order) -> OrderWithSupply:
        """The order with the supply of its lines, as callers see it."""
        created_at, updated_at = self._times[order.no]
        if self.is_changed(order.no):
            updated_at = self._now
        setup = sales_setup(self.context.references)
        return OrderWithSupply(order, self.sourcings, setup, created_at, updated_at, self._reserved)

    def keep(self, after: Order, context: Context, happened: str) -> Done:
        """Keep the outcome of an act, and answer with the order."""
        done = self.put(after, context, happened)
        return Done(done.kind, done.no, done.version, answer=self.answer(self.by_no[after.no]))


class Lock(Protocol):
    """How an act locks the documents that its commands name: orders, or others by the rules of orders."""

    async def __call__(
        self, tx: Transaction, commands: Sequence[Command[T]], need: Need[T] | None = None
    ) -> ChangedOrders:
        """Lock them, and load what deciding about them looks up."""
        ...


async def lock_orders(
    tx: Transaction, commands: Sequence[Command[T]], need: Need[T] | None = None
) -> ChangedOrders:
    """Lock the orders that the commands name, and load what deciding about them looks up."""
    # Locked before anything is looked up: which records are needed depends on the lines as they are under the lock.
    rows = await order_locks.lock(tx, (command.data.no for command in commands))
    return ChangedOrders(rows, await load_context(tx, rows, commands, need), tx.now)


async def load_context(
    tx: Transaction, rows: LockedRows, commands: Sequence[Command[T]], need: Need[T] | None
) -> OrderContext:
    """What deciding about locked documents looks up."""
    query = ReferenceQuery()
    need_setups(query)
    for order in rows.orders.values():
        need_order(query, order)
    for command in commands:
        order_of = rows.orders.get(command.data.no)
        if need and order_of:
            need(query, command.data, order_of)
    references = await load(tx, query)
    return OrderContext(
        references=references, new_id=new_id, sourcings=rows.sourcings, reserved=rows.reserved
    )


def need_order(query: ReferenceQuery, order: Order) -> None:
    """What any act on an order may look up."""
    query.need(Customer, order.customer_no)
    need_ship_to(query, order.customer_no, order.ship_to_code)
    query.need(Location, order.location_code)
    query.need_rates(order.currency_code, order.order_date)
    for line in order.lines:
        need_item(query, line.item_no, line.location_code)
        query.need(Location, line.location_code)
        query.need(ChargeCode, line.charge_code)
        query.need(CatalogItem, line.catalog_entry_no)
