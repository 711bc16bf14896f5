"""Publishes what planning decided: demand, purchase requests, stock, reservations."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.keys import stock_no
from contracts.planning.stock import StockLevel
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.demand.rows import event_names, published_demand
from planning.store import reservations
from planning.store.unit_of_work import DemandUnitOfWork

DEMAND = KINDS["demand"]
PURCHASE_REQUEST = KINDS["purchase-request"]
ORDER_PROMISE = KINDS["order-promise"]
STOCK = KINDS["stock"]
ORDER_RESERVATION = KINDS["order-reservation"]


def publish_decisions(tx: Transaction, work: DemandUnitOfWork) -> None:
    """Publish the demands that planning itself changed, and what it asks of purchasing."""
    for before, after, context in work.to_publish():
        snapshot = published_demand(after, event_names(before, after))
        tx.publish(DEMAND, after.sales_order_no, snapshot, context)
    for request, context in work.requests():
        tx.publish(PURCHASE_REQUEST, str(request.id), request, context)


def publish_stock(tx: Transaction, level: StockLevel, context: Context) -> None:
    """Publish the stock of an item at a location."""
    tx.publish(STOCK, stock_no(level.item_no, level.location_code), level, context)


async def publish_reservations(tx: Transaction, changed: Mapping[str, Context]) -> dict[str, int]:
    """Publish what is reserved for these sales orders now, for the reasons given; the versions by order."""
    snapshots = await reservations.next_snapshots(tx, changed)
    for snapshot in snapshots:
        no = snapshot.sales_order_no
        tx.publish(ORDER_RESERVATION, no, snapshot, changed[no])
    return {snapshot.sales_order_no: snapshot.version for snapshot in snapshots}
