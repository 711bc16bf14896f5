"""Carrying out decided posts, from people, outcomes and receipts alike: documents, postings, grants, invoices."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from uuid import UUID

import msgspec

from contracts.sales import PostedSalesInvoice
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.domain.orders import Order
from sales.domain.posting import Deed, Numbers, Posted, carry_out, will_invoice
from sales.domain.sourcing import Sourcing, active_links, shipped_more
from sales.store import documents, series, sourcings

POSTED_SALES_INVOICE = KINDS["posted-sales-invoice"]

Orders = MutableMapping[str, Order]
Sourcings = MutableMapping[UUID, Sourcing]


async def carry_out_deeds(
    tx: Transaction, deeds: Sequence[tuple[Deed, Context]], orders: Orders, known: Sourcings
) -> list[Posted]:
    """Carry out deeds in their order; `orders` and `known` (all locked) are brought up to date in place.

    Orders are neither raised nor stored here: that is the act's. Numbers are taken after everything is decided,
    so that they have no gaps.
    """
    numbers = await _numbers(tx, deeds, orders)
    done: list[Posted] = []
    granted: dict[UUID, Sourcing] = {}
    links = active_links(known.values())
    for (deed, _), given in zip(deeds, numbers, strict=True):
        posted = carry_out(orders[deed.order_no], deed, given, links, tx.now)
        orders[deed.order_no] = posted.order
        for line_id, quantity in posted.from_grants.items():
            known[line_id] = granted[line_id] = shipped_more(known[line_id], quantity)
        done.append(posted)
    for stored in await sourcings.store(tx, list(granted.values())):
        known[stored.sales_line_id] = stored
    await documents.store_shipments(tx, [posted.shipment for posted in done if posted.shipment])
    await _store_invoices(tx, done, [context for _, context in deeds])
    return done


async def _numbers(tx: Transaction, deeds: Sequence[tuple[Deed, Context]], orders: Orders) -> list[Numbers]:
    """Numbers for exactly the documents that will be made; one exhausted series refuses all (and wastes none)."""
    invoices = [will_invoice(orders[deed.order_no], deed) for deed, _ in deeds]
    shipments = [bool(deed.movements) for deed, _ in deeds]
    invoice_nos = iter(await series.take_all(tx, series.INVOICE, sum(invoices)))
    shipment_nos = iter(await series.take_all(tx, series.SHIPMENT, sum(shipments)))
    return [
        Numbers(
            shipment_no=next(shipment_nos) if ships else "",
            invoice_no=next(invoice_nos) if invoices_it else "",
        )
        for ships, invoices_it in zip(shipments, invoices, strict=True)
    ]


async def _store_invoices(tx: Transaction, done: Sequence[Posted], contexts: Sequence[Context]) -> None:
    await documents.store_invoices(tx, [posted.invoice for posted in done if posted.invoice])
    for posted, context in zip(done, contexts, strict=True):
        if posted.invoice:
            told = msgspec.convert(posted.invoice, PostedSalesInvoice, from_attributes=True)
            tx.publish(
                POSTED_SALES_INVOICE,
                told.no,
                msgspec.structs.replace(told, happened=("posted",)),
                context,
            )
