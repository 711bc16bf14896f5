"""Rules of the header that hold when an order is made and when it is changed."""

from __future__ import annotations

from decimal import Decimal

from contracts.planning.masters import Location
from contracts.refusals import Violations
from contracts.sales.masters import Customer
from contracts.values import Address
from domainkit.money import ZERO, check_amount
from domainkit.parties import address_of, is_blocked
from domainkit.references import ReferenceData
from sales.domain.orders.amounts import totals
from sales.domain.orders.order import Order
from sales.domain.references import ship_to_of


def customer_of(found: Violations, kind: type[Order], no: str, references: ReferenceData) -> Customer:
    """The customer, who may have such a document (BC-MD-17); an empty record if it does not exist."""
    customer = references.find(Customer, no)
    if not no:
        found.invalid("customer-required", f"a {kind.document} needs a customer", "/customer_no")
    elif customer is None:
        found.unknown("customer", no, "/customer_no")
    if customer is None:
        return Customer(version=0, no=no, name="")
    if is_blocked(customer, kind.stops):
        found.conflict("customer-blocked", f"customer {no} is blocked for a {kind.document}", "/customer_no")
    return customer


def check_invoice_discount(found: Violations, order: Order) -> None:
    """Money off the order: no finer than its currency, and no more than the order costs."""
    discount, pointer = order.invoice_discount_amount, "/invoice_discount_amount"
    if not discount:
        return
    check_amount(found, discount, order.currency_code, pointer)
    if discount > _discountable(order):
        found.invalid("out-of-range", f"the discount {discount} is more than the order costs", pointer)


def check_discount_fits(found: Violations, order: Order) -> None:
    """Lines may have been taken out since the discount was given."""
    discount, most = order.invoice_discount_amount, _discountable(order)
    if discount > most:
        detail = f"the discount {discount} is more than the order costs, {most}"
        found.conflict("discount-exceeds-order", detail, "/invoice_discount_amount")


def _discountable(order: Order) -> Decimal:
    undiscounted = totals(order.lines, order.currency_code)
    return undiscounted.net + min(undiscounted.charges, ZERO)


def check_discount_stays(found: Violations, before: Order, after: Order) -> None:
    """What posted invoices have taken of the discount cannot be taken back by changing it."""
    if after.invoice_discount_amount < before.discount_invoiced:
        detail = f"posted invoices have taken {before.discount_invoiced} of the discount"
        found.conflict("has-postings", detail, "/invoice_discount_amount")


def ship_to_address(
    found: Violations, customer: Customer, code: str, given: Address | None, references: ReferenceData
) -> Address:
    """The address on the order: a copy of the customer's or the code's, which may be edited (BC-MD-19)."""
    ship_to = ship_to_of(references, customer.no, code)
    if code and ship_to is None:
        found.unknown("ship-to-address", code, "/ship_to_code")
    return given or address_of(ship_to or customer)


def location_of(
    found: Violations,
    given: str | None,
    customer: Customer,
    ship_to_code: str,
    references: ReferenceData,
) -> str:
    """The order's location: the given one, else the alternate address's, else the customer's."""
    if given is None:
        ship_to = ship_to_of(references, customer.no, ship_to_code)
        return (ship_to.location_code if ship_to else "") or customer.location_code
    if given and references.find(Location, given) is None:
        found.unknown("location", given, "/location_code", copy_of="location")
    return given
