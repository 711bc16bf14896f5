"""What a requisition line will probably cost: a preview, purchasing decides the cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from contracts.purchasing import ItemVendor, PriceBreak
from domainkit.references import ReferenceData
from planning.domain.masters.items import ItemCard
from planning.domain.masters.supply import currency_of_vendor, offer_of
from planning.domain.requisitions.lines import RequisitionLine


def priced(references: ReferenceData, line: RequisitionLine) -> RequisitionLine:
    """The line with its expected cost."""
    return replace(line, direct_unit_cost=unit_cost(references, line))


def unit_cost(references: ReferenceData, line: RequisitionLine) -> Decimal:
    """Per unit of the line, in the vendor's currency: catalogue price, else the item's own cost, else 0."""
    item = references.find(ItemCard, line.item_no)
    offer = offer_of(references, line.vendor_no, line.item_no)
    if offer is None:
        return item_cost(item) * line.qty_per_unit_of_measure
    lines_per_offer = line.qty_per_unit_of_measure / _offer_factor(offer, item)
    return _offered(offer, line.quantity * lines_per_offer, line.order_date) * lines_per_offer


def home_amount(references: ReferenceData, lines: Iterable[RequisitionLine]) -> Decimal:
    """What lines will cost in the company's currency; a foreign vendor's price is judged by the item's own cost."""
    return sum((_home_amount(references, line) for line in lines), start=Decimal(0))


def _home_amount(references: ReferenceData, line: RequisitionLine) -> Decimal:
    home = references.home_currency
    currency = currency_of_vendor(references, line.vendor_no)
    if currency and home and currency != home:
        item = references.find(ItemCard, line.item_no)
        return item_cost(item) * line.qty_per_unit_of_measure * line.quantity
    return unit_cost(references, line) * line.quantity


def item_cost(item: ItemCard | None) -> Decimal:
    """The item's cost per base unit in the company's currency: what was paid last, else its unit cost."""
    if item is None:
        return Decimal(0)
    return item.last_direct_cost or item.unit_cost


def missed_minimum(references: ReferenceData, line: RequisitionLine) -> Decimal | None:
    """The vendor's minimum quantity in the line's unit, if the line does not reach it."""
    offer = offer_of(references, line.vendor_no, line.item_no)
    if offer is None or not offer.minimum_quantity:
        return None
    factor = _offer_factor(offer, references.find(ItemCard, line.item_no))
    minimum = offer.minimum_quantity * factor / line.qty_per_unit_of_measure
    return minimum if line.quantity < minimum else None


def _offer_factor(offer: ItemVendor, item: ItemCard | None) -> Decimal:
    """Base units in one of the vendor's unit."""
    factor = item.qty_per(offer.unit_of_measure_code) if item else None
    return factor or Decimal(1)


def _offered(offer: ItemVendor, quantity: Decimal, on: date) -> Decimal:
    """The price for a quantity in the vendor's unit: the break with the highest minimum that it reaches."""
    reached = [b for b in offer.price_breaks if _is_valid(b, quantity, on)]
    if not reached:
        return offer.direct_unit_cost
    best = max(reached, key=lambda b: b.minimum_quantity)
    return best.direct_unit_cost * (100 - best.line_discount_pct) / 100


def _is_valid(price: PriceBreak, quantity: Decimal, on: date) -> bool:
    return (
        quantity >= price.minimum_quantity
        and (price.from_date is None or price.from_date <= on)
        and (price.to_date is None or on <= price.to_date)
    )
