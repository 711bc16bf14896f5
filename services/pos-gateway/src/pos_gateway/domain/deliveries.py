"""How the goods of a line reach the customer: shipped, picked up, or carried out (POS-24 to POS-31)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from contracts.sales import Customer, ShipToAddress
from contracts.values import Address
from pos_gateway.domain.case import Case
from pos_gateway.domain.configuration import Store
from pos_gateway.domain.new_order import NewCustomer, NewFulfilment, no

MODES = SHIP, PICKUP, CARRY_OUT = ("ship", "pickup", "carry_out")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The resolved way of one line."""

    mode: str
    location_code: str
    pickup_store_no: str = ""
    address_code: str = ""
    address: Address | None = None
    requested_date: date
    delivery_date: date | None = None
    delivery_mode: str = ""


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Whose addresses the lines of an order may name."""

    customer_no: str = ""
    own: Address | None = None
    by_code: Mapping[str, Address] | None = None
    """The addresses of a customer whom sales does not know yet; of others the copies are asked."""


def of_customer(customer: Customer) -> Addressee:
    """A customer that sales knows; its own address serves where a line names none."""
    own = _address_in(customer)
    return Addressee(customer_no=customer.no, own=own if own.address or own.city else None)


def of_new_customer(customer: NewCustomer) -> Addressee:
    """A customer made in this order; its first address serves where a line names none."""
    addresses = [(no(a.code), a.value()) for a in customer.addresses]
    return Addressee(
        own=addresses[0][1] if addresses else None,
        by_code={code: address for code, address in addresses if code},
    )


def inherited(header: NewFulfilment | None, line: NewFulfilment | None) -> NewFulfilment:
    """The line's wishes, with the header's where it has none and both go the same way (POS-25)."""
    if header is None or line is None:
        return line or header or NewFulfilment()
    if line.mode is not None and line.mode != header.mode:
        return msgspec.structs.replace(line, date=line.date or header.date)
    own = {f: value for f in line.__struct_fields__ if (value := getattr(line, f)) is not None}
    return msgspec.structs.replace(header, **own)


def location_of(wish: NewFulfilment, store: Store, stores: Mapping[str, Store]) -> str:
    """Where the goods of a line lie: at the store to pick them up at, where to ship them from, else at the store."""
    mode = _mode(wish)
    if mode == SHIP:
        return no(wish.location_code) or store.location_code
    place = stores.get(no(wish.store_no)) if mode == PICKUP else None
    return (place or store).location_code


def _mode(wish: NewFulfilment) -> str:
    return wish.mode.strip().lower() if wish.mode else ""


def resolve(case: Case, wish: NewFulfilment, addressee: Addressee | None, pointer: str) -> Delivery | None:
    """The line's delivery, or None with what is wrong found. `addressee` None: the customer is unknown."""
    found = case.found
    before = len(found)
    business_date = case.new.transaction.business_date
    requested = wish.date or wish.delivery_date or business_date
    if requested < business_date or (wish.delivery_date or requested) < business_date:
        found.invalid("date-in-the-past", "the requested date is before the business date", f"{pointer}/date")
    mode = _mode(wish)
    if mode == SHIP:
        delivery = _shipped(case, wish, requested, addressee, pointer)
    elif mode == PICKUP:
        delivery = _picked_up(case, wish, requested, pointer)
    else:
        delivery = _carried_out(case, wish, requested)
        if mode != CARRY_OUT:
            found.invalid("invalid-mode", f"mode must be one of {', '.join(MODES)}", f"{pointer}/mode")
    return delivery if len(found) == before else None


def _carried_out(case: Case, wish: NewFulfilment, requested: date) -> Delivery:
    return Delivery(
        mode=CARRY_OUT,
        location_code=case.place.store.location_code,
        requested_date=requested,
        delivery_mode=no(wish.delivery_mode),
    )


def _shipped(
    case: Case, wish: NewFulfilment, requested: date, addressee: Addressee | None, pointer: str
) -> Delivery:
    store = case.place.store
    location = location_of(wish, store, case.place.stores)
    if not store.reaches(location):
        detail = f"store {store.no} does not ship from {location}"
        case.found.invalid("location-not-allowed", detail, f"{pointer}/location_code")
    return Delivery(
        mode=SHIP,
        location_code=location,
        address_code=no(wish.address_code),
        address=_address(case, wish, addressee, pointer),
        requested_date=requested,
        delivery_date=wish.delivery_date,
        delivery_mode=no(wish.delivery_mode),
    )


def _address(case: Case, wish: NewFulfilment, addressee: Addressee | None, pointer: str) -> Address | None:
    """The address written out, else the named one, else the customer's own (POS-25, B8)."""
    if wish.address is not None and (written := wish.address.value()) != Address():
        return written
    if addressee is None:
        return None
    code = no(wish.address_code)
    if code:
        return _named_address(case, addressee, code, pointer)
    if addressee.own is None:
        case.found.invalid("address-required", "a line to ship needs an address", f"{pointer}/address_code")
    return addressee.own


def _named_address(case: Case, addressee: Addressee, code: str, pointer: str) -> Address | None:
    key = f"{addressee.customer_no}/{code}"
    if addressee.by_code is not None:
        address = addressee.by_code.get(code)
    else:
        copy = case.known.ship_to_addresses.get(key)
        address = _address_in(copy) if copy else None
    if address is None:
        detail = f"{code} is not an address of the customer"
        case.found.invalid("address-not-of-customer", detail, f"{pointer}/address_code")
        if addressee.by_code is None:
            case.found.may_change_with("ship-to-address", key)
    return address


def _address_in(record: Customer | ShipToAddress) -> Address:
    return Address(
        name=record.name,
        address=record.address,
        address_2=record.address_2,
        city=record.city,
        post_code=record.post_code,
        region=record.region,
        country_code=record.country_code,
        contact=record.contact,
        phone=record.phone,
    )


def _picked_up(case: Case, wish: NewFulfilment, requested: date, pointer: str) -> Delivery:
    """At the store itself, or at a store whose location is in its fulfilment group (POS-27, B9)."""
    store = case.place.store
    place_no = no(wish.store_no)
    place = case.place.stores.get(place_no)
    if place is None or not (place.no == store.no or store.reaches(place.location_code)):
        detail = "name the store to pick up at"
        if place_no:
            detail = f"goods of store {store.no} cannot be picked up at {place_no}"
        case.found.invalid("pickup-location-not-allowed", detail, f"{pointer}/store_no", store_no=place_no)
    return Delivery(
        mode=PICKUP,
        location_code=location_of(wish, store, case.place.stores),
        pickup_store_no=place_no,
        requested_date=requested,
        delivery_mode=no(wish.delivery_mode),
    )
