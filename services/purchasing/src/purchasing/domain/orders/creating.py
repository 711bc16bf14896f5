"""A new purchase order that a person makes."""

from __future__ import annotations

from msgspec.structs import replace

from contracts.planning.masters import Location
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, Violations
from contracts.values import Address
from domainkit.decisions import DecisionContext
from domainkit.documents import check_line_count
from domainkit.parties import check_vendor
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from purchasing.domain.catalogue import need_terms, order_currency
from purchasing.domain.locations import check_location
from purchasing.domain.orders.commands import NewPurchaseOrder
from purchasing.domain.orders.discounts import check_order_discount
from purchasing.domain.orders.lines import new_lines
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.parties import delivery_address, need_customer


def need_for_new_order(query: ReferenceQuery, data: NewPurchaseOrder, vendor: Vendor | None) -> None:
    """Ask for what a new order of the vendor refers to."""
    query.need(Vendor, data.vendor_no)
    need_customer(query, data.sell_to_customer_no, data.ship_to_code)
    query.need_rates(data.currency_code, data.order_date)
    query.need(Location, _location_code(data, vendor), *(line.location_code for line in data.lines))
    need_terms(query, data.vendor_no, *(line.item_no for line in data.lines))


def new_order(data: NewPurchaseOrder, context: DecisionContext) -> Order:
    """A new open order, whose number is given last; refused with the reasons of header and lines at once."""
    found = Violations()
    check_line_count(found, len(data.lines))
    found.refuse_if_any()
    vendor = context.references.find(Vendor, data.vendor_no)
    check_vendor(found, data.vendor_no, vendor)
    if vendor is None:
        # An empty one in its place, so that everything else that is wrong is found too.
        vendor = Vendor(version=0, no=data.vendor_no)
        known = context.references.with_records(Vendor, {vendor.no: vendor})
        context = replace(context, references=known)
    references = context.references
    location_code = _location_code(data, vendor)
    check_location(found, references, location_code)
    ship_to = _ship_to(found, data, location_code, context)
    header = extended(
        Order,
        data,
        version=1,
        vendor_name=vendor.name,
        ship_to=ship_to,
        location_code=location_code,
        currency_code=order_currency(
            references, vendor, data.currency_code, [line.item_no for line in data.lines]
        ),
        order_date=data.order_date or references.today,
        shipment_method_code=(
            vendor.shipment_method_code if data.shipment_method_code is None else data.shipment_method_code
        ),
        lines=(),
    )
    order = header
    try:
        order = new_lines(header, data.lines, context)
    except Refusal as refusal:
        found.include(refusal)
    else:
        check_order_discount(found, order)
    found.refuse_if_any()
    return order


def _location_code(data: NewPurchaseOrder, vendor: Vendor | None) -> str:
    if data.location_code is not None:
        return data.location_code
    return vendor.location_code if vendor is not None else ""


def _ship_to(
    found: Violations, data: NewPurchaseOrder, location_code: str, context: DecisionContext
) -> Address:
    """The author's own address, else the customer's or ours. A customer is checked in either case."""
    address = delivery_address(
        found, context.references, data.sell_to_customer_no, data.ship_to_code, location_code
    )
    return address if data.ship_to is None else data.ship_to
