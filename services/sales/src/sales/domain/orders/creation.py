"""Making an order with all its lines, and adding a line."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.planning.masters import Location
from contracts.refusals import Violations, conflict
from contracts.sales.masters import Customer
from domainkit.decisions import DecisionContext
from domainkit.documents import check_line_count
from domainkit.postings import has_room_for_lines
from domainkit.rates import check_rate
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.structs import extended
from sales.domain.orders.commands import NewSalesLine, NewSalesOrder, TillLine
from sales.domain.orders.header_rules import check_invoice_discount, customer_of, location_of, ship_to_address
from sales.domain.orders.line_maker import LineMaker, need_new_line
from sales.domain.orders.lines import LINE_NO_STEP
from sales.domain.orders.order import Order, refuse_unless_open
from sales.domain.references import need_ship_to, ship_to_of

D = TypeVar("D", bound=Order)


def need_new_order(query: ReferenceQuery, new: NewSalesOrder) -> None:
    """What making the order looks up."""
    query.need(Customer, new.customer_no)
    need_ship_to(query, new.customer_no, new.ship_to_code or "")
    query.need(Location, new.location_code)
    query.need_rates(new.currency_code, new.order_date)
    for line in new.lines:
        need_new_line(query, line, new.location_code or "")


def default_location(new: NewSalesOrder, references: ReferenceData) -> str:
    """The location that the customer or its alternate address gives the order, "" if the request names one."""
    if new.location_code is not None:
        return ""
    customer = references.find(Customer, new.customer_no)
    ship_to = ship_to_of(references, new.customer_no, new.ship_to_code or "")
    return (ship_to.location_code if ship_to else "") or (customer.location_code if customer else "")


def new_order(new: NewSalesOrder, context: DecisionContext) -> Order:
    """An order with all its lines; it gets its number later unless the request has one."""
    return new_document(Order, new, context)


def new_document(kind: type[D], new: NewSalesOrder, context: DecisionContext) -> D:
    """An order, or another document by the rules of orders, with all its lines."""
    found = Violations()
    order = _header(found, kind, new, context.references)
    order = _with_lines(found, order, new, context)
    check_invoice_discount(found, order)
    found.refuse_if_any()
    return order


def _header(found: Violations, kind: type[D], new: NewSalesOrder, references: ReferenceData) -> D:
    customer = customer_of(found, kind, new.customer_no, references)
    code = new.ship_to_code or ""
    currency_code = new.currency_code or customer.currency_code or references.home_currency
    order_date = new.order_date or references.today
    check_rate(found, references, currency_code, order_date)
    return extended(
        kind,
        new,
        no=new.no or "",
        version=1,
        customer_name=customer.name,
        order_date=order_date,
        ship_to_code=code,
        ship_to=ship_to_address(found, customer, code, new.ship_to, references),
        location_code=location_of(found, new.location_code, customer, code, references),
        currency_code=currency_code,
        reserve=new.reserve or customer.reserve,
        shipping_advice=new.shipping_advice or customer.shipping_advice,
        lines=(),
    )


def _with_lines(found: Violations, order: D, new: NewSalesOrder, context: DecisionContext) -> D:
    check_line_count(found, len(new.lines))
    if len(new.lines) > MAX_LINES:
        found.refuse_if_any()
    maker = LineMaker(found, order, context.references)
    lines = tuple(
        maker.make(line, context.new_id(), _line_no(line, index), f"/lines/{index}")
        for index, line in enumerate(new.lines)
    )
    return replace(order, lines=lines, last_line_no=max((line.line_no for line in lines), default=0))


def _line_no(line: NewSalesLine, index: int) -> int:
    return line.line_no if isinstance(line, TillLine) else (index + 1) * LINE_NO_STEP


def add_line(order: Order, new: NewSalesLine, context: DecisionContext) -> Order:
    """The open order with one more line at its end."""
    refuse_unless_open(order)
    if len(order.lines) >= MAX_LINES:
        raise conflict("too-many-lines", f"an order has at most {MAX_LINES} lines")
    if not has_room_for_lines((line.postings for line in order.lines), len(order.lines) + 1):
        detail = f"the shipments of sales order {order.no} leave no room for more lines"
        raise conflict("too-many-postings", detail)
    found = Violations()
    line = LineMaker(found, order, context.references).make(new, context.new_id(), order.next_line_no())
    found.refuse_if_any()
    return order.with_line(line)
