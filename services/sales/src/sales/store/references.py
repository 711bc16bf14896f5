"""Everything that decisions about orders look up, in one round trip: own master data and copies of others'."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from contracts.sales import Customer
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction, fetch
from recordkit.references import FOUND, WANTED, parameter, reference_data
from sales.domain.masters import ExchangeRate
from sales.store.kinds import KINDS_OF_SALES

# All purchasing codes come along: a line may take its item's, which only this statement finds out; there are few.
LOAD: Final = text(f"""
WITH wanted AS MATERIALIZED ({WANTED})
{FOUND}
UNION ALL
SELECT kind, no, body FROM master WHERE kind = 'purchasing-code' AND NOT deleted
""")

# The newest rate of each currency that holds today, under the currency's code.
RATES: Final = text("""
SELECT DISTINCT ON (body ->> 'currency_code') kind, body ->> 'currency_code' AS no, body
FROM master
WHERE kind = 'exchange-rate' AND NOT deleted AND body ->> 'currency_code' = ANY(CAST(:currencies AS text[]))
  AND CAST(body ->> 'date' AS date) <= :day
ORDER BY body ->> 'currency_code', body ->> 'date' DESC
""")


async def load(tx: Transaction, query: ReferenceQuery) -> ReferenceData:
    """What the query names, as far as it exists, and all purchasing codes. Rates are asked for by currency."""
    rows = await fetch(tx, LOAD, references=parameter(query, KINDS_OF_SALES))
    references = reference_data(rows, KINDS_OF_SALES, tx.now)
    foreign = _foreign_currencies(query, references)
    if not foreign:
        return references
    rates = await fetch(tx, RATES, currencies=foreign, day=references.today)
    return reference_data([*rows, *rates], KINDS_OF_SALES, tx.now)


def _foreign_currencies(query: ReferenceQuery, references: ReferenceData) -> list[str]:
    """Rates are read only where a document may be in a foreign currency."""
    if not references.home_currency:
        return []
    named = {no for model, no in query if model is ExchangeRate}
    own = {customer.currency_code for customer in references.all_of(Customer).values()}
    return sorted((named | own) - {"", references.home_currency})
