"""Make sales orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

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
from sales.use_cases.warn_of_stock_outs import warn_of_stock_outs


async def create_orders(tx: Transaction, commands: Sequence[Command[NewSalesOrder]]) -> list[Done | Refusal]:
    """Make orders, numbered by the series unless the caller gives a number."""
    insert = partial(order_store.insert, tx)
    results: list[Done | Refusal] = []
    documents = await create_documents(tx, commands, new_order, number_series.SALES_ORDER, insert)
    for command, made in zip(commands, documents, strict=True):
        if isinstance(made, Refusal):
            results.append(made)
            continue
        publish_new(tx, made.order, command.context, "created")
        done = Done(SALES_ORDER.name, made.order.no, made.order.version, created=True, answer=made)
        results.append(done)
    lines = [made.order.lines if isinstance(made, OrderWithSupply) else () for made in documents]
    return await warn_of_stock_outs(tx, results, lines, {})


async def create_documents(
    tx: Transaction,
    commands: Sequence[Command[NewSalesOrder]],
    decide: Callable[[NewSalesOrder, DecisionContext], Order],
    series_code: str,
    insert: order_store.Insert,
) -> list[OrderWithSupply | Refusal]:
    """Decide and store new documents of one type, one result per command."""
    references = await _look_up(tx, [command.data for command in commands])
    context = DecisionContext(references=references, new_id=new_id)
    refused: dict[int, Refusal] = {}
    made: dict[int, Order] = {}
    for index, command in enumerate(commands):
        try:
            made[index] = decide(command.data, context)
        except Refusal as refusal:
            refused[index] = refusal
    stored, not_stored = await _store(tx, made, series_code, insert)
    refused |= not_stored
    setup = sales_setup(references)
    return [
        refused[index] if index in refused else OrderWithSupply(stored[index], {}, setup, tx.now, tx.now)
        for index in range(len(commands))
    ]


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


async def _store(
    tx: Transaction, made: dict[int, Order], series_code: str, insert: order_store.Insert
) -> tuple[dict[int, Order], dict[int, Refusal]]:
    """Store documents; those that the series has no number for are refused, and those whose own number was used.

    The series is locked before any number given by hand is stored: an act that takes numbers may wait for such a
    number while it holds the series, so the owner of the number must not wait for the series.
    """
    unnumbered = {index: order for index, order in made.items() if not order.no}
    stored = await order_store.insert_numbered(tx, unnumbered, series_code, insert)
    refused = {index: series.exhausted(series_code) for index in unnumbered if index not in stored}
    given: dict[str, int] = {}
    for index, order in made.items():
        if order.no and given.setdefault(order.no, index) != index:
            refused[index] = _exists(series_code, order.no)
    free = await insert([made[index] for index in given.values()])
    for no, index in given.items():
        if no in free:
            stored[index] = made[index]
        else:
            refused[index] = _exists(series_code, no)
    return stored, refused


def _exists(kind: str, no: str) -> Refusal:
    return conflict("document-exists", f"{kind.replace('-', ' ')} {no} exists already", pointer="/no")
