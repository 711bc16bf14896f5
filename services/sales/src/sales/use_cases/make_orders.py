"""The order that a quote becomes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from contracts.refusals import Refusal
from domainkit.decisions import DecisionContext
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit import series
from recordkit.commands import Command, Done
from sales.domain.orders.commands import MakeOrder
from sales.domain.orders.context import OrderWithSupply
from sales.domain.orders.order import Order
from sales.domain.quotes.quote import Quote, converted, make_order
from sales.domain.references import sales_setup
from sales.store import number_series
from sales.store import orders as order_store
from sales.use_cases.create_orders import publish_new
from sales.use_cases.locked_orders import SALES_ORDER
from sales.use_cases.sales_documents import QUOTES, ChangedDocuments


async def make_orders(tx: Transaction, commands: Sequence[Command[MakeOrder]]) -> list[Done | Refusal]:
    """Make the order of each quote, once (BC-SD-03)."""
    quotes = await QUOTES.lock(tx, commands)
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            results.append(await _make_order(tx, quotes, command))
        except Refusal as refusal:
            results.append(refusal)
    await quotes.store(tx)
    return results


async def _make_order(tx: Transaction, quotes: ChangedDocuments, command: Command[MakeOrder]) -> Done:
    quote = quotes.addressed(command)
    if not isinstance(quote, Quote):
        msg = f"{quote.no} was locked as a quote"
        raise TypeError(msg)
    made = make_order(quote, DecisionContext(references=quotes.context.references, new_id=new_id))
    stored: dict[str, Order] = await order_store.insert_numbered(tx, {quote.no: made})
    if quote.no not in stored:
        raise series.exhausted(number_series.SALES_ORDER)
    order = stored[quote.no]
    publish_new(tx, order, command.context, "created")
    done = quotes.put(converted(quote, order.no), command.context, "converted")
    answer = OrderWithSupply(order, {}, sales_setup(quotes.context.references), tx.now, tx.now)
    made_order = Done(SALES_ORDER.name, order.no, order.version, created=True, answer=answer)
    return replace(made_order, seen=((done.kind, done.no, done.version),))
