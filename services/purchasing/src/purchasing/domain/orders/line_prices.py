"""What a line costs: the vendor's terms for its quantity and day, or what a person gave."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from contracts.planning.requests import PurchaseRequestLine
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations
from domainkit.costs import Offer, PriceQuestion
from domainkit.money import ZERO
from domainkit.rates import RATE_MISSING, missing_rate, rate_on
from domainkit.references import ReferenceData
from purchasing.domain.catalogue import vendor_terms
from purchasing.domain.orders.order import Line, Order

Fields = dict[str, Any]
"""Fields of a line that change, by name."""


def terms(order: Order, line: Line, references: ReferenceData) -> Offer:
    """What the order's vendor asks for the line."""
    return vendor_terms(references, price_question(order, line, references), line.item_no)


def price_question(
    order: Order, line: Line | PurchaseRequestLine, references: ReferenceData
) -> PriceQuestion:
    """What the order's vendor is asked about the line; prices of the order's date hold, of today if it is past."""
    vendor = references.find(Vendor, order.vendor_no)
    return PriceQuestion(
        vendor_no=order.vendor_no,
        vendor_currency_code=vendor.currency_code if vendor is not None else "",
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        price_date=max(order.order_date, references.today),
        currency_code=order.currency_code,
        rate=rate_on(references, order.currency_code, order.order_date),
    )


def check_cost_known(
    found: Violations,
    order: Order,
    offer: Offer,
    cost: Decimal | None,
    references: ReferenceData,
    pointer: str = "/direct_unit_cost",
) -> None:
    """Nothing is bought at an unknown cost: the author gives one, or the order's currency has a rate."""
    if cost is None and offer.direct_unit_cost is None:
        found.invalid(RATE_MISSING, missing_rate(order.currency_code, references, order.order_date), pointer)


def priced(
    line: Line, offer: Offer, cost: Decimal | None = None, discount_pct: Decimal | None = None
) -> Line:
    """The line at the vendor's terms, or at those that were given. A cost by hand comes without our discount.

    Callers have refused an unknown cost (`check_cost_known`).
    """
    if cost is None:
        cost = ZERO if offer.direct_unit_cost is None else offer.direct_unit_cost
        discount_pct = offer.line_discount_pct if discount_pct is None else discount_pct
    return replace(
        line,
        vendor_item_no=offer.vendor_item_no,
        direct_unit_cost=cost,
        line_discount_pct=ZERO if discount_pct is None else discount_pct,
        line_discount_amount=None,
    )


def with_quantity(order: Order, line: Line, quantity: Decimal, references: ReferenceData) -> Line:
    """The line in another quantity, at the vendor's terms for it unless a person had set the cost."""
    given: Fields = {"quantity": quantity}
    return repriced(order, line, replace(line, quantity=quantity), given, references)


def repriced(order: Order, before: Line, after: Line, given: Fields, references: ReferenceData) -> Line:
    """Another quantity, unit or item asks the vendor's terms again, unless a person had set the cost."""
    if not given.keys() & {"quantity", "unit_of_measure_code", "item_no"}:
        return after
    offered = terms(order, before, references)
    by_hand = (before.direct_unit_cost, before.line_discount_pct) != (
        offered.direct_unit_cost,
        offered.line_discount_pct,
    )
    by_hand = by_hand or before.line_discount_amount is not None
    if given.keys() & {"direct_unit_cost", "line_discount_amount"} or (by_hand and "item_no" not in given):
        return after
    discount = after.line_discount_pct if "line_discount_pct" in given else None
    asked_again = terms(order, after, references)
    found = Violations()
    check_cost_known(found, order, asked_again, None, references)
    found.refuse_if_any()
    return priced(after, asked_again, None, discount)
