"""Sales asks for purchase invoices of its orders' lines: each request is decided once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contracts.planning.masters import Item, Location
from contracts.sales.documents import UnpostedSalesInvoice
from contracts.sales.orders import SalesOrder
from contracts.sales.requests import PurchaseInvoiceRequest
from contracts.topics import KINDS
from domainkit.references import CopyMissing, ReferenceQuery
from domainkit.structs import extended
from eventkit.consumer import Batch, Change, Waiting
from eventkit.context import Context
from eventkit.transaction import Transaction
from purchasing.domain.invoices.invoice import Invoice
from purchasing.domain.requests.invoice_requests import (
    DecidedInvoice,
    InvoiceRequestContext,
    SoldDocument,
    decide_invoice_request,
    need_for_lines,
    of_invoice,
    of_order,
    wanted_lines,
)
from purchasing.store import decided_requests, links, purchase_invoices
from purchasing.use_cases.contexts import load_context

OUTCOME: Final = KINDS["request-outcome"]


class _Asked(msgspec.Struct):
    change: Change[Any]
    document: SoldDocument
    request: PurchaseInvoiceRequest


class _Decided(msgspec.Struct):
    invoice: DecidedInvoice
    context: Context


async def decide_invoice_requests(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Make the invoices that were never decided. A request that comes again finds its own row and changes nothing."""
    every = [
        _Asked(change, of_order(change.new), r)
        for change in batch
        for r in change.new.purchase_invoice_requests
    ]
    await _decide(tx, batch, every)


async def follow_sales_invoices(tx: Transaction, batch: Batch[UnpostedSalesInvoice]) -> None:
    """The same for sales invoices without an order."""
    every = [
        _Asked(change, of_invoice(change.new), r)
        for change in batch
        for r in change.new.purchase_invoice_requests
    ]
    await _decide(tx, batch, every)


async def _decide(tx: Transaction, batch: Batch[Any], every: Sequence[_Asked]) -> None:
    if not every:
        return
    known = await decided_requests.decided_for_sales(tx, (each.request.id for each in every))
    asked = [each for each in every if each.request.id not in known]
    if not asked:
        return
    context = await _load_context(tx, asked)
    decided: list[_Decided] = []
    for each in asked:
        with batch.deciding(each.change):
            try:
                made = decide_invoice_request(each.document, each.request, context)
            except CopyMissing as missing:
                raise Waiting(missing.kind, missing.no) from missing
            decided.append(_Decided(made, each.change.context))
    await _store(tx, decided)


async def _load_context(tx: Transaction, asked: Sequence[_Asked]) -> InvoiceRequestContext:
    """Items first: the vendor that they share decides what else is looked up."""
    query = ReferenceQuery()
    lines = [line for each in asked for line in wanted_lines(each.document, each.request)]
    query.need(Item, *(line.item_no for line in lines if line.item_no))
    query.need(Location, *(line.location_code for line in lines))
    first = await load_context(tx, query)
    for each in asked:
        need_for_lines(query, each.document, each.request, first.references)
    context = await load_context(tx, query)
    return extended(
        InvoiceRequestContext,
        context,
        linked=await links.states(tx, (line.id for line in lines)),
        made=await purchase_invoices.made_for(tx, (each.document.no for each in asked)),
    )


async def _store(tx: Transaction, decided: Sequence[_Decided]) -> None:
    made = [each.invoice for each in decided if each.invoice.invoice is not None]
    invoices: list[Invoice] = []
    numbers = await purchase_invoices.free_numbers(tx, len(made))
    for each, no in zip(made, numbers, strict=True):
        if each.invoice is not None:
            each.invoice = each.invoice.replaced(no=no)
            invoices.append(each.invoice)
    await purchase_invoices.insert(tx, invoices)
    outcomes = [each.invoice.event() for each in decided]
    await decided_requests.remember_for_sales(tx, outcomes)
    for one, outcome in zip(decided, outcomes, strict=True):
        tx.publish(OUTCOME, str(outcome.request_id), outcome, one.context)
