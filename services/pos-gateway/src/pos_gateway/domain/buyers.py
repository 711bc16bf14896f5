"""Who buys: a customer that sales knows, one made earlier at a till, or a new one (POS-23, POS-99; B2)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from contracts.pos import NewCustomer
from contracts.sales import Customer
from contracts.values import Address
from pos_gateway.domain import deliveries, new_order
from pos_gateway.domain.case import Case
from pos_gateway.domain.deliveries import Addressee
from pos_gateway.domain.new_order import no


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """The order's customer; `addressee` None: unknown, so nothing can be said about its addresses."""

    customer_no: str = ""
    customer: Customer | None = None
    new_customer: NewCustomer | None = None
    addressee: Addressee | None = None


def buyer_of(case: Case) -> Buyer:
    """Exactly one customer, named in one way; what is wrong with it is found."""
    new = case.new
    ways = [w for w in (no(new.customer_no), new.customer_id, new.new_customer) if w]
    if len(ways) != 1:
        detail = "name one customer, in one way" if ways else "an order needs a customer"
        case.found.invalid("customer-required", detail, "/customer_no")
        return Buyer()
    if new.new_customer is not None:
        return _new(case, new.new_customer)
    if new.customer_id is not None:
        return _made_at_a_till(case, new.customer_id)
    return _known(case, no(new.customer_no))


def _known(case: Case, customer_no: str) -> Buyer:
    customer = case.known.customers.get(customer_no)
    if customer is None:
        case.found.unknown("customer", customer_no, "/customer_no", copy_of="customer")
        return Buyer(customer_no=customer_no)
    if customer.blocked or customer.privacy_blocked:
        detail = f"customer {customer_no} is blocked"
        case.found.conflict("customer-blocked", detail, "/customer_no", blocked=customer.blocked)
    return Buyer(customer_no=customer_no, customer=customer, addressee=deliveries.of_customer(customer))


def _new(case: Case, new: new_order.NewCustomer) -> Buyer:
    if not new.name.strip():
        case.found.invalid("name-required", "a new customer needs a name", "/new_customer/name")
    addressee = deliveries.of_new_customer(new)
    customer = NewCustomer(
        id=case.occasion.customer_id,
        name=new.name.strip(),
        phone=(new.phone or "").strip(),
        email=(new.email or "").strip(),
        address=addressee.own or Address(),
    )
    return Buyer(new_customer=customer, addressee=addressee)


def _made_at_a_till(case: Case, customer_id: UUID) -> Buyer:
    made = case.known.till_customers.get(customer_id)
    if made is None:
        case.found.invalid("unknown-customer", f"customer {customer_id} does not exist", "/customer_id")
        return Buyer()
    own = made.customer.address if made.customer.address != Address() else None
    if made.customer_no:
        return Buyer(customer_no=made.customer_no, addressee=Addressee(customer_no=made.customer_no, own=own))
    if case.place.mode == "synchronous":
        detail = f"customer {customer_id} is not synchronized yet"
        case.found.invalid("customer-pending-sync", detail, "/customer_id")
    return Buyer(new_customer=made.customer, addressee=Addressee(own=own, by_code={}))
