"""People post purchase orders: receipts, invoices, or both at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from contracts.sales.masters import Customer
from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.orders.commands import PostOrder, Shipment
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.posted_receipts import Delivery
from purchasing.domain.orders.posting import Posted, PostingContext, post, posted_documents
from purchasing.domain.setup import SETUP_NO, PurchasingSetup, setup_of
from purchasing.store import invoices, receipts, sales_orders
from purchasing.store.invoices import VendorInvoiceKey, vendor_invoice_key
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import LockedOrders, lock_orders, store_orders
from recordkit.commands import Command, Done

INVOICE: Final = KINDS["posted-purchase-invoice"]

SAME_BATCH: Final = "another invoice posted at the same moment"


class _Loaded(msgspec.Struct):
    """What the posts of a batch are decided by."""

    locked: LockedOrders
    context: DecisionContext
    sold: dict[str, SalesOrder]
    posted_as: dict[VendorInvoiceKey, str]
    """Posted invoices by their vendor's number."""


class _Accepted(msgspec.Struct):
    """A post that was decided; its document numbers are still to come."""

    posted: Posted
    done: Done
    context: Context


async def post_orders(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> list[Done | Refusal]:
    """Post orders, each all or nothing. Document numbers are taken last, so that refused posts leave no gap."""
    loaded = await _load(tx, commands)
    decided = [_decide(tx, command, loaded) for command in commands]
    accepted = [each for each in decided if isinstance(each, _Accepted)]
    documents = [each.posted.received.document for each in accepted if each.posted.received is not None]
    # Receipts before invoices in every batch: two batches that take these series in different orders could deadlock.
    receipt_nos = await receipts.post(tx, [document for document in documents if document is not None])
    await store_orders(tx, loaded.locked, receipt_nos)
    setup = setup_of(loaded.context.references)
    invoice_nos = await _post_invoices(tx, accepted, repeatable=setup.allow_duplicate_vendor_invoice_no)
    numbered = (
        _with_numbers(each, receipt_nos, invoice_no)
        for each, invoice_no in zip(accepted, invoice_nos, strict=True)
    )
    return [each if isinstance(each, Refusal) else next(numbered) for each in decided]


async def _load(tx: Transaction, commands: Sequence[Command[PostOrder]]) -> _Loaded:
    locked = await lock_orders(tx, (c.data.no for c in commands))
    query = ReferenceQuery()
    query.need(PurchasingSetup, SETUP_NO)
    for order in locked.by_no.values():
        query.need(Vendor, order.vendor_no)
        query.need(Customer, order.sell_to_customer_no)
    found = [(locked.by_no[c.data.no], c.data.posting) for c in commands if c.data.no in locked.by_no]
    vendor_invoices = [(order.vendor_no, posting.vendor_invoice_no) for order, posting in found]
    return _Loaded(
        locked=locked,
        context=await load_context(tx, query),
        sold=await sales_orders.load(tx, drop_shipment_sales(order for order, _ in found)),
        posted_as=await invoices.known(tx, vendor_invoices),
    )


def drop_shipment_sales(orders: Iterable[Order]) -> set[str]:
    """The sales orders that drop shipments of these orders are for."""
    return {
        line.link.sales.sales_order_no
        for order in orders
        for line in order.live_lines
        if line.drop_shipment and line.link is not None
    }


def _decide(tx: Transaction, command: Command[PostOrder], loaded: _Loaded) -> _Accepted | Refusal:
    posting = command.data.posting
    try:
        order = loaded.locked.get(command.data.no)
        key = vendor_invoice_key(order.vendor_no, posting.vendor_invoice_no)
        context = extended(
            PostingContext,
            loaded.context,
            by=command.context.by,
            delivery=_delivery(tx, command, loaded.context),
            sales_orders=loaded.sold,
            duplicate_of=loaded.posted_as.get(key, ""),
        )
        posted = post(order, posting, command.expected_version, context)
    except Refusal as refusal:
        return refusal
    # The table of posted invoices was read before the batch: without this two posts of it could bill the same invoice.
    if posted.invoiced is not None and posting.vendor_invoice_no:
        loaded.posted_as[key] = SAME_BATCH
    done = loaded.locked.put(posted.order, command.context, *_happened(posted))
    return _Accepted(posted, done, command.context)


def _delivery(tx: Transaction, command: Command[PostOrder], context: DecisionContext) -> Delivery:
    posting = command.data.posting
    shipment = posting.shipment or Shipment()
    return Delivery(
        document_id=context.new_id(),
        posting_date=posting.posting_date or context.references.today,
        posted_at=tx.now,
        posted_by=command.context.by,
        origin="purchasing",
        carrier=shipment.carrier,
        tracking_no=shipment.tracking_no,
    )


def _happened(posted: Posted) -> tuple[str, ...]:
    received = posted.received is not None and posted.received.document is not None
    return (*(("received",) if received else ()), *(("invoiced",) if posted.invoiced is not None else ()))


async def _post_invoices(
    tx: Transaction, accepted: Sequence[_Accepted], *, repeatable: bool
) -> list[str | None]:
    """Write and publish the invoices; their numbers in the order of the posts, None for those without."""
    invoiced = [each for each in accepted if each.posted.invoiced is not None]
    documents = [each.posted.invoiced.document for each in invoiced if each.posted.invoiced is not None]
    written = await invoices.post(tx, documents, repeatable=repeatable)
    for each, document in zip(invoiced, written, strict=True):
        tx.publish(INVOICE, document.no, document, each.context)
    numbers = iter(document.no for document in written)
    return [next(numbers) if each.posted.invoiced is not None else None for each in accepted]


def _with_numbers(accepted: _Accepted, receipt_nos: Mapping[UUID, str], invoice_no: str | None) -> Done:
    answer = posted_documents(accepted.posted, receipt_nos, invoice_no)
    return msgspec.structs.replace(accepted.done, answer=answer)
