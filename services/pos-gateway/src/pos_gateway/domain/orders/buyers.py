"""Who buys: a customer that sales knows, one made earlier at a till, or a new one (POS-23, POS-99; B2)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from contracts.pos import NewCustomer
from contracts.refusals import Violations
from contracts.sales import Customer
from contracts.values import Address
from domainkit import parties
from pos_gateway.domain.orders.commands import NewOrder, NewTillCustomer, address_of
from pos_gateway.domain.orders.context import OrderContext

NOWHERE = Address()


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Whose addresses the lines of an order may name."""

    customer_no: str = ""
    own: Address | None = None
    """Where a line ships to that names no address."""
    by_code: Mapping[str, Address] | None = None
    """The addresses of a customer that sales does not know yet; those of others are copies."""


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
        return _made_now(new.new_customer, context)
    if new.customer_id is not None:
        return _made_at_a_till(found, new.customer_id, context)
    return _known(found, new.customer_no or "", context)


def _known(found: Violations, customer_no: str, context: OrderContext) -> Buyer:
    customer = context.references.find(Customer, customer_no)
    if customer is None:
        found.unknown("customer", customer_no, "/customer_no", copy_of="customer")
        return Buyer(customer_no=customer_no)
    # Any block stops an order at a till: also one of shipping alone, since goods may be carried out at once.
    if customer.blocked or customer.privacy_blocked:
        detail = f"customer {customer_no} is blocked"
        found.conflict("customer-blocked", detail, "/customer_no", blocked=customer.blocked)
    own = parties.address_of(customer)
    addressee = Addressee(customer_no=customer_no, own=own if own.address or own.city else None)
    return Buyer(customer_no=customer_no, customer=customer, addressee=addressee)


def _made_now(new: NewTillCustomer, context: OrderContext) -> Buyer:
    """Its first address serves where a line names none."""
    addresses = [(address.code, address_of(address)) for address in new.addresses]
    own = addresses[0][1] if addresses else None
    customer = NewCustomer(
        id=context.new_id(),
        name=new.name,
        phone=new.phone or "",
        email=new.email or "",
        address=own or NOWHERE,
    )
    by_code = {code: address for code, address in addresses if code}
    return Buyer(new_customer=customer, addressee=Addressee(own=own, by_code=by_code))


def _made_at_a_till(found: Violations, customer_id: UUID, context: OrderContext) -> Buyer:
    made = context.till_customers.get(customer_id)
    if made is None:
        found.unknown("customer", str(customer_id), "/customer_id")
        return Buyer()
    own = made.customer.address if made.customer.address != NOWHERE else None
    if made.customer_no:
        return Buyer(customer_no=made.customer_no, addressee=Addressee(customer_no=made.customer_no, own=own))
    if context.settings.mode == "synchronous":
        detail = f"customer {customer_id} is not synchronized yet"
        found.invalid("customer-pending-sync", detail, "/customer_id")
    return Buyer(new_customer=made.customer, addressee=Addressee(own=own, by_code={}))
