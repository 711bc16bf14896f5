"""Exchange rates: what a currency is worth in the company's on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.refusals import Violations
from contracts.sales.masters import Customer, ExchangeRate
from domainkit.money import ONE, currency
from domainkit.references import ReferenceData, ReferenceQuery

_HAVE_A_CURRENCY: Final[tuple[type[Any], ...]] = (Customer, Vendor, ItemVendor)
"""Records whose currency documents take over."""

RATE_MISSING: Final = "exchange-rate-missing"


def foreign_currencies(query: ReferenceQuery, references: ReferenceData) -> list[str]:
    """The currencies whose rates a batch may need: those it names, and those of its customers and vendors."""
    home = references.home_currency
    if not home:
        return []
    found = set(query.currencies)
    for model in _HAVE_A_CURRENCY:
        found.update(record.currency_code for record in references.all_of(model).values())
    return sorted(found - {"", home})


def rate_on(references: ReferenceData, currency_code: str, day: date) -> Decimal | None:
    """Units of the company's currency per unit of another on a day: the newest rate up to it; None without one.

    1 for the company's own currency, and while there is no company.
    """
    home = references.home_currency
    if not home or currency_code in {"", home}:
        return ONE
    rates = references.all_of(ExchangeRate).values()
    known = [r for r in rates if r.currency_code == currency_code and r.date <= day]
    return max(known, key=lambda r: r.date).rate if known else None


def in_currency(amount: Decimal, currency_code: str, rate: Decimal) -> Decimal:
    """A price in the company's currency as one in another, no finer than that."""
    return currency(currency_code).fitted(amount if rate == ONE else amount / rate)


def missing_rate(currency_code: str, references: ReferenceData, day: date) -> str:
    """The sentence that says which rate is missing."""
    return f"there is no exchange rate of {currency_code} to {references.home_currency} on {day}"


def check_rate(
    found: Violations,
    references: ReferenceData,
    currency_code: str,
    day: date,
    pointer: str = "/currency_code",
) -> None:
    """A document in a foreign currency needs its exchange rate of the document's day."""
    if rate_on(references, currency_code, day) is None:
        found.invalid(RATE_MISSING, missing_rate(currency_code, references, day), pointer)
