"""How the goods of a line reach the customer: shipped, picked up, or carried out (POS-24 to POS-31)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from contracts.keys import ship_to_address_no
from contracts.refusals import Violations
from contracts.sales import ShipToAddress
from contracts.values import Address
from domainkit import parties
from pos_gateway.domain.orders.buyers import NOWHERE, Addressee
from pos_gateway.domain.orders.commands import NewFulfilment, NewOrder, address_of
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.setup.records import Store

SHIP, PICKUP, CARRY_OUT = "ship", "pickup", "carry_out"
_UNSAID = NewFulfilment()


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How one line is delivered, with everything that the header said for it."""

    mode: str
    location_code: str
    pickup_store_no: str = ""
    address_code: str = ""
    address: Address | None = None
    requested_date: date
    delivery_date: date | None = None
    delivery_mode: str = ""


def inherited(header: NewFulfilment | None, line: NewFulfilment | None) -> NewFulfilment:
    """What the line says, with what the header says where it is silent and both go the same way (POS-25, POS-31)."""
    if header is None or line is None:
        return line or header or _UNSAID
    if line.mode is not None and line.mode != header.mode:
        return msgspec.structs.replace(line, date=line.date or header.date)
    own = {name: value for name in line.__struct_fields__ if (value := getattr(line, name)) is not None}
    return msgspec.structs.replace(header, **own)


def location_of(fulfilment: NewFulfilment, store: Store, stores: Mapping[str, Store]) -> str:
    """Where the goods of a line lie: at the store to pick them up at, where to ship them from, else at the store."""
    if fulfilment.mode == SHIP:
        return fulfilment.location_code or store.location_code
    pickup = stores.get(fulfilment.store_no or "") if fulfilment.mode == PICKUP else None
    return (pickup or store).location_code


def check_delivery(
    found: Violations,
    new: NewOrder,
    fulfilment: NewFulfilment,
    addressee: Addressee | None,
    context: OrderContext,
    pointer: str,
) -> Delivery | None:
    """The line's delivery; None if something is wrong with it. `addressee` None: the customer is unknown."""
    before = len(found)
    requested = _check_dates(found, new, fulfilment, pointer)
    if fulfilment.mode == SHIP:
        delivery = _shipped(found, fulfilment, requested, addressee, context, pointer)
    elif fulfilment.mode == PICKUP:
        delivery = _picked_up(found, fulfilment, requested, context, pointer)
    else:
        delivery = _carried_out(fulfilment, requested, context)
        if fulfilment.mode is None:
            detail = "say how the goods reach the customer: ship, pickup or carry_out"
            found.invalid("required", detail, f"{pointer}/mode")
    return delivery if len(found) == before else None


def _check_dates(found: Violations, new: NewOrder, fulfilment: NewFulfilment, pointer: str) -> date:
    """The wanted date, today unless given; no date lies before the business date (POS-26)."""
    business_date = new.transaction.business_date
    requested = fulfilment.date or fulfilment.delivery_date or business_date
    if requested < business_date or (fulfilment.delivery_date or requested) < business_date:
        found.invalid("date-in-the-past", "the requested date is before the business date", f"{pointer}/date")
    return requested


def _carried_out(fulfilment: NewFulfilment, requested: date, context: OrderContext) -> Delivery:
    return Delivery(
        mode=CARRY_OUT,
        location_code=context.settings.store.location_code,
        requested_date=requested,
        delivery_mode=fulfilment.delivery_mode or "",
    )


def _shipped(
    found: Violations,
    fulfilment: NewFulfilment,
    requested: date,
    addressee: Addressee | None,
    context: OrderContext,
    pointer: str,
) -> Delivery:
    settings = context.settings
    location = location_of(fulfilment, settings.store, settings.stores)
    if not settings.store.reaches(location):
        detail = f"store {settings.store.no} does not ship from {location}"
        found.invalid("location-not-allowed", detail, f"{pointer}/location_code")
    return Delivery(
        mode=SHIP,
        location_code=location,
        address_code=fulfilment.address_code or "",
        address=_address(found, fulfilment, addressee, context, pointer),
        requested_date=requested,
        delivery_date=fulfilment.delivery_date,
        delivery_mode=fulfilment.delivery_mode or "",
    )


def _address(
    found: Violations,
    fulfilment: NewFulfilment,
    addressee: Addressee | None,
    context: OrderContext,
    pointer: str,
) -> Address | None:
    """The address written out, else the named one, else the customer's own (POS-25, B8)."""
    if fulfilment.address is not None and (written := address_of(fulfilment.address)) != NOWHERE:
        return written
    if addressee is None:
        return None
    if fulfilment.address_code:
        return _named_address(found, addressee, fulfilment.address_code, context, pointer)
    if addressee.own is None:
        found.invalid("address-required", "a line to ship needs an address", f"{pointer}/address_code")
    return addressee.own


def _named_address(
    found: Violations, addressee: Addressee, code: str, context: OrderContext, pointer: str
) -> Address | None:
    key = ship_to_address_no(addressee.customer_no, code)
    if addressee.by_code is not None:
        address = addressee.by_code.get(code)
    else:
        copy = context.references.find(ShipToAddress, key)
        address = parties.address_of(copy) if copy else None
    if address is None:
        detail = f"{code} is not an address of the customer"
        found.invalid("address-not-of-customer", detail, f"{pointer}/address_code")
        if addressee.by_code is None:
            found.may_change_with("ship-to-address", key)
    return address


def _picked_up(
    found: Violations, fulfilment: NewFulfilment, requested: date, context: OrderContext, pointer: str
) -> Delivery:
    """At the store itself, or at a store whose location is in its fulfilment group (POS-27, B9)."""
    settings = context.settings
    store, pickup_no = settings.store, fulfilment.store_no or ""
    pickup = settings.stores.get(pickup_no)
    if pickup is None or not (pickup.no == store.no or store.reaches(pickup.location_code)):
        detail = "name the store to pick up at"
        if pickup_no:
            detail = f"goods of store {store.no} cannot be picked up at {pickup_no}"
        found.invalid("pickup-location-not-allowed", detail, f"{pointer}/store_no", store_no=pickup_no)
    return Delivery(
        mode=PICKUP,
        location_code=location_of(fulfilment, store, settings.stores),
        pickup_store_no=pickup_no,
        requested_date=requested,
        delivery_mode=fulfilment.delivery_mode or "",
    )
