"""*Get Sales Order*: lines of sales orders onto open purchase orders; the unique link decides races."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal, Violations, unknown
from contracts.sales.orders import SalesOrder
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkRow, link_row
from purchasing.domain.orders.commands import GetSalesOrder
from purchasing.domain.orders.get_sales_order import (
    GettingContext,
    need_for_sales_order,
    note_associated,
    with_sales_order,
)
from purchasing.domain.orders.order import Order
from purchasing.store import links, sales_orders
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders
from recordkit.commands import Command, Done


async def get_sales_orders(
    tx: Transaction, commands: Sequence[Command[GetSalesOrder]]
) -> list[Done | Refusal]:
    """Fetch sales orders one after the other: each claims its links before the next one is decided."""
    await sales_orders.hold(tx, (c.data.wanted.sales_order_no for c in commands))
    locked = await lock_orders(tx, (c.data.no for c in commands))
    sold = await sales_orders.load(tx, (c.data.wanted.sales_order_no for c in commands))
    context = await _load_context(tx, commands, locked, sold)
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            results.append(await _get(tx, command, locked, sold, context))
        except Refusal as refusal:
            results.append(refusal)
    await store_orders(tx, locked)
    return results


async def _load_context(
    tx: Transaction,
    commands: Sequence[Command[GetSalesOrder]],
    locked: LockedOrders,
    sold: dict[str, SalesOrder],
) -> DecisionContext:
    query = ReferenceQuery()
    for command in commands:
        order = locked.by_no.get(command.data.no)
        sales_order = sold.get(command.data.wanted.sales_order_no)
        if order is not None and sales_order is not None:
            need_for_sales_order(query, order, sales_order)
    return await load_context(tx, query)


async def _get(
    tx: Transaction,
    command: Command[GetSalesOrder],
    locked: LockedOrders,
    sold: dict[str, SalesOrder],
    context: DecisionContext,
) -> Done:
    wanted = command.data.wanted
    order = locked.get(command.data.no, command.if_match)
    sales_order = sold.get(wanted.sales_order_no)
    if sales_order is None:
        raise unknown("sales-order", wanted.sales_order_no, pointer="/sales_order_no", copy_of="sales-order")
    states = await links.states(tx, (line.id for line in sales_order.lines))
    getting = extended(GettingContext, context, sales_order=sales_order, links=states)
    after = with_sales_order(order, wanted, getting)
    await _claim(tx, _new_links(order, after), sales_order)
    return locked.put(after, command.context, "changed")


def _new_links(before: Order, after: Order) -> list[LinkRow]:
    old = {line.id for line in before.lines}
    return [
        link_row(line.link, after.no, line.id)
        for line in after.lines
        if line.id not in old and line.link is not None
    ]


async def _claim(tx: Transaction, rows: list[LinkRow], sales_order: SalesOrder) -> None:
    """Claim all links or none: if another transaction has linked one of the lines, the links won here are released."""
    won = await links.claim(tx, rows)
    lost = {row.sales_line_id for row in rows} - won
    if not lost:
        return
    await links.withdraw(tx, [row for row in rows if row.sales_line_id in won])
    states = await links.states(tx, lost)
    found = Violations()
    for line in sales_order.lines:
        if line.id in lost:
            note_associated(found, line, sales_order, states[line.id])
    found.refuse_if_any()
