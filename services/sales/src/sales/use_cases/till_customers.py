"""Customers that tills made: numbered before their first order, and stored with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from contracts.channel import ChannelOrder
from contracts.sales.masters import Customer, ShipToAddress
from contracts.topics import KINDS
from domainkit.references import ReferenceData
from eventkit.context import Context
from eventkit.transaction import Transaction
from recordkit import records, series
from sales.domain.channel.orders import addresses_of_till, customer_of_till
from sales.store import channel_transactions, number_series
from sales.store.channel_transactions import KeptTransaction
from sales.store.kinds import KINDS_OF_SALES

CUSTOMER = KINDS["customer"]
SHIP_TO_ADDRESS = KINDS["ship-to-address"]

Customers = Mapping[UUID, Customer]
"""Customers made at tills, by the till's id. Version 0: its record is not stored yet."""


UNNUMBERED: Final = "NEW"
"""Stands for the number of a customer that a rehearsal does not give."""


def customer_no_of(payload: ChannelOrder, customers: Customers) -> str:
    """The customer's number; "" for one made at the till that got none."""
    if payload.customer_no or payload.new_customer is None:
        return payload.customer_no
    customer = customers.get(payload.new_customer.id)
    return customer.no if customer else ""


def is_without_number(payload: ChannelOrder, customers: Customers) -> bool:
    """A customer made at the till has no number: their series has ended."""
    return payload.new_customer is not None and not customer_no_of(payload, customers)


async def number_customers(tx: Transaction, kept: Sequence[KeptTransaction]) -> dict[UUID, Customer]:
    """Customers that tills made, under their numbers: the one given before, else the next, while there is one."""
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
    return numbered


async def _taken_customer_nos(tx: Transaction, nos: Sequence[str]) -> set[str]:
    return set(await records.load(tx, KINDS_OF_SALES, Customer, nos))


def with_new(
    references: ReferenceData,
    new: Mapping[str, Customer],
    payloads: Sequence[ChannelOrder],
    customers: Customers,
) -> ReferenceData:
    """With the customers that the batch makes, and their addresses."""
    addresses: dict[str, ShipToAddress] = {}
    for made in (payload.new_customer for payload in payloads):
        if made is not None and made.id in customers and customers[made.id].no in new:
            addresses |= addresses_of_till(made, customers[made.id].no)
    return references.with_records(Customer, new).with_records(ShipToAddress, addresses)


async def store_customers(
    tx: Transaction, made_orders: Iterable[KeptTransaction], customers: Customers
) -> None:
    """Customers whose first order exists now, with their addresses; those of failed orders wait for another one."""
    made: dict[UUID, tuple[Customer, Context]] = {}
    addresses: dict[str, tuple[ShipToAddress, Context]] = {}
    for each in made_orders:
        new = each.transaction.payload.new_customer
        customer = customers.get(new.id) if new else None
        if new and customer is not None and customer.version == 0:
            made[new.id] = (replace(customer, version=1), each.context)
            named = addresses_of_till(new, customer.no)
            addresses |= {no: (address, each.context) for no, address in named.items()}
    if not made:
        return
    await channel_transactions.number_customers(tx, {id_: customer.no for id_, (customer, _) in made.items()})
    await records.insert_records(tx, KINDS_OF_SALES, Customer, {c.no: c for c, _ in made.values()})
    await records.insert_records(
        tx, KINDS_OF_SALES, ShipToAddress, {no: a for no, (a, _) in addresses.items()}
    )
    for customer, context in made.values():
        tx.publish(CUSTOMER, customer.no, customer, context)
    for no, (address, context) in addresses.items():
        tx.publish(SHIP_TO_ADDRESS, no, address, context)
