"""The resources of purchasing: how each is read by its number, and where it is found."""

from __future__ import annotations

from typing import Final

from contracts.purchasing import ItemVendor, Vendor
from eventkit.transaction import Queryable
from httpkit.masters import master_resource
from httpkit.responses import Resource, Shown
from purchasing.domain.orders.order import Order
from purchasing.domain.setup import DEFAULTS, PurchasingSetup
from purchasing.http.answers.masters import item_vendor_answer, setup_answer, vendor_answer
from purchasing.http.answers.orders import changed_order_answer, order_answer
from purchasing.http.answers.posted import invoice_answer, receipt_answer
from purchasing.store import invoices, links, orders, receipts, sales_orders
from purchasing.store.kinds import KINDS_OF_PURCHASING


async def read_order(conn: Queryable, no: str) -> Shown | None:
    order = await live_order(conn, no)
    if order is None:
        return None
    return Shown(order_answer(order, await links.problems(conn, [no])), order.version)


async def live_order(conn: Queryable, no: str) -> Order | None:
    """An order that was not deleted."""
    order = (await orders.read(conn, [no])).get(no)
    return None if order is None or order.deleted else order


async def read_changed_order(conn: Queryable, no: str) -> Shown | None:
    """An order with the sales lines that its dates make late."""
    order = await live_order(conn, no)
    if order is None:
        return None
    nos = {line.link.sales.sales_order_no for line in order.linked_lines if line.link is not None}
    sold = await sales_orders.load(conn, nos)
    problems = await links.problems(conn, [no])
    return Shown(changed_order_answer(order, problems, sold), order.version)


async def read_receipt(conn: Queryable, no: str) -> Shown | None:
    receipt = (await receipts.read(conn, [no])).get(no)
    return None if receipt is None else Shown(receipt_answer(receipt))


async def read_invoice(conn: Queryable, no: str) -> Shown | None:
    invoice = (await invoices.read(conn, [no])).get(no)
    return None if invoice is None else Shown(invoice_answer(invoice))


VENDOR: Final = master_resource(KINDS_OF_PURCHASING, Vendor, vendor_answer, "/v1/vendors/{no}")
ITEM_VENDOR: Final = master_resource(KINDS_OF_PURCHASING, ItemVendor, item_vendor_answer)
PURCHASING_SETUP: Final = master_resource(
    KINDS_OF_PURCHASING, PurchasingSetup, setup_answer, "/v1/purchasing-setup", default=DEFAULTS
)
PURCHASE_ORDER: Final = Resource("purchase-order", read_order, location="/v1/purchase-orders/{no}")
CHANGED_PURCHASE_ORDER: Final = Resource(
    "purchase-order", read_changed_order, location="/v1/purchase-orders/{no}"
)
POSTED_RECEIPT: Final = Resource(
    "posted-purchase-receipt", read_receipt, location="/v1/posted-purchase-receipts/{no}"
)
POSTED_INVOICE: Final = Resource(
    "posted-purchase-invoice", read_invoice, location="/v1/posted-purchase-invoices/{no}"
)
