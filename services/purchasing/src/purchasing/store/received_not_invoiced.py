"""Purchase orders of which goods came that the vendor has not invoiced."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from purchasing.domain.orders.order import Order
from purchasing.store.orders import decoded
from purchasing.store.tables import ORDERS


async def orders(conn: AsyncConnection, vendor_nos: Sequence[str]) -> list[Order]:
    """All of them by number, found by an index; without vendors those of all."""
    query = select(ORDERS.c.body).where(ORDERS.c.received_not_invoiced, ~ORDERS.c.deleted)
    if vendor_nos:
        query = query.where(ORDERS.c.vendor_no.in_(vendor_nos))
    rows = await conn.execute(query.order_by(ORDERS.c.no))
    return [decoded(body) for (body,) in rows]
