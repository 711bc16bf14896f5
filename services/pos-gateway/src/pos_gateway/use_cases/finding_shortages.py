"""Finds the lines of an order that are short, by what planning says of the stock and by what it cannot know yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Queryable
from pos_gateway.domain.orders.availability import (
    Shortage,
    need_stock,
    need_unsent,
    scarce_items,
    shortages,
    unsent_by_stock,
)
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.store import availability
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit import references as reference_store


async def find_shortages(
    where: Queryable, order: CustomerOrder, references: ReferenceData
) -> dict[int, Shortage]:
    """Line number → shortage; earlier orders that are still to be pulled make a line short too (P5).

    They are looked for only where the stock is not ample: most orders cost no statement.
    """
    scarce = scarce_items(order, references)
    lines = await availability.unsent(where, scarce, order) if scarce else []
    if not lines:
        return shortages(order, references)
    query = ReferenceQuery(company=False)
    need_unsent(query, lines)
    known = await reference_store.load(where, query, KINDS_OF_GATEWAY, references.now)
    return shortages(order, references, unsent_by_stock(lines, known))


async def shortages_by_order(
    where: Queryable, orders: Collection[CustomerOrder], now: datetime
) -> dict[str, Mapping[int, Shortage]]:
    """Confirmation number → the order's shortages; what is known of items and stock is read once for all orders."""
    query = ReferenceQuery(company=False)
    for order in orders:
        need_stock(query, order)
    references = await reference_store.load(where, query, KINDS_OF_GATEWAY, now)
    return {order.confirmation_no: await find_shortages(where, order, references) for order in orders}
