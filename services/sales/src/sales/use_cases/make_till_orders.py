"""Turn till transactions into released sales orders, a whole batch in one database transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

import msgspec

from contracts.channel import ChannelOrder
from contracts.refusals import Refusal
from contracts.sales.masters import Customer
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit import series
from sales.domain.channel.carrying_out import posting_of_carried_out
from sales.domain.channel.orders import (
    customer_of_till,
    need_store_locations,
    need_till_order,
    order_of_till,
    quote_of_till,
)
from sales.domain.channel.progress import NONE, progress_of
from sales.domain.channel.transactions import MadeOrder, TillTransaction
from sales.domain.orders.order import RELEASED, Order
from sales.domain.posting.decisions import PostingDecision
from sales.domain.posting.documents import PostedInvoice
from sales.domain.quotes.quote import Quote
from sales.domain.references import need_setups
from sales.store import channel_transactions, documents, number_series
from sales.store import orders as order_store
from sales.store.channel_transactions import KeptTransaction
from sales.store.references import load
from sales.use_cases.apply_postings import PostingBatch
from sales.use_cases.create_orders import publish_new
from sales.use_cases.locked_orders import LockedOrders
from sales.use_cases.report_progress import publish_transaction
from sales.use_cases.till_customers import (
    UNNUMBERED,
    Customers,
    customer_no_of,
    is_without_number,
    number_customers,
    store_customers,
    with_new,
)
from sales.use_cases.till_quotes import close_converted, converted_with, lock_converted, void_overtaken


class Attempt(msgspec.Struct, kw_only=True):
    """What became of a batch: orders that were made, refusals, defects, and those for which no number was left."""

    made: dict[UUID, MadeOrder] = {}
    refused: dict[UUID, Refusal] = {}
    defects: dict[UUID, Exception] = {}
    """Errors of the program. They are no refusals: nothing is known to be wrong with the transaction."""
    unnumbered: dict[UUID, str] = {}
    """With the number series that has ended."""


class _Decided(msgspec.Struct, frozen=True):
    """An order or quote to be stored, and the posting of what was carried out with it."""

    order: Order
    carried_out: PostingDecision | None


async def make_orders(tx: Transaction, kept: Sequence[KeptTransaction]) -> Attempt:
    """Make, number, store and publish the orders of transactions that are locked; each fails alone (POS-94)."""
    attempt = Attempt()
    # Customers before orders: an order names its customer's number, and their series are always locked in this order.
    customers = await number_customers(tx, kept)
    attempt.unnumbered = {
        each.transaction.transaction_id: number_series.CUSTOMER
        for each in kept
        if is_without_number(each.transaction.payload, customers)
    }
    context = DecisionContext(
        references=await _look_up(tx, [x.transaction.payload for x in kept], customers), new_id=new_id
    )
    decided: dict[UUID, _Decided] = {}
    for each in kept:
        id_ = each.transaction.transaction_id
        if id_ in attempt.unnumbered:
            continue
        try:
            payload = each.transaction.payload
            decided[id_] = _document(each.transaction, customer_no_of(payload, customers), context)
        except Refusal as refusal:
            attempt.refused[id_] = refusal
        except Exception as defect:  # noqa: BLE001 - one transaction must not stop the others; callers report it
            attempt.defects[id_] = defect
    await _store(tx, kept, decided, attempt)
    made = [each for each in kept if each.transaction.transaction_id in attempt.made]
    await store_customers(tx, made, customers)
    return attempt


def _document(transaction: TillTransaction, customer_no: str, context: DecisionContext) -> _Decided:
    payload = transaction.payload
    if payload.kind == "quote":
        return _Decided(quote_of_till(payload, customer_no, context), None)
    order = order_of_till(payload, customer_no, context, stays_open=transaction.repaired)
    return _Decided(order, posting_of_carried_out(order, payload, new_id))


async def check_payload(tx: Transaction, transaction: TillTransaction) -> None:
    """Refuse a payload that no order could be made of; nothing is stored (POS-101)."""
    payload = transaction.payload
    customers: dict[UUID, Customer] = {}
    if payload.new_customer is not None and not payload.customer_no:
        new = payload.new_customer
        known = await channel_transactions.customers(tx, [new.id])
        no = known.get(new.id)
        named = Customer(version=1, no=no, name="") if no else customer_of_till(new, UNNUMBERED)
        customers[new.id] = named
    references = await _look_up(tx, [payload], customers)
    context = DecisionContext(references=references, new_id=new_id)
    _document(transaction, customer_no_of(payload, customers), context)


def publish_transactions(
    tx: Transaction, ended: Sequence[TillTransaction], kept: Sequence[KeptTransaction]
) -> None:
    """Publish for the gateway what became of its transactions."""
    contexts = {each.transaction.transaction_id: each.context for each in kept}
    for after in ended:
        publish_transaction(tx, after, contexts[after.transaction_id], after.status)


async def _look_up(tx: Transaction, payloads: Sequence[ChannelOrder], customers: Customers) -> ReferenceData:
    """Stores first: their locations say which items and locations are meant, where the lines do not say it."""
    query = ReferenceQuery()
    need_setups(query)
    for payload in payloads:
        need_till_order(query, payload, customer_no_of(payload, customers))
    references = await load(tx, query)
    asked = set(query)
    for payload in payloads:
        need_store_locations(query, payload, references)
    if set(query) != asked:
        references = await load(tx, query)
    new = {customer.no: customer for customer in customers.values() if customer.version == 0}
    return with_new(references, new, payloads, customers) if new else references


async def _store(
    tx: Transaction,
    kept: Sequence[KeptTransaction],
    decided: Mapping[UUID, _Decided],
    attempt: Attempt,
) -> None:
    """Number, store and publish the orders; what was carried out is posted with them, so it is posted once."""
    contexts = {each.transaction.transaction_id: each.context for each in kept}
    payloads = {each.transaction.transaction_id: each.transaction.payload for each in kept}
    # Before any series is locked: an act that makes an order of a quote locks the quote first too.
    converted = await lock_converted(tx, [payloads[id_] for id_ in decided])
    ended = converted_with(decided, payloads)
    quotes = {id_ for id_, each in decided.items() if isinstance(each.order, Quote)} - ended
    ended |= await void_overtaken(tx, [each for each in kept if each.transaction.transaction_id in quotes])
    decided = {id_: each for id_, each in decided.items() if id_ not in ended}
    await _store_quotes(tx, decided, attempt)
    await _leave_out_unnumbered(tx, decided, attempt)
    orders = {
        id_: each.order
        for id_, each in decided.items()
        if id_ not in attempt.unnumbered and id_ not in attempt.made
    }
    stored = await order_store.insert_numbered(tx, orders)
    attempt.unnumbered |= {id_: number_series.SALES_ORDER for id_ in orders if id_ not in stored}
    postings = {id_: each.carried_out for id_, each in decided.items() if each.carried_out and id_ in stored}
    posted = await _post(tx, stored, postings, contexts) if postings else {}
    for id_, order in stored.items():
        if id_ in posted:
            after, invoice = posted[id_]
            progress = progress_of(NONE, payloads[id_], after, {}, [invoice] if invoice else [])
            attempt.made[id_] = MadeOrder(
                order.no, order.customer_no, invoice.no if invoice else "", progress
            )
        else:
            attempt.made[id_] = MadeOrder(order.no, order.customer_no)
            publish_new(tx, order, contexts[id_], *_made(order))
    await close_converted(tx, converted, attempt.made, payloads, contexts)


def _made(order: Order) -> tuple[str, ...]:
    return ("created", "released") if order.status == RELEASED else ("created",)


async def _store_quotes(tx: Transaction, decided: Mapping[UUID, _Decided], attempt: Attempt) -> None:
    quotes = {id_: each.order for id_, each in decided.items() if isinstance(each.order, Quote)}
    insert = partial(documents.insert, tx, documents.QUOTE)
    stored = await order_store.insert_numbered(tx, quotes, number_series.SALES_QUOTE, insert)
    attempt.unnumbered |= {id_: number_series.SALES_QUOTE for id_ in quotes if id_ not in stored}
    for id_, quote in stored.items():
        attempt.made[id_] = MadeOrder("", quote.customer_no, quote_no=quote.no)


async def _leave_out_unnumbered(tx: Transaction, decided: Mapping[UUID, _Decided], attempt: Attempt) -> None:
    """Orders whose invoice or shipment would get no number wait: a part of them must not be made."""
    wanting = [id_ for id_, each in decided.items() if each.carried_out]
    # Invoices before shipments, as posts lock these series.
    for code in (number_series.INVOICE, number_series.SHIPMENT) if wanting else ():
        left = await series.left(tx, code)
        if left is not None:
            attempt.unnumbered |= dict.fromkeys(wanting[left:], code)
            wanting = wanting[:left]


async def _post(
    tx: Transaction,
    stored: Mapping[UUID, Order],
    postings: Mapping[UUID, PostingDecision],
    contexts: Mapping[UUID, Context],
) -> dict[UUID, tuple[Order, PostedInvoice | None]]:
    """Post what was carried out; the orders after it, and the invoices."""
    orders = LockedOrders({stored[id_].no: stored[id_] for id_ in postings}, {}, reports=False)
    batch = PostingBatch(tx, orders)
    applied = {
        id_: batch.apply(stored[id_], posting, contexts[id_], *_made(stored[id_]))
        for id_, posting in postings.items()
    }
    await batch.store()
    return {id_: (orders.by_no[stored[id_].no], each.invoice) for id_, each in applied.items()}
