"""Changes of the header of a purchase order, and what they mean for its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import UNSET

from contracts.planning.masters import Location
from contracts.refusals import Violations
from domainkit.decisions import DecisionContext
from domainkit.money import ZERO
from domainkit.rates import in_currency, rate_on
from domainkit.references import ReferenceQuery
from purchasing.domain.catalogue import need_terms, order_currency
from purchasing.domain.locations import check_location
from purchasing.domain.orders.commands import PurchaseOrderChanges
from purchasing.domain.orders.discounts import check_discount_stays, check_order_discount
from purchasing.domain.orders.line_prices import check_cost_known, priced, terms
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.orders.parties import delivery_address, need_customer, vendor_to_buy_from

Fields = dict[str, Any]
"""Fields of a header that change, by name."""


def need_for_header(query: ReferenceQuery, order: Order, changes: PurchaseOrderChanges) -> None:
    """Ask for what the order will refer to after the change."""
    given = changes.given()

    def after(name: str) -> str:
        return str(given.get(name, getattr(order, name)))

    need_customer(query, after("sell_to_customer_no"), after("ship_to_code"))
    query.need(Location, after("location_code"))
    query.need_rates(after("currency_code"), given.get("order_date", order.order_date))
    query.need_rates(order.currency_code, None)
    need_terms(query, after("vendor_no"), *(line.item_no for line in order.live_lines))


def changed_header(order: Order, changes: PurchaseOrderChanges, context: DecisionContext) -> Order:
    """The order after a change of its header (BC-SO-39, BC-DS-34)."""
    order.must_be_open()
    given = _changed_fields(order, changes)
    _check_links(order, given)
    if "location_code" in given:
        found = Violations()
        check_location(found, context.references, given["location_code"])
        found.refuse_if_any()
    after = order.replaced(**given)
    if given.keys() & {"sell_to_customer_no", "ship_to_code", "location_code"}:
        after = _readdressed(order, after, given, changes, context)
    if given.keys() & {"vendor_no", "currency_code"}:
        after = _for_vendor(after, given, context)
    if "invoice_discount_amount" in given:
        found = Violations()
        check_order_discount(found, after)
        check_discount_stays(found, order, after)
        found.refuse_if_any()
    elif "vendor_no" in given:
        # What one vendor grants says nothing about another.
        after = after.replaced(invoice_discount_amount=ZERO)
    elif after.currency_code != order.currency_code:
        after = after.replaced(invoice_discount_amount=_converted(order, after, context))
    return after


def _converted(before: Order, after: Order, context: DecisionContext) -> Decimal:
    """The discount in another currency, at the rates of the order's day; nothing where a rate is missing."""
    discount = before.invoice_discount_amount
    old, new = (
        rate_on(context.references, code, after.order_date)
        for code in (before.currency_code, after.currency_code)
    )
    if not discount or old is None or new is None:
        return ZERO
    return in_currency(discount * old, after.currency_code, new)


def _changed_fields(order: Order, changes: PurchaseOrderChanges) -> Fields:
    """Fields that are sent as they are already are no change."""
    given = changes.given()
    if changes.ship_to is not UNSET:
        given["ship_to"] = changes.ship_to.applied_to(order.ship_to)
    return {name: value for name, value in given.items() if value != getattr(order, name)}


def _check_links(order: Order, given: Fields) -> None:
    """The customer stays while lines are linked, and so does the address of a drop shipment."""
    linked = order.linked_lines
    guarded = {"sell_to_customer_no"} if linked else set()
    if any(line.drop_shipment for line in linked):
        guarded |= {"ship_to_code", "ship_to"}
    found = Violations()
    for name in sorted(guarded & given.keys()):
        found.conflict(
            "associated-with-sales-order",
            f"{name} of purchase order {order.no} cannot change: it is associated with sales order "
            f"{_sales_order_nos(linked)}",
            f"/{name}",
            sales_order_no=_sales_order_nos(linked[:1]),
        )
    if "vendor_no" in given and order.has_postings:
        found.conflict(
            "has-postings", f"purchase order {order.no} was received from its vendor", "/vendor_no"
        )
    found.refuse_if_any()


def _sales_order_nos(lines: tuple[Line, ...]) -> str:
    return ", ".join(sorted({line.link.sales.sales_order_no for line in lines if line.link is not None}))


def _readdressed(
    before: Order, after: Order, given: Fields, changes: PurchaseOrderChanges, context: DecisionContext
) -> Order:
    """Another customer clears the ship-to code; the address follows, unless the author gave one."""
    if "sell_to_customer_no" in given and "ship_to_code" not in given:
        after = after.replaced(ship_to_code="")
    to_customer = bool(before.sell_to_customer_no or after.sell_to_customer_no)
    if to_customer and not given.keys() & {"sell_to_customer_no", "ship_to_code"}:
        return after
    found = Violations()
    address = delivery_address(
        found, context.references, after.sell_to_customer_no, after.ship_to_code, after.location_code
    )
    found.refuse_if_any()
    parts = changes.ship_to
    return after.replaced(ship_to=address if parts is UNSET else parts.applied_to(address))


def _for_vendor(order: Order, given: Fields, context: DecisionContext) -> Order:
    """The lines at the vendor's terms in the order's currency; ids, quantities, units and links stay."""
    references = context.references
    vendor = vendor_to_buy_from(references, order.vendor_no)
    currency_code = order.currency_code if given.get("currency_code") else order_currency(references, vendor)
    after = order.replaced(vendor_name=vendor.name, currency_code=currency_code)
    if "vendor_no" in given and "shipment_method_code" not in given:
        after = after.replaced(shipment_method_code=vendor.shipment_method_code)
    offers = [terms(after, line, references) for line in after.live_lines]
    found = Violations()
    unknown = next((offer for offer in offers if offer.direct_unit_cost is None), None)
    if unknown is not None:
        check_cost_known(found, after, unknown, None, references, "/currency_code")
    found.refuse_if_any()
    return after.with_lines(priced(line, offer) for line, offer in zip(after.live_lines, offers, strict=True))
