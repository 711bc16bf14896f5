"""What the vendor charges for an item. Only purchase data is read, no sales price (G24)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from contracts.planning import Item
from contracts.purchasing import ItemVendor, PriceBreak
from contracts.values import Model
from domainkit.money import HUNDRED, ONE, ZERO, converted_cost


class PriceQuestion(Model, frozen=True, kw_only=True):
    """What is to be bought, and for which day the price holds (the later of order date and today, G14)."""

    vendor_no: str
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal
    price_date: date
    currency_code: str
    company_currency_code: str


class Offer(Model, frozen=True, kw_only=True):
    """A line's commercial terms in the order's currency, per the line's unit."""

    direct_unit_cost: Decimal = ZERO
    line_discount_pct: Decimal = ZERO
    vendor_item_no: str = ""


def offer(question: PriceQuestion, entry: ItemVendor | None, item: Item | None) -> Offer:
    """The vendor's price break for quantity and date, else the catalogue's cost, else the item's last cost.

    A cost in another currency than the order's is not taken: the line then starts at 0 for a person to price.
    """
    number = entry.vendor_item_no if entry is not None else ""
    if not number and item is not None and item.vendor_no == question.vendor_no:
        number = item.vendor_item_no
    terms = _from_catalogue(question, entry, item) or _from_item(question, item)
    if terms is None:
        return Offer(vendor_item_no=number)
    cost, discount = terms
    return Offer(direct_unit_cost=cost, line_discount_pct=discount, vendor_item_no=number)


def catalogue_decides(entry: ItemVendor | None) -> bool:
    """Whether the cost can be known without the item."""
    return entry is not None and bool(entry.direct_unit_cost or entry.price_breaks)


def _from_catalogue(
    question: PriceQuestion, entry: ItemVendor | None, item: Item | None
) -> tuple[Decimal, Decimal] | None:
    if entry is None or (entry.currency_code and entry.currency_code != question.currency_code):
        return None
    qty_per = _qty_per(entry.unit_of_measure_code, question, item)
    price = best_price(
        entry.price_breaks,
        question.quantity * question.qty_per_unit_of_measure / qty_per,
        question.price_date,
    )
    if price is not None:
        cost, discount = price.direct_unit_cost, price.line_discount_pct
    elif entry.direct_unit_cost:
        cost, discount = entry.direct_unit_cost, ZERO
    else:
        return None
    return converted_cost(cost, qty_per, question.qty_per_unit_of_measure), discount


def _from_item(question: PriceQuestion, item: Item | None) -> tuple[Decimal, Decimal] | None:
    """The item's last direct cost is per base unit, in the company's currency."""
    if item is None or question.currency_code != question.company_currency_code:
        return None
    return converted_cost(item.last_direct_cost, ONE, question.qty_per_unit_of_measure), ZERO


def best_price(breaks: Iterable[PriceBreak], quantity: Decimal, on: date) -> PriceBreak | None:
    """The lowest price after discount among the breaks that hold for the quantity on that day."""
    holding = [b for b in breaks if b.minimum_quantity <= quantity and _holds(b, on)]
    return min(holding, key=_net, default=None)


def _holds(price: PriceBreak, on: date) -> bool:
    return (price.from_date is None or price.from_date <= on) and (
        price.to_date is None or on <= price.to_date
    )


def _net(price: PriceBreak) -> Decimal:
    return price.direct_unit_cost * (HUNDRED - price.line_discount_pct)


def _qty_per(code: str, question: PriceQuestion, item: Item | None) -> Decimal:
    """Base units in one of the catalogue's units; without a unit the catalogue speaks of base units."""
    if code == question.unit_of_measure_code:
        return question.qty_per_unit_of_measure
    units = item.units_of_measure if item is not None and code else ()
    return next((u.qty_per for u in units if u.code == code), ONE)
