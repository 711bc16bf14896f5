"""Reads one resource by its number, as GET and the answers of acts show it."""

from __future__ import annotations

from contracts.purchasing import PostedPurchaseInvoice
from eventkit.transaction import Queryable
from httpkit.answers import Resource
from purchasing.http import views
from purchasing.store import invoices, links, masters, orders, receipts, sales_orders


async def show_vendor(conn: Queryable, no: str) -> Resource | None:
    vendor = (await masters.load(conn, masters.VENDOR, [no])).get(no)
    return None if vendor is None or vendor.deleted else Resource(views.vendor_view(vendor), vendor.version)


async def show_item_vendor(conn: Queryable, no: str) -> Resource | None:
    entry = (await masters.load(conn, masters.ITEM_VENDOR, [no])).get(no)
    return None if entry is None or entry.deleted else Resource(views.item_vendor_view(entry), entry.version)


async def show_setup(conn: Queryable, no: str) -> Resource | None:
    del no  # there is one
    setup = await masters.setup(conn)
    return Resource(views.setup_view(setup), setup.version)


async def show_order(conn: Queryable, no: str) -> Resource | None:
    order = (await orders.read(conn, [no])).get(no)
    if order is None or order.deleted:
        return None
    return Resource(views.order_view(order, await links.problems(conn, [no])), order.version)


async def show_changed_order(conn: Queryable, no: str) -> Resource | None:
    order = (await orders.read(conn, [no])).get(no)
    if order is None or order.deleted:
        return None
    nos = {line.link.sales.sales_order_no for line in order.linked_lines if line.link is not None}
    sold = await sales_orders.load(conn, nos)
    return Resource(views.changed_order_view(order, await links.problems(conn, [no]), sold), order.version)


async def show_receipt(conn: Queryable, no: str) -> Resource | None:
    receipt = (await receipts.read(conn, [no])).get(no)
    return None if receipt is None else Resource(views.receipt_view(receipt))


async def show_invoice(conn: Queryable, no: str) -> Resource | None:
    invoice: PostedPurchaseInvoice | None = (await invoices.read(conn, [no])).get(no)
    return None if invoice is None else Resource(views.invoice_view(invoice))
