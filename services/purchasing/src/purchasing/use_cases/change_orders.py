"""People change purchase orders: header, lines, release, reopen, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from contracts.refusals import Refusal
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.domain import order_header
from purchasing.domain.known import Known
from purchasing.domain.links import LinkRow, link_row
from purchasing.domain.order_header import HeaderChange, changed_header
from purchasing.domain.order_lines import LineChange, LineDraft, changed_line, new_lines
from purchasing.domain.orders import Order
from purchasing.store import links
from purchasing.store.knowledge import Needs
from purchasing.use_cases.decide_each import decide_each
from purchasing.use_cases.locked_orders import LockedOrders
from recordkit.commands import Command, Done


class ChangeHeader(msgspec.Struct, frozen=True):
    """Change the header of this order."""

    no: str
    change: HeaderChange


class AddLine(msgspec.Struct, frozen=True):
    """Add a line to this order."""

    no: str
    draft: LineDraft


class ChangeLine(msgspec.Struct, frozen=True):
    """Change a line of this order."""

    no: str
    line_no: int
    change: LineChange


class DeleteLine(msgspec.Struct, frozen=True):
    """Delete a line of this order."""

    no: str
    line_no: int


class ActOnOrder(msgspec.Struct, frozen=True):
    """Release, reopen or delete this order."""

    no: str


Commands = Sequence[Command[Any]]
Results = list[Done | Refusal]


async def change_headers(tx: Transaction, commands: Sequence[Command[ChangeHeader]]) -> Results:
    """Change headers; linked lines guard customer and address (BC-SO-39, BC-DS-34)."""
    locked = await _locked(tx, commands)
    needs = Needs()
    for command in commands:
        order = locked.orders.get(command.data.no)
        if order is not None:
            _need_for_header(needs, order, command.data.change)
    known = await needs.load(tx, tx.now)

    def decide(command: Command[ChangeHeader]) -> Done:
        order = locked.get(command.data.no, command.expected_version)
        return locked.put(changed_header(order, command.data.change, known), command.context, "changed")

    results = decide_each(commands, decide)
    await locked.store()
    return results


def _need_for_header(needs: Needs, order: Order, change: HeaderChange) -> None:
    def given(name: str) -> str:
        value = getattr(change, name)
        return str(getattr(order, name) if value is UNSET else value)

    vendor_no = given("vendor_no")
    needs.vendor(vendor_no)
    needs.customer(given("sell_to_customer_no"), given("ship_to_code"))
    needs.location(given("location_code"))
    for line in order.live_lines:
        needs.item(vendor_no, line.item_no)


async def add_lines(tx: Transaction, commands: Sequence[Command[AddLine]]) -> Results:
    """Add lines to open orders."""
    locked = await _locked(tx, commands)
    known = await _known_for_lines(tx, locked, [(c.data.no, c.data.draft) for c in commands])

    def decide(command: Command[AddLine]) -> Done:
        order = locked.get(command.data.no, command.expected_version)
        order.must_be_open()
        return locked.put(
            new_lines(order, (command.data.draft,), known, new_id, at=""), command.context, "changed"
        )

    results = decide_each(commands, decide)
    await locked.store()
    return results


async def change_lines(tx: Transaction, commands: Sequence[Command[ChangeLine]]) -> Results:
    """Change lines; links guard what they stand for (BC-SO-38, BC-DS-33)."""
    locked = await _locked(tx, commands)
    known = await _known_for_lines(tx, locked, [(c.data.no, c.data.change) for c in commands])

    def decide(command: Command[ChangeLine]) -> Done:
        order = locked.get(command.data.no, command.expected_version)
        line = order.line(command.data.line_no, addressed=True)
        after = changed_line(order, line, command.data.change, known)
        return locked.put(order.with_lines([after]), command.context, "changed")

    results = decide_each(commands, decide)
    await locked.store()
    return results


async def _known_for_lines(
    tx: Transaction, locked: LockedOrders, wanted: Sequence[tuple[str, LineDraft | LineChange]]
) -> Known:
    needs = Needs()
    for no, wish in wanted:
        order = locked.orders.get(no)
        if order is None:
            continue
        needs.vendor(order.vendor_no)
        if isinstance(wish.location_code, str):
            needs.location(wish.location_code)
        else:
            needs.location(order.location_code)
        if isinstance(wish.item_no, str):
            needs.item(order.vendor_no, wish.item_no)
        for line in order.live_lines:
            needs.item(order.vendor_no, line.item_no)
    return await needs.load(tx, tx.now)


async def delete_lines(tx: Transaction, commands: Sequence[Command[DeleteLine]]) -> Results:
    """Delete lines; a linked one stays in the order as deleted, its link inactive (BC-SO-42, BC-DS-36)."""
    return await _give_up(
        tx, commands, lambda order, data: order_header.without_line(order, data.line_no), "line_deleted"
    )


async def delete_orders(tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> Results:
    """Delete orders without postings; their links become inactive."""
    return await _give_up(tx, commands, lambda order, _: order_header.deleted(order), "deleted")


async def _give_up(tx: Transaction, commands: Commands, change: Any, happened: str) -> Results:
    locked = await _locked(tx, commands)
    given_up: list[LinkRow] = []

    def decide(command: Command[Any]) -> Done:
        before = locked.get(command.data.no, command.expected_version)
        after: Order = change(before, command.data)
        kept = {line.id for line in after.linked_lines}
        given_up.extend(
            link_row(line.link, before.no, line.id)
            for line in before.linked_lines
            if line.id not in kept and line.link is not None
        )
        return locked.put(after, command.context, happened)

    results = decide_each(commands, decide)
    await links.release(tx, given_up)
    await locked.store()
    return results


async def release_orders(tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> Results:
    """Release orders for receiving."""
    locked = await _locked(tx, commands)
    needs = Needs()
    for order in locked.orders.values():
        needs.vendor(order.vendor_no)
    known = await needs.load(tx, tx.now)

    def decide(command: Command[ActOnOrder]) -> Done:
        order = locked.get(command.data.no, command.expected_version)
        return locked.put(order_header.released(order, known), command.context, "released")

    results = decide_each(commands, decide)
    await locked.store()
    return results


async def reopen_orders(tx: Transaction, commands: Sequence[Command[ActOnOrder]]) -> Results:
    """Open released orders for changes again."""
    locked = await _locked(tx, commands)

    def decide(command: Command[ActOnOrder]) -> Done:
        order = locked.get(command.data.no, command.expected_version)
        return locked.put(order_header.reopened(order), command.context, "reopened")

    results = decide_each(commands, decide)
    await locked.store()
    return results


async def _locked(tx: Transaction, commands: Commands) -> LockedOrders:
    return await LockedOrders.load(tx, (c.data.no for c in commands))
