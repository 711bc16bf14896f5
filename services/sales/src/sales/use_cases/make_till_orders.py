"""Turn till transactions into released sales orders, a whole batch in one database transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.pos import ChannelOrder
from contracts.refusals import Refusal
from contracts.sales import Customer
from contracts.topics import KINDS
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit import records, series
from sales.domain.channel.orders import (
    customer_of_till,
    need_store_locations,
    need_till_order,
    order_of_till,
)
from sales.domain.channel.transactions import TillTransaction, snapshot
from sales.domain.orders.order import Order
from sales.domain.references import need_setups
from sales.store import channel_transactions, number_series
from sales.store import orders as order_store
from sales.store.channel_transactions import KeptTransaction
from sales.store.kinds import KINDS_OF_SALES
from sales.store.references import load
from sales.use_cases.create_orders import publish_new

CUSTOMER = KINDS["customer"]
CHANNEL_TRANSACTION = KINDS["channel-transaction"]

Customers = Mapping[UUID, Customer]
"""Customers made at tills, by the till's id. Version 0: its record is not stored yet."""


class Attempt(msgspec.Struct, kw_only=True):
    """What became of a batch: orders that were made, refusals, defects, and those for which no number was left."""

    made: dict[UUID, Order] = {}
    refused: dict[UUID, Refusal] = {}
    defects: dict[UUID, Exception] = {}
    """Errors of the program. They are no refusals: nothing is known to be wrong with the transaction."""
    unnumbered: list[UUID] = []


async def make_orders(tx: Transaction, kept: Sequence[KeptTransaction]) -> Attempt:
    """Make, number, store and publish the orders of transactions that are locked; each fails alone (POS-94)."""
    attempt = Attempt()
    # Customers before orders: an order names its customer's number, and their series are always locked in this order.
    customers = await _number_customers(tx, kept, attempt)
    context = DecisionContext(references=await _look_up(tx, kept, customers), new_id=new_id)
    orders: dict[UUID, Order] = {}
    for each in kept:
        id_ = each.transaction.transaction_id
        if id_ in attempt.unnumbered:
            continue
        try:
            payload = each.transaction.payload
            orders[id_] = order_of_till(payload, _customer_no(payload, customers), context)
        except Refusal as refusal:
            attempt.refused[id_] = refusal
        except Exception as defect:  # noqa: BLE001 - one transaction must not stop the others; callers report it
            attempt.defects[id_] = defect
    await _store(tx, kept, orders, attempt)
    await _store_customers(tx, kept, attempt, customers)
    return attempt


def publish_transactions(
    tx: Transaction, ended: Sequence[TillTransaction], kept: Sequence[KeptTransaction]
) -> None:
    """Publish for the gateway what became of its transactions."""
    contexts = {each.transaction.transaction_id: each.context for each in kept}
    for after in ended:
        event = snapshot(after, after.status)
        tx.publish(CHANNEL_TRANSACTION, event.confirmation_no, event, contexts[after.transaction_id])


def _customer_no(payload: ChannelOrder, customers: Customers) -> str:
    """The customer's number; "" for one made at the till that got none."""
    if payload.customer_no or payload.new_customer is None:
        return payload.customer_no
    customer = customers.get(payload.new_customer.id)
    return customer.no if customer else ""


async def _number_customers(
    tx: Transaction, kept: Sequence[KeptTransaction], attempt: Attempt
) -> dict[UUID, Customer]:
    """Customers that tills made, under their numbers: the one given before, else the next."""
    new = {
        customer.id: customer
        for each in kept
        if (customer := each.transaction.payload.new_customer) and not each.transaction.payload.customer_no
    }
    if not new:
        return {}
    given = await channel_transactions.customers(tx, new)
    numbered = {id_: Customer(version=1, no=no, name="") for id_, no in given.items()}
    without = [id_ for id_ in new if id_ not in given]
    fresh = await series.take_free(tx, number_series.CUSTOMER, len(without), partial(_taken_customer_nos, tx))
    for id_, no in zip(without, fresh, strict=False):
        numbered[id_] = customer_of_till(new[id_], no)
    for each in kept:
        payload = each.transaction.payload
        if (
            payload.new_customer
            and payload.new_customer.id in new
            and payload.new_customer.id not in numbered
        ):
            attempt.unnumbered.append(each.transaction.transaction_id)
    return numbered


async def _taken_customer_nos(tx: Transaction, nos: Sequence[str]) -> set[str]:
    return set(await records.load(tx, KINDS_OF_SALES, Customer, nos))


async def _look_up(tx: Transaction, kept: Sequence[KeptTransaction], customers: Customers) -> ReferenceData:
    """Stores first: their locations say which items and locations are meant, where the lines do not say it."""
    payloads = [each.transaction.payload for each in kept]
    query = ReferenceQuery()
    need_setups(query)
    for payload in payloads:
        need_till_order(query, payload, _customer_no(payload, customers))
    references = await load(tx, query)
    asked = set(query)
    for payload in payloads:
        need_store_locations(query, payload, references)
    if set(query) != asked:
        references = await load(tx, query)
    new = {customer.no: customer for customer in customers.values() if customer.version == 0}
    return references.with_records(Customer, new) if new else references


async def _store(
    tx: Transaction, kept: Sequence[KeptTransaction], orders: Mapping[UUID, Order], attempt: Attempt
) -> None:
    attempt.made = await order_store.insert_numbered(tx, orders)
    attempt.unnumbered += [id_ for id_ in orders if id_ not in attempt.made]
    for each in kept:
        order = attempt.made.get(each.transaction.transaction_id)
        if order:
            publish_new(tx, order, each.context, "created", "released")


async def _store_customers(
    tx: Transaction, kept: Iterable[KeptTransaction], attempt: Attempt, customers: Customers
) -> None:
    """Customers whose first order exists now; those of failed orders are made when one succeeds."""
    made: dict[UUID, tuple[Customer, Context]] = {}
    for each in kept:
        new = each.transaction.payload.new_customer
        if new and each.transaction.transaction_id in attempt.made:
            customer = customers.get(new.id)
            if customer is not None and customer.version == 0:
                made[new.id] = (replace(customer, version=1), each.context)
    if not made:
        return
    await channel_transactions.number_customers(tx, {id_: customer.no for id_, (customer, _) in made.items()})
    await records.insert_records(tx, KINDS_OF_SALES, Customer, {c.no: c for c, _ in made.values()})
    for customer, context in made.values():
        tx.publish(CUSTOMER, customer.no, customer, context)
