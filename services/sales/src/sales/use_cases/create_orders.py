"""Make sales orders."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal, conflict
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit import series
from recordkit.commands import Command, Done
from sales.domain.orders.commands import NewSalesOrder
from sales.domain.orders.context import OrderWithSupply
from sales.domain.orders.creation import default_location, need_new_order, new_order
from sales.domain.orders.line_maker import need_new_line
from sales.domain.orders.order import Order, snapshot
from sales.domain.references import need_setups, sales_setup
from sales.store import number_series
from sales.store import orders as order_store
from sales.store.references import load
from sales.use_cases.locked_orders import SALES_ORDER


async def create_orders(tx: Transaction, commands: Sequence[Command[NewSalesOrder]]) -> list[Done | Refusal]:
    """Make orders, numbered by the series unless the caller gives a number."""
    references = await _look_up(tx, [command.data for command in commands])
    context = DecisionContext(references=references, new_id=new_id)
    results: dict[int, Done | Refusal] = {}
    made: dict[int, Order] = {}
    for index, command in enumerate(commands):
        try:
            made[index] = new_order(command.data, context)
        except Refusal as refusal:
            results[index] = refusal
    stored, refused = await _store(tx, made)
    for index, order in stored.items():
        publish_new(tx, order, commands[index].context, "created")
        answer = OrderWithSupply(order, {}, sales_setup(references), tx.now, tx.now)
        results[index] = Done(SALES_ORDER.name, order.no, order.version, created=True, answer=answer)
    results |= refused
    return [results[index] for index in range(len(commands))]


def publish_new(tx: Transaction, order: Order, context: Context, *happened: str) -> None:
    """Publish an order that was just stored."""
    tx.publish(SALES_ORDER, order.no, snapshot(order, *happened), context)


async def _look_up(tx: Transaction, new: Sequence[NewSalesOrder]) -> ReferenceData:
    """Look up what the orders name; a second query only for locations that customer or address give by default."""
    query = ReferenceQuery()
    need_setups(query)
    for each in new:
        need_new_order(query, each)
    references = await load(tx, query)
    by_default = [(each, location) for each in new if (location := default_location(each, references))]
    if not by_default:
        return references
    for each, location in by_default:
        for line in each.lines:
            need_new_line(query, line, location)
    return await load(tx, query)


async def _store(tx: Transaction, made: dict[int, Order]) -> tuple[dict[int, Order], dict[int, Refusal]]:
    """Store orders; those that the series has no number for are refused, and those whose own number was used.

    The series is locked before any number given by hand is stored: an act that takes numbers may wait for such a
    number while it holds the series, so the owner of the number must not wait for the series.
    """
    unnumbered = {index: order for index, order in made.items() if not order.no}
    stored = await order_store.insert_numbered(tx, unnumbered)
    refused = {
        index: series.exhausted(number_series.SALES_ORDER) for index in unnumbered if index not in stored
    }
    given: dict[str, int] = {}
    for index, order in made.items():
        if order.no and given.setdefault(order.no, index) != index:
            refused[index] = _exists(order.no)
    free = await order_store.insert(tx, [made[index] for index in given.values()])
    for no, index in given.items():
        if no in free:
            stored[index] = made[index]
        else:
            refused[index] = _exists(no)
    return stored, refused


def _exists(no: str) -> Refusal:
    return conflict("document-exists", f"sales order {no} exists already", pointer="/no")
