"""What acts of tills concern: orders, posted invoices and transactions, locked, and what deciding the acts looks up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from contracts.channel import ChannelOrder
from contracts.sales.masters import ChargeCode, Customer
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from sales.domain.channel.acts import EDIT, RETURN
from sales.domain.channel.orders import need_store_locations, need_till_order
from sales.domain.channel.returning import need_return, need_return_locations
from sales.domain.channel.transactions import TillTransaction, with_snapshot
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import Order
from sales.domain.posting.documents import PostedInvoice
from sales.domain.references import need_setups
from sales.store import channel_acts, channel_transactions, documents, order_locks, posted_documents
from sales.store.channel_transactions import KeptTransaction
from sales.store.order_locks import LockedRows
from sales.store.references import load
from sales.use_cases.locked_orders import need_order


class Sent(msgspec.Struct, frozen=True):
    """A snapshot of a till's order with acts. `asked`: the act whose caller waits; if it is refused, it is not kept."""

    order: ChannelOrder
    context: Context
    asked: UUID | None = None


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """What the acts of a batch concern, locked in the order of the fields."""

    orders: LockedRows
    quotes: LockedRows = LockedRows({}, {}, {})
    invoices: Mapping[str, PostedInvoice] = {}
    kept: Mapping[UUID, KeptTransaction]


async def lock_for_acts(tx: Transaction, sent: Iterable[Sent], ids: Iterable[UUID] = ()) -> Locked:
    """Lock documents, then transactions: what the back office does to orders reports to transactions last."""
    snapshots = [each.order for each in sent]
    wanted = {*ids, *(each.transaction_id for each in snapshots)}
    found = await channel_acts.read(tx, wanted)
    orders = await order_locks.lock(tx, _order_nos(found.values()))
    quotes = await _lock_quotes(tx, found.values())
    acts = [
        *(act for order in snapshots for act in order.acts),
        *(each.act for transaction in found.values() for each in transaction.open_acts),
    ]
    invoices = await posted_documents.lock_invoices(tx, (act.invoice_no for act in acts if act.invoice_no))
    kept = await channel_transactions.lock(tx, wanted)
    # An order or quote that was made between the two looks is locked late; its acts are rare so soon.
    late = [each.transaction for each in kept.values() if each.transaction.is_made]
    if order_nos := _order_nos(late) - orders.orders.keys():
        orders = _together(orders, await order_locks.lock(tx, order_nos))
    if without_quote := [each for each in late if each.sales_quote_no not in quotes.orders]:
        quotes = _together(quotes, await _lock_quotes(tx, without_quote))
    return Locked(orders=orders, quotes=quotes, invoices=invoices, kept=kept)


async def _lock_quotes(tx: Transaction, transactions: Iterable[TillTransaction]) -> LockedRows:
    nos = {each.sales_quote_no for each in transactions if each.sales_quote_no}
    if not nos:
        return LockedRows({}, {}, {})
    locked = await documents.lock(tx, documents.QUOTE, nos)
    return LockedRows(locked.documents, {}, locked.times)


def _together(rows: LockedRows, more: LockedRows) -> LockedRows:
    return LockedRows(
        rows.orders | more.orders, rows.sourcings | more.sourcings, {**rows.times, **more.times}
    )


def _order_nos(transactions: Iterable[TillTransaction]) -> set[str]:
    return {each.sales_order_no for each in transactions if each.sales_order_no}


async def context_of_acts(
    tx: Transaction, locked: Locked, todo: Mapping[UUID, Sequence[Sent]]
) -> OrderContext:
    """What the acts look up; a second query for what follows from the locations of their stores."""
    wanted = [
        (with_snapshot(locked.kept[id_].transaction, each.order), _order_of(locked, id_))
        for id_, snapshots in todo.items()
        for each in snapshots
    ]
    query = ReferenceQuery()
    need_setups(query)
    for transaction, order in wanted:
        _need(query, transaction, order)
    references = await load(tx, query)
    asked = set(query)
    for transaction, order in wanted:
        _need_locations(query, transaction, order, references)
    if set(query) != asked:
        references = await load(tx, query)
    return OrderContext(references=references, new_id=new_id, sourcings=locked.orders.sourcings)


def _order_of(locked: Locked, id_: UUID) -> Order | None:
    transaction = locked.kept[id_].transaction
    if transaction.sales_quote_no:
        return locked.quotes.orders.get(transaction.sales_quote_no)
    return locked.orders.orders.get(transaction.sales_order_no)


def _need(query: ReferenceQuery, transaction: TillTransaction, order: Order | None) -> None:
    if order is not None:
        need_order(query, order)
    query.need(Customer, transaction.payload.customer_no)
    for kept in transaction.open_acts:
        act = kept.act
        charges = [act.charge, *act.charges_refunded]
        query.need(ChargeCode, *(charge.charge_code for charge in charges if charge))
        query.need_rates(transaction.payload.currency_code, act.transaction.business_date)
        if act.operation == RETURN:
            need_return(query, act)
        if order is not None:
            for till in (kept.before, transaction.payload) if act.operation == EDIT else ():
                if till is not None:
                    need_till_order(query, till, order.customer_no)


def _need_locations(
    query: ReferenceQuery, transaction: TillTransaction, order: Order | None, references: ReferenceData
) -> None:
    if order is None:
        return
    for kept in transaction.open_acts:
        if kept.operation == RETURN:
            need_return_locations(query, kept.act, order, references)
        for till in (kept.before, transaction.payload) if kept.operation == EDIT else ():
            if till is not None:
                need_store_locations(query, till, references)
