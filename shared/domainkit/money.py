"""Money and quantities: exact decimals, rounded half away from zero to the currency's minor unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

import iso4217
import msgspec

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)
QUANTITY_DECIMALS: Final = 5
_UNIT_COST_EXPONENT: Final = Decimal("0.00001")
"""Unit costs that are computed (from another unit of measure) keep five decimals."""
_DECIMALS_OF_NO_CURRENCY: Final = 2


class Currency(msgspec.Struct, frozen=True):
    """A currency and the decimals of its minor unit (EUR 2, JPY 0, KWD 3); get one by `currency(code)`."""

    code: str
    decimals: int
    minor_unit: Decimal
    """The smallest amount: 0.01 for EUR, 1 for JPY."""

    def rounded(self, amount: Decimal) -> Decimal:
        """The amount in whole minor units."""
        return amount.quantize(self.minor_unit, ROUND_HALF_UP)

    def too_precise(self, amount: Decimal) -> bool:
        """Whether the amount has more decimals than the currency; trailing zeros do not count."""
        return amount != self.rounded(amount)

    def share(self, amount: Decimal, percent: Decimal) -> Decimal:
        """`percent` of an amount, rounded."""
        return self.rounded(amount * percent / HUNDRED)

    def line_amount(self, quantity: Decimal, unit_price: Decimal, discount_pct: Decimal) -> Decimal:
        """Quantity times price less the discount in percent, rounded once."""
        gross = quantity * unit_price
        return self.rounded(gross - gross * discount_pct / HUNDRED if discount_pct else gross)


@lru_cache(maxsize=256)
def currency(code: str) -> Currency:
    """The currency with this ISO 4217 code; a blank or unknown one has two decimals."""
    # ISO's own table, not CLDR's: that counts dinars and liras without the decimals that invoices have.
    known = _exponent(code)
    decimals = _DECIMALS_OF_NO_CURRENCY if known is None else known
    return Currency(code, decimals, ONE.scaleb(-decimals))


def is_currency(code: str) -> bool:
    """Whether ISO 4217 has this code for money; old currencies, metals and test codes are none."""
    return _exponent(code) is not None


@lru_cache(maxsize=1024)
def _exponent(code: str) -> int | None:
    try:
        return iso4217.Currency(code).exponent
    except ValueError:
        return None


def plain(value: Decimal) -> Decimal:
    """The same value without trailing zeros or an exponent: 5, 2.5, 100."""
    if value == value.to_integral_value():
        return value.quantize(ONE)
    return value.normalize()


def converted_cost(cost: Decimal, from_qty_per: Decimal, to_qty_per: Decimal) -> Decimal:
    """A unit cost per one unit of measure as cost per another; unchanged while the units are equal."""
    if from_qty_per == to_qty_per:
        return cost
    converted = (cost * to_qty_per / from_qty_per).quantize(_UNIT_COST_EXPONENT, ROUND_HALF_UP)
    return converted.normalize() + Decimal("0.00")
