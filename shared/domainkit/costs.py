"""What a vendor charges for an item: planning's preview and purchasing's order are made by this one rule.

Only purchase data is read, no sales price (G24).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from contracts.planning.masters import ItemDetails
from contracts.purchasing.masters import ItemVendor, PriceBreak, Vendor
from contracts.values import Model
from domainkit.money import HUNDRED, ONE, ZERO, currency, in_unit, plain_quantity
from domainkit.rates import in_currency


class PriceQuestion(Model, frozen=True, kw_only=True):
    """What is to be bought, in which currency, and for which day the price holds.

    The day is the later of order date and today (G14). `rate`: units of the company's currency per unit of the order's
    on the order date; None if it is not known.
    """

    vendor_no: str
    vendor_currency_code: str
    """The currency of catalogue entries that name none."""
    quantity: Decimal
    unit_of_measure_code: str
    qty_per_unit_of_measure: Decimal
    price_date: date
    currency_code: str
    rate: Decimal | None


class Offer(Model, frozen=True, kw_only=True):
    """A line's commercial terms in the order's currency, per the line's unit."""

    direct_unit_cost: Decimal | None = ZERO
    """None: it cannot be known, for want of an exchange rate."""
    line_discount_pct: Decimal = ZERO
    vendor_item_no: str = ""


def purchase_currency(entry: ItemVendor | None, vendor: Vendor | None, home: str) -> str:
    """The currency in which an item is bought: the catalogue entry's, else the vendor's, else `home`."""
    of_entry = entry.currency_code if entry is not None else ""
    return of_entry or (vendor.currency_code if vendor is not None else "") or home


def offer(question: PriceQuestion, entry: ItemVendor | None, item: ItemDetails | None) -> Offer:
    """The vendor's price break for quantity and date, else the catalogue's cost, else the item's last cost.

    A catalogue in another currency than the order's is not taken. The item's last direct cost is in the company's
    currency and converted; without a rate the cost is unknown.
    """
    number = entry.vendor_item_no if entry is not None else ""
    if not number and item is not None and item.vendor_no == question.vendor_no:
        number = item.vendor_item_no
    cost, discount = _from_catalogue(question, entry, item) or (_from_item(question, item), ZERO)
    return Offer(direct_unit_cost=cost, line_discount_pct=discount, vendor_item_no=number)


def catalogue_decides(question: PriceQuestion, entry: ItemVendor | None) -> bool:
    """Whether the cost can be known without the item and without a rate."""
    return _is_in_currency(question, entry) and bool(entry and (entry.direct_unit_cost or entry.price_breaks))


def _is_in_currency(question: PriceQuestion, entry: ItemVendor | None) -> bool:
    if entry is None:
        return False
    return (entry.currency_code or question.vendor_currency_code or question.currency_code) == (
        question.currency_code
    )


def _from_catalogue(
    question: PriceQuestion, entry: ItemVendor | None, item: ItemDetails | None
) -> tuple[Decimal, Decimal] | None:
    if entry is None or not _is_in_currency(question, entry):
        return None
    qty_per = _qty_per(entry.unit_of_measure_code, question, item)
    quantity = question.quantity * question.qty_per_unit_of_measure / qty_per
    price = best_price(entry.price_breaks, quantity, question.price_date)
    if price is not None:
        cost, discount = price.direct_unit_cost, price.line_discount_pct
    elif entry.direct_unit_cost:
        cost, discount = entry.direct_unit_cost, ZERO
    else:
        return None
    per_line_unit = in_unit(cost, qty_per, question.qty_per_unit_of_measure)
    return currency(question.currency_code).fitted(per_line_unit), discount


def _from_item(question: PriceQuestion, item: ItemDetails | None) -> Decimal | None:
    """The item's last direct cost is per base unit, in the company's currency; 0 if nothing was ever paid."""
    if question.rate is None:
        return None
    paid = ZERO if item is None else item.last_direct_cost
    return in_currency(paid * question.qty_per_unit_of_measure, question.currency_code, question.rate)


def missed_minimum(
    entry: ItemVendor | None, item: ItemDetails | None, quantity: Decimal, qty_per: Decimal
) -> Decimal | None:
    """The vendor's minimum quantity in the line's unit of `qty_per` base units, if the line does not reach it."""
    if entry is None or not entry.minimum_quantity:
        return None
    units = item.units_of_measure if item is not None else ()
    factor = next((u.qty_per for u in units if u.code == entry.unit_of_measure_code), ONE)
    minimum = plain_quantity(entry.minimum_quantity * factor / qty_per)
    return minimum if quantity < minimum else None


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


def _qty_per(code: str, question: PriceQuestion, item: ItemDetails | None) -> Decimal:
    """Base units in one of the catalogue's units; without a unit the catalogue speaks of base units."""
    if code == question.unit_of_measure_code:
        return question.qty_per_unit_of_measure
    units = item.units_of_measure if item is not None and code else ()
    return next((u.qty_per for u in units if u.code == code), ONE)
