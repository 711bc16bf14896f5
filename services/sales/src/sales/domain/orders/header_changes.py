"""Changing what stands above the lines of an open order."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from contracts.planning.masters import Location
from contracts.refusals import Violations
from contracts.sales.masters import Customer
from contracts.values import Address
from domainkit.changes import AddressChanges
from domainkit.parties import address_of
from domainkit.rates import check_rate, in_currency, rate_on
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.orders.commands import HeaderChanges
from sales.domain.orders.context import OrderContext, Sourcings
from sales.domain.orders.header_rules import (
    check_discount_stays,
    check_invoice_discount,
    customer_of,
    location_of,
    ship_to_address,
)
from sales.domain.orders.line_changes import why_guarded
from sales.domain.orders.lines import Line
from sales.domain.orders.order import OPEN, RELEASED, Order, refuse_unless_open
from sales.domain.references import need_ship_to

DECIDED: Final = frozenset({"customer_no", "ship_to_code", "ship_to", "location_code", "currency_code"})
"""Fields on which others depend; the rest is taken as it is given."""

OF_WHOLE_ORDER: Final = frozenset({"customer_no", "currency_code"})
"""Header fields that concern every bought line; the others concern where a drop shipment goes."""


def need_header_changes(query: ReferenceQuery, order: Order, changes: HeaderChanges) -> None:
    """What changing the header looks up besides what the order names already."""
    given = changes.given()
    customer_no = given.get("customer_no", order.customer_no)
    query.need(Customer, customer_no)
    need_ship_to(query, customer_no, given.get("ship_to_code", ""))
    query.need(Location, given.get("location_code"))
    query.need_rates(given.get("currency_code"), given.get("order_date"))


def change_header(order: Order, changes: HeaderChanges, context: OrderContext) -> Order:
    """The order with its header changed; lines keep what they copied from it, their prices in the order's currency."""
    found = Violations()
    given = changes.given()
    if order.status in {OPEN, RELEASED}:
        _check_held_lines(found, order, given, context.sourcings)
        found.refuse_if_any()
    refuse_unless_open(order)
    references = context.references
    after = replace(order, **{name: value for name, value in given.items() if name not in DECIDED})
    after = _with_customer(found, after, given, references)
    after = with_delivery(found, after, given, references)
    if (currency_code := given.get("currency_code")) is not None:
        after = replace(after, currency_code=currency_code or references.home_currency)
    if (location_code := given.get("location_code")) is not None:
        customer = _known_customer(after, references)
        location = location_of(found, location_code, customer, after.ship_to_code, references)
        after = replace(after, location_code=location)
    after = _with_currency(found, order, after, references)
    if "invoice_discount_amount" in given:
        check_invoice_discount(found, after)
        check_discount_stays(found, order, after)
    found.refuse_if_any()
    return after


def _check_held_lines(found: Violations, order: Order, given: dict[str, Any], sourcings: Sourcings) -> None:
    """Customer and currency stay while any line is bought for this order, the address while a drop shipment is."""
    wanted = given | ({"ship_to": ship_to} if (ship_to := _address(order, given)) else {})
    held = ("customer_no", "currency_code", "ship_to_code", "ship_to")
    moved = [field for field in held if field in wanted and wanted[field] != getattr(order, field)]
    for field in moved:
        for line in order.lines:
            why = why_guarded(line, sourcings.get(line.id))
            if why and (line.drop_shipment or field in OF_WHOLE_ORDER):
                code, detail = why
                found.conflict(code, f"cannot change {field}: {detail}", f"/{field}", line_no=line.line_no)
    for field in moved:
        if field in OF_WHOLE_ORDER and any(line.postings for line in order.lines):
            found.conflict("has-postings", f"{field} of an order with postings stays", f"/{field}")


def _address(order: Order, given: dict[str, Any]) -> Address | None:
    """The order's address with the parts that were given; None if none was."""
    parts = given.get("ship_to")
    return parts.applied_to(order.ship_to) if isinstance(parts, AddressChanges) else None


def _with_currency(found: Violations, before: Order, after: Order, references: ReferenceData) -> Order:
    """Another currency converts what stands on the lines, at the rates of the order's day."""
    code, day = after.currency_code, after.order_date
    if (code, day) == (before.currency_code, before.order_date):
        return after
    check_rate(found, references, code, day)
    old, new = rate_on(references, before.currency_code, day), rate_on(references, code, day)
    if code == before.currency_code or old is None or new is None:
        return after

    def converted(line: Line) -> Line:
        price = in_currency(line.unit_price * old, code, new)
        off = line.line_discount_amount
        if off is not None:
            off = in_currency(off * old, code, new)
        return replace(line, unit_price=price, line_discount_amount=off)

    if after.invoice_discount_amount and after.invoice_discount_amount == before.invoice_discount_amount:
        discount = in_currency(after.invoice_discount_amount * old, code, new)
        after = replace(after, invoice_discount_amount=discount)
    return after.map_lines(converted)


def _with_customer(
    found: Violations, order: Order, given: dict[str, Any], references: ReferenceData
) -> Order:
    no = given.get("customer_no", order.customer_no)
    if no == order.customer_no:
        return order
    customer = customer_of(found, type(order), no, references)
    return replace(
        order,
        customer_no=no,
        customer_name=customer.name,
        ship_to_code="",
        ship_to=address_of(customer),
        currency_code=customer.currency_code or references.home_currency,
    )


def with_delivery(found: Violations, order: Order, given: dict[str, Any], references: ReferenceData) -> Order:
    """The order with the delivery address that was given, whole or in parts."""
    if not given.keys() & {"ship_to_code", "ship_to"}:
        return order
    code = given.get("ship_to_code", order.ship_to_code)
    customer = _known_customer(order, references)
    ship_to = ship_to_address(found, customer, code, _address(order, given), references)
    return replace(order, ship_to_code=code, ship_to=ship_to)


def _known_customer(order: Order, references: ReferenceData) -> Customer:
    return references.find(Customer, order.customer_no) or Customer(version=0, no=order.customer_no, name="")
