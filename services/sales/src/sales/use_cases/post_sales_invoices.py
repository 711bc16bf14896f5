"""Post sales invoices: shipment and invoice of the goods without an order, and what they bill of orders."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.invoices.invoice import SalesInvoice
from sales.domain.invoices.posting import bill_shipments, plan_invoice
from sales.domain.line_supply import active_links
from sales.domain.orders.order import CLOSED
from sales.domain.posting.commands import PostOrder
from sales.domain.posting.decisions import posting_from_plan
from sales.domain.posting.sending import address_of
from sales.store import order_locks
from sales.use_cases.apply_postings import PostingBatch
from sales.use_cases.load_stock import load_stock
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.sales_documents import INVOICES, ChangedDocuments


async def post_sales_invoices(
    tx: Transaction, commands: Sequence[Command[PostOrder]]
) -> list[Done | Refusal]:
    """Post invoices, each whole or not at all (BC-SD-11). They are locked before the orders that they bill."""
    invoices = await INVOICES.lock(tx, commands)
    orders = await _orders_of(tx, invoices)
    stock = await load_stock(tx, invoices, invoices.by_no)
    batch = PostingBatch(tx, invoices)

    def decide(command: Command[PostOrder]) -> Done:
        invoice, posting, context = invoices.addressed(command), command.data.posting, invoices.context
        assert isinstance(invoice, SalesInvoice)  # noqa: S101 - the kind that was locked
        plan = plan_invoice(invoice, posting, context)
        stock.take((invoice, plan))
        billed = bill_shipments(invoice, orders.by_no)
        posting_date = posting.posting_date or context.references.today
        send_to = address_of(invoice, command.data, context.references)
        decision = posting_from_plan(posting_date, plan, context.new_id, send_to)
        applied = batch.apply(invoice, decision, command.context)
        seen = []
        for order in billed:
            words = ("invoiced", "closed") if order.status == CLOSED else ("invoiced",)
            done = orders.put(order, command.context, *words)
            seen.append((done.kind, done.no, done.version))
        version = invoices.by_no[invoice.no].version
        return Done(invoices.kind.name, invoice.no, version, answer=applied, seen=tuple(seen))

    results = decide_each(commands, decide)
    await batch.store()
    orders.invoices += invoices.invoices
    await orders.store(tx)
    return results


async def _orders_of(tx: Transaction, invoices: ChangedDocuments) -> LockedOrders:
    """The orders whose shipments the invoices bill, locked; posted lines name the purchases of these."""
    lines = [
        line
        for invoice in invoices.by_no.values()
        if isinstance(invoice, SalesInvoice)
        for line in invoice.lines
        if line.bills_shipment
    ]
    rows = await order_locks.lock(tx, (line.sales_order_no for line in lines))
    links = active_links((line.sales_line_id for line in lines if line.sales_line_id), rows.sourcings)
    invoices.links |= {line.id: links[line.sales_line_id] for line in lines if line.sales_line_id in links}
    return LockedOrders(rows.orders, rows.sourcings)
