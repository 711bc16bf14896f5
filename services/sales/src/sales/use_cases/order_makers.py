"""Turning channel transactions into released sales orders, a whole batch in one database transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

import msgspec
import structlog

from contracts.pos import ChannelOrder
from contracts.refusals import Refusal, Violation
from contracts.sales import Customer
from contracts.topics import KINDS
from eventkit.context import Context
from eventkit.transaction import Transaction as Tx
from sales.domain import channel as rules
from sales.domain.masters import Record
from sales.domain.orders import Order
from sales.domain.references import References
from sales.store import channel, masters, references, series
from sales.store import orders as order_store
from sales.store.channel import Kept
from sales.store.references import Wanted
from sales.use_cases.create_orders import line_ids, publish_new

CUSTOMER = KINDS["customer"]
_log = structlog.get_logger(__name__)


class Attempt(msgspec.Struct, kw_only=True):
    """What became of a batch: orders that were made, refusals, and those for which no number was left."""

    made: dict[UUID, Order] = {}
    refused: dict[UUID, Refusal] = {}
    unnumbered: list[UUID] = []


async def make_orders(tx: Tx, kept: Sequence[Kept]) -> Attempt:
    """Make, number, store and publish the orders of transactions that are locked; each fails alone (POS-94)."""
    attempt = Attempt()
    named = await _name_customers(tx, kept, attempt)
    refs = await _look_up(tx, kept, named)
    orders: dict[UUID, Order] = {}
    for each in kept:
        id_ = each.transaction.transaction_id
        if id_ in attempt.unnumbered:
            continue
        try:
            orders[id_] = _make(tx, each, named, refs)
        except Refusal as refusal:
            attempt.refused[id_] = refusal
    await _store(tx, kept, orders, attempt)
    await _store_customers(tx, kept, attempt, named)
    return attempt


def _make(tx: Tx, kept: Kept, named: Mapping[UUID, Customer], refs: References) -> Order:
    payload = kept.transaction.payload
    customer_no = _customer_no(payload, named)
    try:
        return rules.make_order(payload, customer_no, refs, line_ids(), refs.today(tx.now))
    except Refusal:
        raise
    except Exception as error:
        # A defect of ours on one transaction must not stop the others: it fails alone and is seen.
        _log.exception("a channel transaction could not be decided", confirmation_no=payload.confirmation_no)
        raise Refusal(Violation("internal-error", f"unexpected: {type(error).__name__}")) from error


def _customer_no(payload: ChannelOrder, named: Mapping[UUID, Customer]) -> str:
    if payload.customer_no or payload.new_customer is None:
        return payload.customer_no
    return named[payload.new_customer.id].no


async def _name_customers(tx: Tx, kept: Sequence[Kept], attempt: Attempt) -> dict[UUID, Customer]:
    """Customers that tills made, under their numbers: the one given before, else the next (version 0: to be made)."""
    new = {
        customer.id: customer
        for each in kept
        if (customer := each.transaction.payload.new_customer) and not each.transaction.payload.customer_no
    }
    if not new:
        return {}
    numbers = await channel.customers(tx, new)
    named = {id_: Customer(version=1, no=no, name="") for id_, no in numbers.items()}
    unnamed = [id_ for id_ in new if id_ not in numbers]
    taken = partial(masters.taken, tx, "customer")
    fresh = await series.take_free(tx, series.CUSTOMER, len(unnamed), taken)
    for id_, no in zip(unnamed, fresh, strict=False):
        named[id_] = msgspec.structs.replace(rules.customer_of_till(new[id_], no), version=0)
    for each in kept:
        payload = each.transaction.payload
        if payload.new_customer and payload.new_customer.id in new and payload.new_customer.id not in named:
            attempt.unnumbered.append(each.transaction.transaction_id)
    return named


async def _look_up(tx: Tx, kept: Sequence[Kept], named: Mapping[UUID, Customer]) -> References:
    """Stores first: their locations say which items and locations are meant, where the lines do not say it."""
    payloads = [each.transaction.payload for each in kept]
    wanted = Wanted()
    for payload in payloads:
        wanted.store(payload.transaction.store_no)
        wanted.currencies.add(payload.currency_code)
        wanted.charge(payload.shipping_charge_code)
        for line in payload.lines:
            wanted.store(line.pickup_store_no)
            if line.location_code:
                wanted.item(line.item_no, line.location_code)
                wanted.location(line.location_code)
            wanted.customer(_customer_no_or_blank(payload, named), line.address_code)
    refs = await references.load(tx, wanted, tx.now.date())
    asked, stores = wanted.keys(), refs.stores
    for payload in payloads:
        own = stores.get(payload.transaction.store_no)
        for line in payload.lines:
            at = stores.get(line.pickup_store_no) if line.pickup_store_no else own
            location = line.location_code or (at.location_code if at else "")
            wanted.item(line.item_no, location)
            wanted.location(location)
        wanted.location(own.location_code if own else "")
    if wanted.keys() != asked:
        refs = await references.load(tx, wanted, tx.now.date())
    made = {customer.no: customer for customer in named.values() if customer.version == 0}
    return msgspec.structs.replace(refs, customers={**refs.customers, **made})


def _customer_no_or_blank(payload: ChannelOrder, named: Mapping[UUID, Customer]) -> str:
    if payload.customer_no or payload.new_customer is None:
        return payload.customer_no
    known = named.get(payload.new_customer.id)
    return known.no if known else ""


async def _store(tx: Tx, kept: Sequence[Kept], orders: Mapping[UUID, Order], attempt: Attempt) -> None:
    attempt.made = await order_store.insert_numbered(tx, orders)
    attempt.unnumbered += [id_ for id_ in orders if id_ not in attempt.made]
    for each in kept:
        order = attempt.made.get(each.transaction.transaction_id)
        if order:
            publish_new(tx, order, each.context, "created", "released")


async def _store_customers(
    tx: Tx, kept: Iterable[Kept], attempt: Attempt, named: Mapping[UUID, Customer]
) -> None:
    """Customers whose first order exists now; those of failed orders are made when one succeeds."""
    made: dict[UUID, tuple[Customer, Context]] = {}
    for each in kept:
        new = each.transaction.payload.new_customer
        if new and each.transaction.transaction_id in attempt.made:
            customer = named.get(new.id)
            if customer is not None and customer.version == 0:
                made[new.id] = (msgspec.structs.replace(customer, version=1), each.context)
    if not made:
        return
    await channel.name_customers(tx, {id_: customer.no for id_, (customer, _) in made.items()})
    records: dict[masters.Key, Record] = {("customer", c.no): c for c, _ in made.values()}
    await masters.store(tx, records, new=records.keys())
    for customer, context in made.values():
        tx.publish(CUSTOMER, customer.no, customer, context)
