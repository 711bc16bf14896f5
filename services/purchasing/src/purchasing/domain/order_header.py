"""The header of a purchase order: what a new one gets, what may change, release, reopen, delete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from contracts.purchasing import Vendor
from contracts.refusals import Refusal, Violations, conflict, invalid, unknown
from contracts.values import Address, Model
from purchasing.domain.known import Known, customer_violations, postal, vendor_violations
from purchasing.domain.order_lines import (
    LineDraft,
    must_be_a_location,
    must_be_deletable,
    new_lines,
    priced,
    terms,
)
from purchasing.domain.orders import CLOSED, OPEN, RELEASED, Line, Order, as_deleted

NewId = Callable[[], UUID]


class OrderDraft(Model, frozen=True, kw_only=True):
    """A new order as its author wrote it; what is None comes from the vendor, the customer or the company."""

    vendor_no: str
    no: str = ""
    sell_to_customer_no: str = ""
    ship_to_code: str = ""
    ship_to: Address | None = None
    location_code: str | None = None
    currency_code: str = ""
    order_date: date | None = None
    your_reference: str = ""
    shipment_method_code: str | None = None
    lines: tuple[LineDraft, ...] = ()


class HeaderChange(Model, frozen=True, kw_only=True):
    """The fields of a header to change; the others stay. `ship_to` holds the address parts that change."""

    vendor_no: str | UnsetType = UNSET
    sell_to_customer_no: str | UnsetType = UNSET
    ship_to_code: str | UnsetType = UNSET
    ship_to: dict[str, str] | UnsetType = UNSET
    location_code: str | UnsetType = UNSET
    currency_code: str | UnsetType = UNSET
    order_date: date | UnsetType = UNSET
    your_reference: str | UnsetType = UNSET
    shipment_method_code: str | UnsetType = UNSET


def new_order(draft: OrderDraft, known: Known, new_id: NewId) -> Order:
    """A new open order, whose number is given last; refused with the reasons of header and lines at once."""
    vendor = known_vendor(draft.vendor_no, known)
    found = Violations()
    location_code = vendor.location_code if draft.location_code is None else draft.location_code
    ship_to = draft.ship_to
    try:
        must_be_a_location(location_code, known, "/location_code")
        default = ship_to_of(draft.sell_to_customer_no, draft.ship_to_code, location_code, known)
        ship_to = ship_to if ship_to is not None else default
    except Refusal as e:
        found.include(e)
    header = Order(
        no=draft.no,
        version=1,
        vendor_no=vendor.no,
        vendor_name=vendor.name,
        sell_to_customer_no=draft.sell_to_customer_no,
        ship_to_code=draft.ship_to_code,
        ship_to=ship_to or Address(),
        location_code=location_code,
        currency_code=known.order_currency(vendor, draft.currency_code),
        order_date=draft.order_date or known.today,
        your_reference=draft.your_reference,
        shipment_method_code=(
            vendor.shipment_method_code if draft.shipment_method_code is None else draft.shipment_method_code
        ),
    )
    try:
        order = new_lines(header, draft.lines, known, new_id)
    except Refusal as e:
        found.include(e)
    found.refuse_if_any()
    return order


def known_vendor(vendor_no: str, known: Known) -> Vendor:
    """The vendor, if it exists and is not blocked."""
    vendor = known.vendors.get(vendor_no)
    if vendor is None:
        raise unknown("vendor", vendor_no, pointer="/vendor_no")
    if violations := vendor_violations(vendor_no, vendor):
        raise Refusal(*violations)
    return vendor


def ship_to_of(customer_no: str, ship_to_code: str, location_code: str, known: Known) -> Address:
    """Where the vendor delivers: to the customer (BC-DS-07) if one is named, else to location or company."""
    if not customer_no:
        if ship_to_code:
            raise invalid(
                "customer-required", "a ship-to code needs a sell-to customer", pointer="/sell_to_customer_no"
            )
        return known.receiving_address(location_code)
    customer = known.customers.get(customer_no)
    if customer is None:
        raise unknown("customer", customer_no, pointer="/sell_to_customer_no", copy_of="customer")
    if violations := customer_violations(customer_no, customer, shipping=False):
        raise Refusal(*violations)
    if not ship_to_code:
        return postal(customer)
    address = known.ship_to_addresses.get((customer_no, ship_to_code))
    if address is None:
        refusal = unknown("ship-to-address", ship_to_code, pointer="/ship_to_code")
        key = f"{customer_no}/{ship_to_code}"
        raise Refusal(*refusal.violations, waits_for=(("ship-to-address", key),))
    return postal(address)


def changed_header(order: Order, change: HeaderChange, known: Known) -> Order:
    """The order after a change of its header (BC-SO-39, BC-DS-34)."""
    order.must_be_open()
    given = {
        name: getattr(change, name) for name in change.__struct_fields__ if getattr(change, name) is not UNSET
    }
    parts = given.pop("ship_to", {})
    given = {name: value for name, value in given.items() if value != getattr(order, name)}
    if any(getattr(order.ship_to, part) != text for part, text in parts.items()):
        given["ship_to"] = msgspec.structs.replace(order.ship_to, **parts)
    _must_keep_links(order, given)
    if "location_code" in given:
        must_be_a_location(given["location_code"], known, "/location_code")
    after = order.replaced(**given)
    if given.keys() & {"sell_to_customer_no", "ship_to_code", "location_code"}:
        after = _readdressed(order, after, given, parts, known)
    if given.keys() & {"vendor_no", "currency_code"}:
        after = _for_vendor(after, given, known)
    return after


def _must_keep_links(order: Order, given: dict[str, object]) -> None:
    """Whose goods these are stays while lines are linked; where a drop shipment goes, too."""
    linked = order.linked_lines
    guarded: set[str] = {"sell_to_customer_no"} if linked else set()
    if any(line.drop_shipment for line in linked):
        guarded |= {"ship_to_code", "ship_to"}
    violations = tuple(
        conflict(
            "associated-with-sales-order",
            f"{name} of purchase order {order.no} cannot change: it is associated with sales order "
            f"{_sales_order_nos(linked)}",
            pointer=f"/{name}",
            sales_order_no=_sales_order_nos(linked[:1]),
        ).violations[0]
        for name in sorted(guarded & given.keys())
    )
    if violations:
        raise Refusal(*violations)
    if "vendor_no" in given and order.has_postings:
        raise conflict(
            "has-postings", f"purchase order {order.no} was received from its vendor", pointer="/vendor_no"
        )


def _sales_order_nos(lines: tuple[Line, ...]) -> str:
    return ", ".join(sorted({line.link.sales.sales_order_no for line in lines if line.link is not None}))


def _readdressed(
    before: Order, after: Order, given: dict[str, object], parts: dict[str, str], known: Known
) -> Order:
    """Another customer clears the ship-to code; the address follows, unless the author gave one."""
    if "sell_to_customer_no" in given and "ship_to_code" not in given:
        after = after.replaced(ship_to_code="")
    to_customer = bool(before.sell_to_customer_no or after.sell_to_customer_no)
    if to_customer and not given.keys() & {"sell_to_customer_no", "ship_to_code"}:
        return after
    address = ship_to_of(after.sell_to_customer_no, after.ship_to_code, after.location_code, known)
    return after.replaced(ship_to=msgspec.structs.replace(address, **parts))


def _for_vendor(order: Order, given: dict[str, object], known: Known) -> Order:
    """The lines at the vendor's terms in the order's currency; ids, quantities, units and links stay."""
    vendor = known_vendor(order.vendor_no, known)
    currency_code = order.currency_code if given.get("currency_code") else known.order_currency(vendor)
    after = order.replaced(vendor_name=vendor.name, currency_code=currency_code)
    if "vendor_no" in given and "shipment_method_code" not in given:
        after = after.replaced(shipment_method_code=vendor.shipment_method_code)
    return after.with_lines(priced(line, terms(after, line, known)) for line in after.live_lines)


def released(order: Order, known: Known) -> Order:
    """Release for receiving. A released order stays as it is."""
    if order.status == RELEASED:
        return order
    order.must_be_open()
    if not order.live_lines:
        raise conflict("nothing-to-release", f"purchase order {order.no} has no lines")
    known_vendor(order.vendor_no, known)
    return order.replaced(status=RELEASED)


def reopened(order: Order) -> Order:
    """Open for changes again. An open order stays as it is, a closed one is history."""
    if order.status == CLOSED:
        raise conflict("order-closed", f"purchase order {order.no} is closed")
    return order.replaced(status=OPEN)


def deleted(order: Order) -> Order:
    """The order gone, its links inactive; refused once anything was received."""
    if any(line.qty_rcd_not_invoiced > 0 for line in order.lines):
        raise conflict(
            "received-not-invoiced", f"purchase order {order.no} has receipts that are not invoiced"
        )
    if order.has_postings:
        raise conflict("has-postings", f"purchase order {order.no} has postings")
    return order.with_lines(as_deleted(line) for line in order.live_lines).replaced(deleted=True)


def without_line(order: Order, line_no: int) -> Order:
    """The order without this line: it stays as a deleted one, its link inactive."""
    line = order.line(line_no, addressed=True)
    must_be_deletable(order, line)
    return order.with_lines([as_deleted(line)])
