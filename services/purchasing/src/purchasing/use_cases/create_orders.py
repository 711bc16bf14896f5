"""A person makes a purchase order, with or without lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, conflict
from contracts.topics import KINDS
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.orders.commands import NewPurchaseOrder
from purchasing.domain.orders.creating import need_for_new_order, new_order
from purchasing.domain.orders.order import Order
from purchasing.store import orders
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.use_cases.contexts import load_context
from recordkit import records
from recordkit.commands import Command, Done

KIND: Final = KINDS["purchase-order"]


async def create_orders(
    tx: Transaction, commands: Sequence[Command[NewPurchaseOrder]]
) -> list[Done | Refusal]:
    """Make orders. A number that the caller gave must be free; the others come from the series, last of all."""
    wanted = [c.data for c in commands]
    context = await _load_context(tx, wanted)
    taken = set(await orders.read(tx, (data.no for data in wanted if data.no)))
    decided = [_decide(data, context, taken) for data in wanted]
    without_no = sum(1 for order in decided if isinstance(order, Order) and not order.no)
    numbers = iter(await orders.free_numbers(tx, without_no))
    numbered = [
        order.replaced(no=next(numbers)) if isinstance(order, Order) and not order.no else order
        for order in decided
    ]
    await _store(tx, numbered, commands)
    return [
        order if isinstance(order, Refusal) else Done(KIND.name, order.no, order.version, created=True)
        for order in numbered
    ]


async def _load_context(tx: Transaction, wanted: Sequence[NewPurchaseOrder]) -> DecisionContext:
    """The vendors come first: where goods go by default depends on them."""
    vendors = await records.load(tx, KINDS_OF_PURCHASING, Vendor, (data.vendor_no for data in wanted))
    query = ReferenceQuery()
    for data in wanted:
        need_for_new_order(query, data, vendors.get(data.vendor_no))
    return await load_context(tx, query)


def _decide(data: NewPurchaseOrder, context: DecisionContext, taken: set[str]) -> Order | Refusal:
    if data.no in taken:
        return conflict("purchase-order-exists", f"purchase order {data.no} exists", pointer="/no")
    try:
        order = new_order(data, context)
    except Refusal as refusal:
        return refusal
    if data.no:
        taken.add(data.no)
    return order


async def _store(
    tx: Transaction, decided: Sequence[Order | Refusal], commands: Sequence[Command[NewPurchaseOrder]]
) -> None:
    await orders.insert(tx, [order for order in decided if isinstance(order, Order)])
    for order, command in zip(decided, commands, strict=True):
        if isinstance(order, Order):
            tx.publish(KIND, order.no, order.snapshot("created"), command.context)
