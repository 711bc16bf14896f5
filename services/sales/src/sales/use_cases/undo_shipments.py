"""Take posted shipments back. With a drop shipment it is an operation that purchasing decides first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal, conflict, not_found
from eventkit import operations
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.operations import Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.granted_goods import shipped_more
from sales.domain.orders.order import Order
from sales.domain.posting.commands import UndoShipment
from sales.domain.posting.documents import PostedShipment, undone_shipment
from sales.domain.posting.undoing import asked_of_purchasing, lines_to_undo, without_movements
from sales.domain.sourcing import Sourcing
from sales.store import order_locks, posted_documents, sourcings
from sales.use_cases.locked_orders import LockedOrders

OPERATION = "undo-shipment"
KIND = "posted-sales-shipment"


class UndoneShipment(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment that was undone, with what became open again."""

    shipment_no: str
    sales_order_no: str


class UndoBatch:
    """Takes movements of locked orders back, whether a caller or purchasing's answer caused it."""

    def __init__(self, tx: Transaction, orders: LockedOrders) -> None:
        self._tx = tx
        self._orders = orders
        self._granted: dict[UUID, Sourcing] = {}
        self._posting_ids: dict[str, set[UUID]] = {}

    def undo(self, order: Order, by_shipment: Mapping[str, frozenset[UUID]], context: Context) -> None:
        """Take movements of an order back; they are named by their shipment."""
        undone = without_movements(order, frozenset().union(*by_shipment.values()))
        by_line = self._orders.sourcings
        for line_id, quantity in undone.given_back.items():
            # Into both: the next act of the batch must see that the grant is free again.
            by_line[line_id] = self._granted[line_id] = shipped_more(by_line[line_id], -quantity)
        self._orders.put(undone.order, context, "shipment_undone")
        for shipment_no, ids in by_shipment.items():
            self._posting_ids.setdefault(shipment_no, set()).update(ids)

    async def store(self) -> None:
        """Write grants and documents; the orders are written by their holder."""
        await sourcings.store(self._tx, list(self._granted.values()))
        if not self._posting_ids:
            return
        stored = await posted_documents.shipments(self._tx, self._posting_ids)
        changed = [undone_shipment(stored[no], ids) for no, ids in self._posting_ids.items() if no in stored]
        await posted_documents.update_shipments(self._tx, changed)


async def undo_shipments(tx: Transaction, commands: Sequence[Command[UndoShipment]]) -> list[Done | Refusal]:
    """Take shipments back, all named lines or none (G3, BC-DS-38)."""
    order_nos = await posted_documents.orders_of_shipments(tx, (c.data.no for c in commands))
    rows = await order_locks.lock(tx, order_nos.values())
    orders = LockedOrders(rows.orders, rows.sourcings)
    # Read under the orders' locks: what is taken back changes documents only there.
    shipments = await posted_documents.shipments(tx, order_nos)
    batch = UndoBatch(tx, orders)
    started: list[Started] = []

    def decide(command: Command[UndoShipment]) -> Done:
        shipment = _addressed(command, shipments)
        if not shipment.sales_order_no:
            raise conflict("already-invoiced", f"shipment {shipment.no} left with its invoice")
        order = orders.by_no[shipment.sales_order_no]
        lines = lines_to_undo(order, shipment, command.data.undo.lines)
        asking = asked_of_purchasing(order, shipment.no, lines, new_id())
        if asking is not None:
            pending = replace(order, requested_changes=(*order.requested_changes, asking))
            orders.put(pending, command.context, "undo_requested")
            started.append(Started(asking.id, OPERATION, shipment.no))
            return Done(KIND, shipment.no, shipment.version, operation_id=asking.id)
        ids = frozenset(line.posting_id for line in lines)
        batch.undo(order, {shipment.no: ids}, command.context)
        # The next command of the batch sees the document as it is after this one.
        shipments[shipment.no] = after = undone_shipment(shipment, ids)
        result = UndoneShipment(shipment_no=shipment.no, sales_order_no=order.no)
        return Done(KIND, shipment.no, after.version, answer=result)

    results = decide_each(commands, decide)
    await batch.store()
    await orders.store(tx)
    await operations.start(tx, started)
    return results


def _addressed(command: Command[UndoShipment], shipments: Mapping[str, PostedShipment]) -> PostedShipment:
    shipment = shipments.get(command.data.no)
    if shipment is None:
        raise not_found(KIND, command.data.no)
    command.check_version(shipment.no, shipment.version)
    return shipment
