"""What all acts on existing orders share: lock, look up, decide one by one, store and publish together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from contracts.refusals import Refusal, not_found, stale
from contracts.topics import KINDS
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain.drafts import NewLine
from sales.domain.orders import Order, raised, snapshot
from sales.domain.references import References
from sales.domain.sourcing import Sourcing
from sales.domain.views import order_view
from sales.store import order_locks, references
from sales.store import orders as order_store
from sales.store.references import Wanted

SALES_ORDER = KINDS["sales-order"]


class OfOrder(Protocol):
    """A request that names an order."""

    @property
    def no(self) -> str:
        """The order's number."""
        ...


T = TypeVar("T", bound=OfOrder)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision sees besides the order itself."""

    refs: References
    known: Mapping[UUID, Sourcing]


Decide = Callable[[Order, T, Scene], tuple[Order, str]]
"""The pure decision: the order afterwards and what happened, in a word. The same order back: nothing to do."""


async def change_orders(
    tx: Transaction,
    commands: Sequence[Command[T]],
    decide: Decide[T],
    want: Callable[[Wanted, T, Order], None] | None = None,
) -> list[Done | Refusal]:
    """Apply one kind of act to many orders; several commands on one order follow each other."""
    orders, known = await order_locks.lock(tx, (command.data.no for command in commands))
    scene = Scene(refs=await look_up(tx, orders, commands, want), known=known)
    results: list[Done | Refusal] = []
    touched: dict[str, Order] = {}
    for command in commands:
        try:
            order = addressed(orders, command)
            after, happened = decide(order, command.data, scene)
        except Refusal as refusal:
            results.append(refusal)
            continue
        if after is not order:
            after = raised(after)
            orders[after.no] = touched[after.no] = after
            tx.publish(SALES_ORDER, after.no, snapshot(after, happened), command.context)
        answer = None if after.deleted else order_view(after, scene.known, scene.refs.setup)
        results.append(Done("sales-order", after.no, after.version, answer=answer))
    await order_store.update(tx, list(touched.values()))
    return results


def addressed(orders: Mapping[str, Order], command: Command[T]) -> Order:
    """The order that the command names, at the version it demands (404, 412)."""
    order = orders.get(command.data.no)
    if order is None or order.deleted:
        raise not_found("sales-order", command.data.no)
    if command.expected_version is not None and command.expected_version != order.version:
        raise stale(order.no, order.version)
    return order


async def look_up(
    tx: Transaction,
    orders: Mapping[str, Order],
    commands: Iterable[Command[T]],
    want: Callable[[Wanted, T, Order], None] | None,
) -> References:
    """All that the decisions need besides the orders."""
    wanted = Wanted()
    for order in orders.values():
        want_order(wanted, order)
    for command in commands:
        order_of = orders.get(command.data.no)
        if want and order_of:
            want(wanted, command.data, order_of)
    return await references.load(tx, wanted, tx.now.date())


def want_order(wanted: Wanted, order: Order) -> None:
    """What any act on an order may look up."""
    wanted.customer(order.customer_no, order.ship_to_code)
    wanted.location(order.location_code)
    for line in order.lines:
        wanted.item(line.item_no, line.location_code)
        wanted.location(line.location_code)
        wanted.charge(line.charge_code)


def want_new_line(wanted: Wanted, line: NewLine, header_location: str) -> None:
    """What making a line looks up."""
    location = header_location if line.location_code is None else line.location_code
    wanted.item(line.item_no, location)
    wanted.location(location)
    wanted.charge(line.charge_code)
