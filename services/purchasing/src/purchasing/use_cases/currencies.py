"""How many decimals a currency's minor unit has."""

from __future__ import annotations

from functools import lru_cache

from babel.numbers import get_currency_precision

from purchasing.domain.money import Currency


@lru_cache(maxsize=500)
def currency(code: str) -> Currency:
    """The currency; one that is not known has two decimals."""
    return Currency(code=code, decimals=get_currency_precision(code))
