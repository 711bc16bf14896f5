"""*Get Sales Order*: lines of sales orders onto open purchase orders; the unique link decides races."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal, unknown
from contracts.sales import SalesOrder
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain.get_sales_order import GetSalesOrder, associated, with_sales_order
from purchasing.domain.known import Known
from purchasing.domain.links import LinkRow, link_row
from purchasing.domain.orders import Order
from purchasing.store import links, sales_orders
from purchasing.store.knowledge import Needs
from purchasing.use_cases.locked_orders import LockedOrders
from recordkit.commands import Command, Done


async def get_sales_orders(
    tx: Transaction, commands: Sequence[Command[GetSalesOrder]]
) -> list[Done | Refusal]:
    """Fetch sales orders one after the other: each claims its links before the next one is decided."""
    locked = await LockedOrders.load(tx, (c.data.no for c in commands))
    sold = await sales_orders.load(tx, (c.data.sales_order_no for c in commands))
    known = await _known(tx, commands, locked, sold)
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            results.append(await _get(tx, command, locked, sold, known))
        except Refusal as refusal:
            results.append(refusal)
    await locked.store()
    return results


async def _known(
    tx: Transaction,
    commands: Sequence[Command[GetSalesOrder]],
    locked: LockedOrders,
    sold: dict[str, SalesOrder],
) -> Known:
    needs = Needs()
    for command in commands:
        order = locked.orders.get(command.data.no)
        sales_order = sold.get(command.data.sales_order_no)
        if order is None or sales_order is None:
            continue
        needs.vendor(order.vendor_no)
        needs.customer(order.sell_to_customer_no)
        needs.location(sales_order.location_code)
        for line in sales_order.lines:
            needs.item(order.vendor_no, line.item_no)
            needs.location(line.location_code)
    return await needs.load(tx, tx.now)


async def _get(
    tx: Transaction,
    command: Command[GetSalesOrder],
    locked: LockedOrders,
    sold: dict[str, SalesOrder],
    known: Known,
) -> Done:
    wish = command.data
    order = locked.get(wish.no, command.expected_version)
    sales_order = sold.get(wish.sales_order_no)
    if sales_order is None:
        raise unknown("sales-order", wish.sales_order_no, pointer="/sales_order_no", copy_of="sales-order")
    states = await links.states(tx, (line.id for line in sales_order.lines))
    after = with_sales_order(order, wish, sales_order, states, known, new_id)
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
    """All or nothing: if somebody linked one of the lines at this moment, the others are given back."""
    won = await links.claim(tx, rows)
    lost = {row.sales_line_id for row in rows} - won
    if not lost:
        return
    await links.withdraw(tx, [row for row in rows if row.sales_line_id in won])
    states = await links.states(tx, lost)
    violations = tuple(
        associated(line, sales_order, states[line.id]) for line in sales_order.lines if line.id in lost
    )
    raise Refusal(*violations)
