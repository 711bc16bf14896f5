"""How the goods of a line reach the customer: shipped, picked up, or carried out (POS-24 to POS-31)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from contracts.keys import ship_to_address_no
from contracts.refusals import Violations
from contracts.sales.masters import ShipToAddress
from contracts.values import Address
from domainkit import parties
from pos_gateway.domain.orders.buyers import Addressee
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
    """The wanted date, today unless given; no date lies before the business date (POS-26).

    What is shipped needs one (POS-25): another person packs it on another day.
    """
    business_date = new.transaction.business_date
    given = fulfilment.date or fulfilment.delivery_date
    if given is None and fulfilment.mode == SHIP:
        found.invalid("required", "a line to ship needs a date", f"{pointer}/date")
    for field, day in (("date", fulfilment.date), ("delivery_date", fulfilment.delivery_date)):
        if day is not None and day < business_date:
            detail = "the requested date is before the business date"
            found.invalid("date-in-the-past", detail, f"{pointer}/{field}")
    return given or business_date


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
        address=_check_address(found, fulfilment, addressee, context, pointer),
        requested_date=requested,
        delivery_date=fulfilment.delivery_date,
        delivery_mode=_shipping_mode(found, fulfilment, context, pointer),
    )


def _shipping_mode(found: Violations, fulfilment: NewFulfilment, context: OrderContext, pointer: str) -> str:
    """How it is shipped: needed (POS-25), and no mode in which goods are picked up (POS-10)."""
    mode = fulfilment.delivery_mode or ""
    if not mode:
        found.invalid("required", "a line to ship needs a mode of delivery", f"{pointer}/delivery_mode")
    elif mode in context.settings.parameters.pickup_delivery_modes:
        detail = f"{mode} is a mode in which goods are picked up"
        found.invalid("delivery-mode-not-allowed", detail, f"{pointer}/delivery_mode")
    return mode


def _check_address(
    found: Violations,
    fulfilment: NewFulfilment,
    addressee: Addressee | None,
    context: OrderContext,
    pointer: str,
) -> Address | None:
    """Written out or named; a code must be one of the customer's even beside a written address (POS-25, B8)."""
    code, address = fulfilment.address_code, address_to(fulfilment, addressee, context)
    if not code and address is None:
        found.invalid("address-required", "a line to ship needs an address", f"{pointer}/address_code")
    elif code and addressee is not None and _named(addressee, code, context) is None:
        detail = f"{code} is not an address of the customer"
        found.invalid("address-not-of-customer", detail, f"{pointer}/address_code")
        if addressee.customer_no:
            found.may_change_with("ship-to-address", ship_to_address_no(addressee.customer_no, code))
    return address


def address_to(
    fulfilment: NewFulfilment, addressee: Addressee | None, context: OrderContext
) -> Address | None:
    """Where goods are shipped to: the address written out, else the named one; None if neither is known."""
    if fulfilment.address is not None:
        written = address_of(fulfilment.address)
        if written.address or written.city or written.post_code:
            return written
    if not fulfilment.address_code or addressee is None:
        return None
    return _named(addressee, fulfilment.address_code, context)


def _named(addressee: Addressee, code: str, context: OrderContext) -> Address | None:
    """The copy first: an address given at a till may have been changed in sales since."""
    key = ship_to_address_no(addressee.customer_no, code)
    copy = context.references.find(ShipToAddress, key) if addressee.customer_no else None
    return parties.address_of(copy) if copy else addressee.by_code.get(code)


def _picked_up(
    found: Violations, fulfilment: NewFulfilment, requested: date, context: OrderContext, pointer: str
) -> Delivery:
    """At the store itself, or at one whose location is in its fulfilment group, unless it is closed (POS-27, B9)."""
    settings = context.settings
    store, pickup_no = settings.store, fulfilment.store_no or ""
    pickup = settings.stores.get(pickup_no)
    within = pickup is not None and (pickup.no == store.no or store.reaches(pickup.location_code))
    if pickup is None or not within or pickup.closed:
        detail = "name the store to pick up at"
        if pickup_no:
            detail = f"goods of store {store.no} cannot be picked up at {pickup_no}"
        found.invalid("pickup-location-not-allowed", detail, f"{pointer}/store_no", store_no=pickup_no)
    modes, mode = settings.parameters.pickup_delivery_modes, fulfilment.delivery_mode or ""
    if mode and modes and mode not in modes:
        detail = f"{mode} is no mode in which goods are picked up"
        found.invalid("delivery-mode-not-allowed", detail, f"{pointer}/delivery_mode")
    return Delivery(
        mode=PICKUP,
        location_code=location_of(fulfilment, store, settings.stores),
        pickup_store_no=pickup_no,
        requested_date=requested,
        delivery_mode=mode,
    )
