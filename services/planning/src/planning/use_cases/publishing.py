"""Telling the others what planning changed."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.planning import PurchaseRequest, StockLevel
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.demand import OrderDemand, happenings, snapshot

DEMAND = KINDS["demand"]
PURCHASE_REQUEST = KINDS["purchase-request"]
STOCK = KINDS["stock"]


def publish_demand(tx: Transaction, before: OrderDemand, after: OrderDemand, context: Context) -> None:
    """Publish a sales order's demand that planning itself changed."""
    tx.publish(DEMAND, after.sales_order_no, snapshot(after, happenings(before, after)), context)


def publish_requests(tx: Transaction, requests: Iterable[PurchaseRequest], context: Context) -> None:
    """Ask purchasing."""
    for request in requests:
        tx.publish(PURCHASE_REQUEST, str(request.id), request, context)


def publish_stock(tx: Transaction, level: StockLevel, context: Context) -> None:
    """Publish the stock of an item at a location."""
    tx.publish(STOCK, f"{level.item_no}/{level.location_code}", level, context)
