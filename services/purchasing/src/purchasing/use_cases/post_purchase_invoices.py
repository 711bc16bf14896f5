"""People post purchase invoices: receipts are billed, and goods that came with the invoice alone enter stock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from contracts.planning.masters import Item
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from contracts.topics import KINDS
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.invoices.commands import PostInvoice
from purchasing.domain.invoices.posting import (
    InvoicePostingContext,
    PostedInvoice,
    numbered,
    post_invoice,
)
from purchasing.domain.setup import SETUP_NO, PurchasingSetup, setup_of
from purchasing.store import invoices, sales_orders
from purchasing.store.invoices import VendorInvoiceKey, vendor_invoice_key
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_invoices import LockedInvoices, lock_invoices, store_invoices
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders
from purchasing.use_cases.post_orders import SAME_BATCH, drop_shipment_sales
from recordkit.commands import Command, Done

INVOICE: Final = KINDS["posted-purchase-invoice"]


class _Loaded(msgspec.Struct):
    """What the posts of a batch are decided by."""

    invoices: LockedInvoices
    orders: LockedOrders
    context: InvoicePostingContext
    posted_as: dict[VendorInvoiceKey, str]


class _Accepted(msgspec.Struct):
    posted: PostedInvoice
    context: Context


async def post_purchase_invoices(
    tx: Transaction, commands: Sequence[Command[PostInvoice]]
) -> list[Done | Refusal]:
    """Post invoices, each all or nothing. Invoices are locked before the orders they bill, numbers are taken last."""
    loaded = await _load(tx, commands)
    decided = [_decide(command, loaded) for command in commands]
    accepted = [each for each in decided if isinstance(each, _Accepted)]
    await store_orders(tx, loaded.orders)
    setup = setup_of(loaded.context.references)
    documents = await invoices.post(
        tx,
        [each.posted.document for each in accepted],
        repeatable=setup.allow_duplicate_vendor_invoice_no,
    )
    done: list[Done] = []
    after = numbered([each.posted for each in accepted], documents)
    for each, invoice, document in zip(accepted, after, documents, strict=True):
        tx.publish(INVOICE, document.no, document, each.context)
        done.append(msgspec.structs.replace(loaded.invoices.put(invoice, each.context), answer=document.no))
    await store_invoices(tx, loaded.invoices)
    results = iter(done)
    return [each if isinstance(each, Refusal) else next(results) for each in decided]


async def _load(tx: Transaction, commands: Sequence[Command[PostInvoice]]) -> _Loaded:
    locked = await lock_invoices(tx, (c.data.no for c in commands))
    found = list(locked.by_no.values())
    orders = await lock_orders(
        tx, (line.purchase_order_no for invoice in found for line in invoice.lines if line.of_receipt)
    )
    query = ReferenceQuery()
    query.need(PurchasingSetup, SETUP_NO)
    query.need(Vendor, *(invoice.vendor_no for invoice in found))
    query.need(Item, *(line.item_no for invoice in found for line in invoice.lines if line.item_no))
    return _Loaded(
        invoices=locked,
        orders=orders,
        context=extended(
            InvoicePostingContext,
            await load_context(tx, query),
            orders={},
            sales_orders=await sales_orders.load(tx, drop_shipment_sales(orders.by_no.values())),
            posted_at=tx.now,
        ),
        posted_as=await invoices.known(tx, ((i.vendor_no, i.vendor_invoice_no) for i in found)),
    )


def _decide(command: Command[PostInvoice], loaded: _Loaded) -> _Accepted | Refusal:
    try:
        invoice = loaded.invoices.get(command.data.no, command.if_match)
        key = vendor_invoice_key(invoice.vendor_no, invoice.vendor_invoice_no)
        context = msgspec.structs.replace(
            loaded.context,
            by=command.context.by,
            orders=loaded.orders.by_no,
            duplicate_of=loaded.posted_as.get(key, ""),
        )
        posted = post_invoice(invoice, command.data.posting, context)
    except Refusal as refusal:
        return refusal
    # What was read before the batch does not know of this post: the next one of the batch must.
    if invoice.vendor_invoice_no:
        loaded.posted_as[key] = SAME_BATCH
    loaded.invoices.by_no[invoice.no] = posted.invoice
    for order in posted.orders:
        loaded.orders.put(order, command.context, "invoiced")
    return _Accepted(posted, command.context)
