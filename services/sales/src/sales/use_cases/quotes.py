"""Acts on quotes: those of orders on other documents, and the order that a quote becomes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from contracts.refusals import Refusal
from domainkit.decisions import DecisionContext
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit import series
from recordkit.commands import Command, Done
from sales.domain.orders.commands import (
    AddLine,
    ChangeHeader,
    ChangeLine,
    DeleteLine,
    DeleteOrder,
    MakeOrder,
    NewSalesOrder,
)
from sales.domain.orders.context import OrderWithSupply
from sales.domain.orders.order import Order
from sales.domain.quotes.quote import Quote, converted, make_order, new_quote
from sales.domain.references import sales_setup
from sales.store import documents, number_series
from sales.store import orders as order_store
from sales.use_cases.change_lines import add_lines, change_lines, delete_lines
from sales.use_cases.change_orders import change_headers, delete_orders
from sales.use_cases.create_orders import create_documents, publish_new
from sales.use_cases.locked_orders import SALES_ORDER
from sales.use_cases.locked_quotes import SALES_QUOTE, ChangedQuotes, lock_quotes


async def create_quotes(tx: Transaction, commands: Sequence[Command[NewSalesOrder]]) -> list[Done | Refusal]:
    """Make quotes, numbered by their own series unless the caller gives a number."""
    insert = partial(documents.insert, tx, documents.QUOTE)
    made = await create_documents(tx, commands, new_quote, number_series.SALES_QUOTE, insert)
    return [
        result
        if isinstance(result, Refusal)
        else Done(SALES_QUOTE.name, result.order.no, result.order.version, created=True, answer=result)
        for result in made
    ]


async def add_quote_lines(tx: Transaction, commands: Sequence[Command[AddLine]]) -> list[Done | Refusal]:
    """Add lines at the end of open quotes."""
    return await add_lines(tx, commands, lock_quotes)


async def change_quote_lines(
    tx: Transaction, commands: Sequence[Command[ChangeLine]]
) -> list[Done | Refusal]:
    """Change the given fields of lines of quotes."""
    return await change_lines(tx, commands, lock_quotes)


async def delete_quote_lines(
    tx: Transaction, commands: Sequence[Command[DeleteLine]]
) -> list[Done | Refusal]:
    """Take lines off quotes."""
    return await delete_lines(tx, commands, lock_quotes)


async def change_quote_headers(
    tx: Transaction, commands: Sequence[Command[ChangeHeader]]
) -> list[Done | Refusal]:
    """Change the given fields of quotes' headers."""
    return await change_headers(tx, commands, lock_quotes)


async def delete_quotes(tx: Transaction, commands: Sequence[Command[DeleteOrder]]) -> list[Done | Refusal]:
    """Delete open quotes; their numbers stay taken."""
    return await delete_orders(tx, commands, lock_quotes)


async def make_orders(tx: Transaction, commands: Sequence[Command[MakeOrder]]) -> list[Done | Refusal]:
    """Make the order of each quote, once (BC-SD-03)."""
    quotes = await lock_quotes(tx, commands)
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            results.append(await _make_order(tx, quotes, command))
        except Refusal as refusal:
            results.append(refusal)
    await quotes.store(tx)
    return results


async def _make_order(tx: Transaction, quotes: ChangedQuotes, command: Command[MakeOrder]) -> Done:
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
