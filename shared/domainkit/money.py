"""Money and quantities: exact decimals, rounded half away from zero to the currency's minor unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

import iso4217
import msgspec

from contracts.refusals import Violations

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)
QUANTITY_DECIMALS: Final = 5
_QUANTITY_EXPONENT: Final = ONE.scaleb(-QUANTITY_DECIMALS)
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

    def fitted(self, price: Decimal) -> Decimal:
        """A computed price no finer than the currency; one that fits is left as it is written."""
        exponent = price.as_tuple().exponent
        fits = isinstance(exponent, int) and -self.decimals <= exponent <= 0
        return price if fits else self.rounded(price)

    def too_precise(self, amount: Decimal) -> bool:
        """Whether the amount has more decimals than the currency; trailing zeros do not count."""
        return amount != self.rounded(amount)

    def share(self, amount: Decimal, percent: Decimal) -> Decimal:
        """`percent` of an amount, rounded."""
        return self.rounded(amount * percent / HUNDRED)

    def spread(self, discount: Decimal, amounts: Sequence[Decimal]) -> tuple[Decimal, ...]:
        """A discount shared by amounts in proportion, in whole minor units that add up to it.

        What rounding leaves goes to the last amounts; none is discounted by more than it is, and negative ones never.
        """
        nothing = self.rounded(ZERO)
        total = sum((amount for amount in amounts if amount > 0), ZERO)
        discount = min(discount, total)
        if discount <= 0:
            return (nothing,) * len(amounts)
        shares = [
            (discount * amount / total).quantize(self.minor_unit, ROUND_DOWN) if amount > 0 else nothing
            for amount in amounts
        ]
        left = discount - sum(shares)
        for index in reversed(range(len(shares))):
            more = min(left, max(amounts[index], ZERO) - shares[index])
            shares[index] += more
            left -= more
        return tuple(shares)

    def part_of(self, discount: Decimal, amount: Decimal, total: Decimal) -> Decimal:
        """What a part of a total takes of the discount on it: the last part takes all of it."""
        return min(discount if amount >= total else self.rounded(discount * amount / total), amount)

    def line_amount(self, quantity: Decimal, unit_price: Decimal, discount_pct: Decimal) -> Decimal:
        """Quantity times price less the discount in percent, rounded once."""
        gross = quantity * unit_price
        return self.rounded(gross - gross * discount_pct / HUNDRED if discount_pct else gross)


def check_amount(found: Violations, amount: Decimal, currency_code: str, pointer: str) -> None:
    """The amount is no finer than its currency; one whose currency is not known yet ("") is not judged."""
    if currency_code and currency(currency_code).too_precise(amount):
        decimals = currency(currency_code).decimals
        detail = f"{amount} is finer than {currency_code}, which has {decimals} decimals"
        found.invalid("too-many-decimals", detail, pointer)


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
    if not value:
        return ZERO  # a zero may be written as 0E-10 or -0
    if value == value.to_integral_value():
        return value.quantize(ONE)
    return value.normalize()


def in_unit(cost: Decimal, from_qty_per: Decimal, to_qty_per: Decimal) -> Decimal:
    """A cost per one unit of measure as cost per another, not rounded; unchanged while the units are equal."""
    return cost if from_qty_per == to_qty_per else cost * to_qty_per / from_qty_per


def plain_quantity(value: Decimal) -> Decimal:
    """A computed quantity as it is stored and answered: at most five decimals, and never with an exponent."""
    exponent = value.as_tuple().exponent
    if value and isinstance(exponent, int) and -QUANTITY_DECIMALS <= exponent <= 0:
        return value  # as it was written
    return plain(value.quantize(_QUANTITY_EXPONENT, ROUND_HALF_UP))
