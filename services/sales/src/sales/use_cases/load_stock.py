"""The stock that posts of orders take from."""

from __future__ import annotations

from collections.abc import Iterable

from eventkit.transaction import Transaction
from sales.domain.posting.stock_to_ship import StockToShip, places_to_ship
from sales.store.stock import stock_levels
from sales.use_cases.locked_orders import ChangedOrders


async def load_stock(tx: Transaction, orders: ChangedOrders, shipped: Iterable[str]) -> StockToShip:
    """Stock for the orders that are shipped, by number; no statement where none of them takes from stock."""
    named = [orders.by_no[no] for no in set(shipped) if no in orders.by_no]
    return StockToShip(await stock_levels(tx, places_to_ship(named)), orders.context.references)
