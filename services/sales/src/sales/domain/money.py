"""Money and quantities: exact decimals, rounded half away from zero to the currency's minor unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision

ZERO = Decimal(0)
HUNDRED = Decimal(100)
MAX_QUANTITY_DECIMALS = 5


@lru_cache(maxsize=256)
def minor_unit(currency_code: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for EUR, 1 for JPY; two decimals where none is known."""
    digits = get_currency_precision(currency_code) if currency_code else 2
    return Decimal(1).scaleb(-digits)


def round_money(amount: Decimal, currency_code: str) -> Decimal:
    """The amount in whole minor units, half away from zero."""
    return amount.quantize(minor_unit(currency_code), rounding=ROUND_HALF_UP)


def too_precise(amount: Decimal, currency_code: str) -> bool:
    """Whether the amount has more decimals than its currency knows (1.500 EUR has not: zeros say nothing)."""
    return amount != round_money(amount, currency_code)


def plain(value: Decimal) -> Decimal:
    """The same value without trailing zeros or an exponent, as people write it: 5, 2.5, 100."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1))
    return value.normalize()
