"""Who buys: a customer that sales knows, one made earlier at a till, or a new one (POS-23, POS-99; B2)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from contracts.pos import NamedAddress, NewCustomer
from contracts.refusals import Violations
from contracts.sales.masters import Customer
from contracts.values import Address
from domainkit import parties
from domainkit.structs import extended
from pos_gateway.domain.orders.commands import NewOrder, NewTillCustomer, address_of
from pos_gateway.domain.orders.context import OrderContext

NOWHERE = Address()


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Whose addresses the lines of an order may name: copies of a known customer's, and those given at a till."""

    customer_no: str = ""
    by_code: Mapping[str, Address] = {}


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """The order's customer; `addressee` None: unknown, so nothing can be said about its addresses."""

    customer_no: str = ""
    customer: Customer | None = None
    new_customer: NewCustomer | None = None
    addressee: Addressee | None = None


def check_buyer(found: Violations, new: NewOrder, context: OrderContext) -> Buyer:
    """Exactly one customer, named in one way."""
    ways = [way for way in (new.customer_no, new.customer_id, new.new_customer) if way]
    if len(ways) != 1:
        detail = "name one customer, in one way" if ways else "an order needs a customer"
        found.invalid("customer-required", detail, "/customer_no")
        return Buyer()
    if new.new_customer is not None:
        return _made_now(found, new.new_customer, context)
    if new.customer_id is not None:
        return _made_at_a_till(found, new.customer_id, context)
    return _known(found, new.customer_no or "", context)


def _known(found: Violations, customer_no: str, context: OrderContext) -> Buyer:
    customer = context.references.find(Customer, customer_no)
    if customer is None:
        found.unknown("customer", customer_no, "/customer_no", copy_of="customer")
        return Buyer(customer_no=customer_no)
    _check_blocked(found, customer, "/customer_no")
    return Buyer(customer_no=customer_no, customer=customer, addressee=Addressee(customer_no=customer_no))


def _check_blocked(found: Violations, customer: Customer, pointer: str) -> None:
    # Any block stops an order at a till: also one of shipping alone, since goods may be carried out at once.
    if parties.is_blocked(customer, parties.ORDERING):
        detail = f"customer {customer.no} is blocked"
        found.conflict("customer-blocked", detail, pointer, blocked=customer.blocked)


def _made_now(found: Violations, new: NewTillCustomer, context: OrderContext) -> Buyer:
    own = msgspec.structs.replace(address_of(new), name="", phone="")
    if own == NOWHERE and new.addresses:
        own = address_of(new.addresses[0])
    customer = NewCustomer(
        id=context.new_id(),
        name=new.name,
        phone=new.phone or "",
        email=new.email or "",
        address=own,
        addresses=_named_addresses(found, new, own),
    )
    return Buyer(new_customer=customer, addressee=Addressee(by_code=by_code(customer)))


def _named_addresses(found: Violations, new: NewTillCustomer, own: Address) -> tuple[NamedAddress, ...]:
    """Each under a code of its own; only the customer's own address needs none."""
    named: dict[str, NamedAddress] = {}
    for i, given in enumerate(new.addresses):
        address, pointer = address_of(given), f"/new_customer/addresses/{i}/code"
        if given.code in named:
            found.invalid("duplicate-address-code", f"address {given.code} is given twice", pointer)
        elif given.code:
            named[given.code] = extended(NamedAddress, address, code=given.code)
        elif i or address != own:
            found.invalid("required", "an address to ship to needs a code", pointer)
    return tuple(named.values())


def by_code(customer: NewCustomer) -> dict[str, Address]:
    """The addresses that lines may name of a customer made at a till."""
    return {each.code: extended(Address, each) for each in customer.addresses}


def _made_at_a_till(found: Violations, customer_id: UUID, context: OrderContext) -> Buyer:
    """A customer of an earlier order. Sales has made it under a number by now, or does so before this order."""
    made = context.till_customers.get(customer_id)
    if made is None:
        found.unknown("customer", str(customer_id), "/customer_id")
        return Buyer()
    no, addresses = made.customer_no, by_code(made.customer)
    if no:
        customer = context.references.find(Customer, no)
        if customer is not None:
            _check_blocked(found, customer, "/customer_id")
        addressee = Addressee(customer_no=no, by_code=addresses)
        return Buyer(customer_no=no, customer=customer, addressee=addressee)
    if context.settings.mode == "synchronous":
        detail = f"customer {customer_id} is not synchronized yet"
        found.invalid("customer-pending-sync", detail, "/customer_id")
    return Buyer(new_customer=made.customer, addressee=Addressee(by_code=addresses))
