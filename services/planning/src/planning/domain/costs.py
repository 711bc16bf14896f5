"""What a requisition line will probably cost: a preview, purchasing decides the cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.purchasing import ItemVendor, PriceBreak
from planning.domain.masters import ItemCard
from planning.domain.references import References


def unit_cost(
    refs: References, vendor_no: str, item_no: str, quantity: Decimal, qty_per: Decimal, on: date
) -> Decimal:
    """Per unit of the line, in the vendor's currency: catalogue price, else the item's own cost, else 0."""
    item = refs.items.get(item_no)
    offer = refs.offer(vendor_no, item_no)
    if offer is not None:
        factor = _offer_factor(offer, item)
        return _offered(offer, quantity * qty_per / factor, on) * qty_per / factor
    return item_cost(item) * qty_per


def home_amount(
    refs: References, vendor_no: str, item_no: str, quantity: Decimal, qty_per: Decimal, on: date
) -> Decimal:
    """What a line will cost in the company's currency; a foreign vendor's price is judged by the item's own cost."""
    home = refs.company.currency_code if refs.company else ""
    currency = refs.currency_of(vendor_no)
    if currency and home and currency != home:
        return item_cost(refs.items.get(item_no)) * qty_per * quantity
    return unit_cost(refs, vendor_no, item_no, quantity, qty_per, on) * quantity


def item_cost(item: ItemCard | None) -> Decimal:
    """The item's cost per base unit in the company's currency: what was paid last, else its unit cost."""
    if item is None:
        return Decimal(0)
    return item.last_direct_cost or item.unit_cost


def below_minimum(
    refs: References, vendor_no: str, item_no: str, quantity: Decimal, qty_per: Decimal
) -> Decimal | None:
    """The vendor's minimum (in the line's unit) if the quantity does not reach it."""
    offer = refs.offer(vendor_no, item_no)
    if offer is None or not offer.minimum_quantity:
        return None
    minimum = offer.minimum_quantity * _offer_factor(offer, refs.items.get(item_no)) / qty_per
    return minimum if quantity < minimum else None


def _offer_factor(offer: ItemVendor, item: ItemCard | None) -> Decimal:
    """Base units in one of the vendor's unit."""
    factor = item.qty_per(offer.unit_of_measure_code) if item else None
    return factor or Decimal(1)


def _offered(offer: ItemVendor, quantity: Decimal, on: date) -> Decimal:
    """The price for a quantity in the vendor's unit: the break with the highest minimum that it reaches."""
    reached = [b for b in offer.price_breaks if _valid(b, quantity, on)]
    if not reached:
        return offer.direct_unit_cost
    best = max(reached, key=lambda b: b.minimum_quantity)
    return best.direct_unit_cost * (100 - best.line_discount_pct) / 100


def _valid(price: PriceBreak, quantity: Decimal, on: date) -> bool:
    return (
        quantity >= price.minimum_quantity
        and (price.from_date is None or price.from_date <= on)
        and (price.to_date is None or on <= price.to_date)
    )
