"""Order tracking and availability, for people who ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.planning.masters import Location
from contracts.purchasing.orders import PurchaseOrder
from contracts.refusals import not_found, unknown
from domainkit.timelines import PURCHASE_ORDER, SALES_ORDER
from planning.domain.demand.purchase_orders import served_orders
from planning.domain.masters.items import ItemCard
from planning.domain.stock.availability import PURCHASE, SALE, Availability, availability
from planning.domain.tracking import Graph, for_item, track
from planning.store import ledger, open_lines, requisitions, reservations, tracking
from planning.store.kinds import KINDS_OF_PLANNING
from recordkit import records

MAX_DOCUMENTS: Final = 200
"""Documents of each kind that tracking by item looks at."""


async def track_sales_order(conn: AsyncConnection, no: str) -> Graph:
    """What serves a sales order; refused if no order of this number has arrived here."""
    if not await tracking.documents(conn, "sales-order", [no]):
        raise not_found("sales-order", no)
    return await track_sales_orders(conn, [no])


async def track_sales_orders(conn: AsyncConnection, nos: Iterable[str], more: Iterable[str] = ()) -> Graph:
    """What serves these sales orders; `more` are purchase orders to show besides."""
    wanted = sorted(set(nos))
    sales = await tracking.documents(conn, "sales-order", wanted)
    lines = await requisitions.lines_of_orders(conn, wanted)
    purchase_nos = await tracking.purchase_orders_of(conn, wanted) | set(more)
    purchase_nos |= {line.purchase_order_no for line in lines if line.purchase_order_no}
    held = await reservations.of_documents(conn, wanted)
    purchase_nos |= {each.purchase_order_no for each in held if each.purchase_order_no}
    purchases = await tracking.documents(conn, "purchase-order", purchase_nos)
    shown = [(SALES_ORDER, order.no) for order in sales] + [(PURCHASE_ORDER, order.no) for order in purchases]
    return track(sales, lines, purchases, await tracking.history(conn, shown), held)


async def track_purchase_order(conn: AsyncConnection, no: str) -> Graph:
    """What a purchase order serves; refused if no order of this number has arrived here."""
    found: list[PurchaseOrder] = await tracking.documents(conn, "purchase-order", [no])
    if not found:
        raise not_found("purchase-order", no)
    served = {sales_order_no for order in found for sales_order_no in served_orders(order)}
    line_ids = [line.id for order in found for line in order.lines]
    served |= {each.sales_order_no for each in await reservations.of_documents(conn, (), line_ids)}
    return await track_sales_orders(conn, served, [no])


async def track_item(conn: AsyncConnection, item_no: str) -> Graph:
    """Open and procured lines of an item; refused if there is no such item."""
    await _require_item(conn, item_no)
    sales = await tracking.sales_orders_of_item(conn, item_no, MAX_DOCUMENTS)
    sales |= set(await open_lines.documents_of_item(conn, item_no, SALE, MAX_DOCUMENTS))
    purchases = await open_lines.documents_of_item(conn, item_no, PURCHASE, MAX_DOCUMENTS)
    return for_item(await track_sales_orders(conn, sales, purchases), item_no)


async def _require_item(conn: AsyncConnection, item_no: str) -> None:
    if await records.find(conn, KINDS_OF_PLANNING, ItemCard, item_no) is None:
        raise not_found("item", item_no)


async def read_availability(
    conn: AsyncConnection, item_no: str, location_code: str | None, day: date | None
) -> Availability:
    """Availability of an item at a location (None: at all) up to a day (BC-PL-01); refused if there is no such item."""
    await _require_item(conn, item_no)
    if location_code and await records.find(conn, KINDS_OF_PLANNING, Location, location_code) is None:
        raise unknown("location", location_code, pointer="/location_code")
    stock = await ledger.totals(conn, item_no, location_code)
    required, scheduled = await open_lines.sums(conn, item_no, location_code, day)
    reserved = await reservations.reserved(conn, item_no, location_code, day)
    return availability(
        stock, reserved, location_code=location_code, day=day, required=required, scheduled=scheduled
    )
