"""The resources of purchasing: how each is read by its number, and where it is found."""

from __future__ import annotations

from functools import partial
from typing import Final

from contracts.purchasing.masters import ItemVendor, Vendor
from domainkit.structs import extended
from eventkit.transaction import Queryable, fetch_one
from httpkit.masters import master_resource
from httpkit.responses import Resource, Shown
from purchasing.domain.setup import DEFAULTS, PurchasingSetup
from purchasing.http.answers.masters import PurchasingSetupAnswer, VendorAnswer, item_vendor_answer
from purchasing.http.answers.orders import changed_order_answer, order_answer
from purchasing.http.answers.posted import invoice_answer, receipt_answer
from purchasing.http.answers.purchase_invoices import purchase_invoice_answer
from purchasing.store import invoices, links, lists, orders, purchase_invoices, receipts, sales_orders
from purchasing.store.kinds import KINDS_OF_PURCHASING


async def read_order(conn: Queryable, no: str) -> Shown | None:
    stored = await orders.find(conn, no)
    if stored is None:
        return None
    today = await lists.today(conn)
    return Shown(order_answer(stored, await links.problems(conn, [no]), today), stored.document.version)


async def read_changed_order(conn: Queryable, no: str) -> Shown | None:
    """An order with the sales lines that its dates make late."""
    stored = await orders.find(conn, no)
    if stored is None:
        return None
    order = stored.document
    nos = {line.link.sales.sales_order_no for line in order.linked_lines if line.link is not None}
    sold = await sales_orders.load(conn, nos)
    problems = await links.problems(conn, [no])
    today = await lists.today(conn)
    return Shown(changed_order_answer(stored, problems, sold, today), order.version)


async def read_receipt(conn: Queryable, no: str) -> Shown | None:
    row = await fetch_one(conn, receipts.FIND, no=no)
    if row is None:
        return None
    receipt = receipts.decoded(row.body)
    return Shown(receipt_answer(receipt, row.posted_at, row.updated_at), receipt.version)


async def read_invoice(conn: Queryable, no: str) -> Shown | None:
    row = await fetch_one(conn, invoices.FIND, no=no)
    if row is None:
        return None
    invoice = invoices.decoded(row.body)
    return Shown(invoice_answer(invoice, row.posted_at), invoice.version)


async def read_purchase_invoice(conn: Queryable, no: str) -> Shown | None:
    stored = await purchase_invoices.find(conn, no)
    return None if stored is None else Shown(purchase_invoice_answer(stored), stored.document.version)


VENDOR: Final = master_resource(
    KINDS_OF_PURCHASING,
    Vendor,
    partial(extended, VendorAnswer),
    "/v1/vendors/{no}",
    filters=("name", "blocked", "currency_code", "country_code"),
    searched=("name", "contact", "email", "phone"),
)
ITEM_VENDOR: Final = master_resource(
    KINDS_OF_PURCHASING,
    ItemVendor,
    item_vendor_answer,
    filters=("item_no", "vendor_item_no"),
    searched=("vendor_item_no",),
)
PURCHASING_SETUP: Final = master_resource(
    KINDS_OF_PURCHASING,
    PurchasingSetup,
    partial(extended, PurchasingSetupAnswer),
    "/v1/purchasing-setup",
    default=DEFAULTS,
)
PURCHASE_ORDER: Final = Resource("purchase-order", read_order, location="/v1/purchase-orders/{no}")
CHANGED_PURCHASE_ORDER: Final = Resource(
    "purchase-order", read_changed_order, location="/v1/purchase-orders/{no}"
)
PURCHASE_INVOICE: Final = Resource(
    "purchase-invoice", read_purchase_invoice, location="/v1/purchase-invoices/{no}"
)
POSTED_RECEIPT: Final = Resource(
    "posted-purchase-receipt", read_receipt, location="/v1/posted-purchase-receipts/{no}"
)
POSTED_INVOICE: Final = Resource(
    "posted-purchase-invoice", read_invoice, location="/v1/posted-purchase-invoices/{no}"
)
