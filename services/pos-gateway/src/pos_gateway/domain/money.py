"""Money: decimals in a currency's minor unit, rounded half away from zero (POS section 0, 10)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale
from babel.numbers import get_currency_precision

ZERO = Decimal(0)
HUNDRED = Decimal(100)
AMOUNT_LIMIT = Decimal(10) ** 12
"""No amount reaches this: sums of 1,000 lines still fit the 28 digits that decimals compute with."""


@cache
def minor_unit(currency_code: str) -> Decimal:
    """The smallest amount of a currency: EUR 0.01, JPY 1, KWD 0.001."""
    return Decimal(1).scaleb(-int(get_currency_precision(currency_code)))


@cache
def is_currency(code: str) -> bool:
    """True for the currencies of ISO 4217."""
    return code in Locale("en").currencies


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """`amount` to a multiple of `unit`, half away from zero."""
    return amount.quantize(unit, ROUND_HALF_UP)


def share(amount: Decimal, percent: Decimal, unit: Decimal) -> Decimal:
    """`percent` of an amount, rounded."""
    return rounded(amount * percent / HUNDRED, unit)


def fits(amount: Decimal, unit: Decimal) -> bool:
    """True for a finite amount of sensible size with no more decimals than `unit` has."""
    return amount.is_finite() and abs(amount) < AMOUNT_LIMIT and rounded(amount, unit) == amount
