"""Apply decided posts, whether a caller, an outcome or a receipt caused them: documents, postings, grants, invoices."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.sales.documents import PostedSalesInvoice
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit import series
from sales.domain.granted_goods import shipped_more
from sales.domain.line_supply import active_links
from sales.domain.orders.order import Order
from sales.domain.posting.applying import Posted, apply_posting
from sales.domain.posting.decisions import PostingDecision
from sales.domain.posting.documents import (
    PostedInvoice,
    PostedShipment,
    PostingResult,
    numbered_invoice,
    numbered_order,
)
from sales.domain.sourcing import Sourcing
from sales.store import number_series, posted_documents, sourcings
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.mail_documents import ToMail, queue_mails

POSTED_SALES_INVOICE = KINDS["posted-sales-invoice"]


class AppliedPosting(msgspec.Struct):
    """The documents of one applied post; they get their numbers when the batch is stored."""

    of: str
    """Number of the document that was posted."""
    shipment: PostedShipment | None
    invoice: PostedInvoice | None
    context: Context
    send_to: str = ""

    def result(self, earlier_shipment_no: str = "") -> PostingResult:
        """The numbers of the documents; without a new shipment the one that the goods left with before."""
        return PostingResult(
            shipment_no=(self.shipment.no if self.shipment else earlier_shipment_no) or None,
            invoice_no=self.invoice.no if self.invoice else None,
        )


class PostingBatch:
    """Applies posts to locked orders one after the other, each to the state after the one before.

    Numbers are taken after everything is decided, so that they have no gaps.
    """

    def __init__(self, tx: Transaction, orders: LockedOrders) -> None:
        self._tx = tx
        self._orders = orders
        self._applied: list[AppliedPosting] = []
        self._granted: dict[UUID, Sourcing] = {}

    def apply(
        self, order: Order, decision: PostingDecision, context: Context, *happened: str, idle: str = ""
    ) -> AppliedPosting:
        """Apply a post to an order; `idle` is what happened if nothing moves."""
        by_line = self._orders.sourcings
        links = self._orders.links | active_links((line.id for line in order.lines), by_line)
        posted = apply_posting(order, decision, links, self._tx.now)
        for line_id, quantity in posted.taken_from_grants.items():
            # Into both: the next post of the batch must see that this quantity of the grant is used.
            by_line[line_id] = self._granted[line_id] = shipped_more(by_line[line_id], quantity)
        words = posted.happened or ((idle,) if idle else ())
        self._orders.put(posted.order, context, *happened, *words)
        return self._keep(posted, context, decision.send_to)

    def _keep(self, posted: Posted, context: Context, send_to: str) -> AppliedPosting:
        applied = AppliedPosting(posted.order.no, posted.shipment, posted.invoice, context, send_to)
        self._applied.append(applied)
        return applied

    async def store(self) -> None:
        """Number, store and publish the documents, and write the orders."""
        await self._number()
        shipments = [each.shipment for each in self._applied if each.shipment]
        # Postings on the order name their shipment, whose number is only known now.
        by_posting = {line.posting_id: shipment.no for shipment in shipments for line in shipment.lines}
        invoice_nos = {each.of: each.invoice.no for each in self._applied if each.invoice}
        self._orders.changed(
            self._tx, lambda order: numbered_order(order, by_posting).posted_as(invoice_nos.get(order.no, ""))
        )
        # The database refuses to ship more than was granted, so grants are written before documents.
        await sourcings.store(self._tx, list(self._granted.values()))
        await posted_documents.store_shipments(self._tx, shipments)
        await self._store_invoices()
        await self._orders.store(self._tx)
        sent = ((each.invoice or each.shipment, each) for each in self._applied if each.send_to)
        await queue_mails(
            self._tx, [ToMail(document, each.send_to, each.context) for document, each in sent if document]
        )

    async def _number(self) -> None:
        """Numbers for exactly the documents that were made; a series that is used up refuses all and wastes none."""
        invoices = sum(1 for each in self._applied if each.invoice)
        shipments = sum(1 for each in self._applied if each.shipment)
        # Always invoices before shipments: in another order two batches could wait for each other's series.
        invoice_nos = iter(await series.take(self._tx, number_series.INVOICE, invoices))
        shipment_nos = iter(await series.take(self._tx, number_series.SHIPMENT, shipments))
        for each in self._applied:
            if each.shipment:
                each.shipment = replace(each.shipment, no=next(shipment_nos))
            if each.invoice:
                shipment_no = each.shipment.no if each.shipment else ""
                each.invoice = numbered_invoice(each.invoice, next(invoice_nos), shipment_no)

    async def _store_invoices(self) -> None:
        made = [(each.invoice, each.context) for each in self._applied if each.invoice]
        await posted_documents.store_invoices(self._tx, [invoice for invoice, _ in made])
        self._orders.invoices += [invoice for invoice, _ in made]
        for invoice, context in made:
            event = msgspec.convert(invoice, PostedSalesInvoice, from_attributes=True)
            self._tx.publish(POSTED_SALES_INVOICE, event.no, replace(event, happened=("posted",)), context)
