"""What an item costs today, for lines whose price is not kept (POS-58, POS-65)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.planning.masters import Item
from contracts.pos import LineTerms
from domainkit.money import ONE, currency
from domainkit.rates import in_currency, rate_on
from domainkit.references import ReferenceData


def price_today(line: LineTerms, currency_code: str, day: date, references: ReferenceData) -> Decimal:
    """The item's price in the line's unit and this currency; the line's own where the gateway knows none."""
    item = references.find(Item, line.item_no)
    rate = rate_on(references, currency_code, day)
    if item is None or not item.unit_price or rate is None:
        return line.unit_price
    sizes = {unit.code: unit.qty_per for unit in item.units_of_measure}
    price = item.unit_price * sizes.get(line.unit_of_measure_code, ONE)
    return currency(currency_code).rounded(in_currency(price, currency_code, rate))
