"""Change headers and lines of open orders, and delete orders."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from contracts.refusals import Refusal
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain import headers, line_changes
from sales.domain.drafts import AddLine, ChangeLine, DeleteLine, HeaderChanges, OrderNo
from sales.domain.orders import Order
from sales.store.references import Wanted
from sales.use_cases.order_acts import Scene, want_new_line
from sales.use_cases.order_acts import change_orders as change


async def change_headers(tx: Transaction, commands: Sequence[Command[HeaderChanges]]) -> list[Done | Refusal]:
    """PATCH of orders (BC-SO-40, BC-DS-32)."""

    def decide(order: Order, wanted: HeaderChanges, scene: Scene) -> tuple[Order, str]:
        after = headers.change_header(order, wanted, scene.refs, scene.known)
        return (order if after == order else after), "changed"

    return await change(tx, commands, decide, _want_header)


def _want_header(wanted: Wanted, changes: HeaderChanges, order: Order) -> None:
    customer_no = order.customer_no if changes.customer_no is UNSET else changes.customer_no
    code = "" if changes.ship_to_code is UNSET else changes.ship_to_code
    wanted.customer(customer_no, code)
    if changes.location_code is not UNSET:
        wanted.location(changes.location_code)
    if changes.currency_code is not UNSET:
        wanted.currencies.add(changes.currency_code)


async def add_lines(tx: Transaction, commands: Sequence[Command[AddLine]]) -> list[Done | Refusal]:
    """Add lines to open orders."""

    def decide(order: Order, wanted: AddLine, scene: Scene) -> tuple[Order, str]:
        return headers.add_line(order, wanted.line, scene.refs, new_id()), "line_added"

    def want(wanted: Wanted, data: AddLine, order: Order) -> None:
        want_new_line(wanted, data.line, order.location_code)

    return await change(tx, commands, decide, want)


async def change_lines(tx: Transaction, commands: Sequence[Command[ChangeLine]]) -> list[Done | Refusal]:
    """PATCH of lines (BC-SO-37)."""

    def decide(order: Order, wanted: ChangeLine, scene: Scene) -> tuple[Order, str]:
        line = order.line(wanted.line_no)
        after = line_changes.change_line(order, line, wanted.changes, scene.refs, scene.known)
        return (order if after == order else after), "line_changed"

    return await change(tx, commands, decide, _want_line)


def _want_line(wanted: Wanted, data: ChangeLine, order: Order) -> None:
    changes = data.changes
    line = next((each for each in order.lines if each.line_no == data.line_no), None)
    location = changes.location_code
    if location is UNSET:
        location = line.location_code if line else order.location_code
    wanted.location(location)
    if changes.item_no is not UNSET:
        wanted.item(changes.item_no, location)
    if changes.charge_code is not UNSET:
        wanted.charge(changes.charge_code)


async def delete_lines(tx: Transaction, commands: Sequence[Command[DeleteLine]]) -> list[Done | Refusal]:
    """Take lines away (BC-SO-41, BC-DS-35)."""

    def decide(order: Order, wanted: DeleteLine, scene: Scene) -> tuple[Order, str]:
        return line_changes.delete_line(order, order.line(wanted.line_no), scene.known), "line_deleted"

    return await change(tx, commands, decide)


async def delete_orders(tx: Transaction, commands: Sequence[Command[OrderNo]]) -> list[Done | Refusal]:
    """Delete orders without postings; number and version stay taken."""

    def decide(order: Order, _: OrderNo, scene: Scene) -> tuple[Order, str]:
        return headers.delete_order(order, scene.known), "deleted"

    return await change(tx, commands, decide)
