"""Loads exchange rates for the foreign currencies of a batch; batches in the company's own currency read nothing."""

from __future__ import annotations

from typing import Final

from sqlalchemy import TextClause, text

from contracts.sales.masters import ExchangeRate
from domainkit.days import days_after
from domainkit.rates import foreign_currencies
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Queryable, fetch
from recordkit.kinds import RecordKinds

_PAST_DAYS: Final = 366
"""How far back rates are read at least: order dates that are calculated may lie before today."""

# The rates since a day, and of each currency the one that held on that day. A rate's number is `<currency>/<day>`.
_RATES: Final = """
WITH rate AS MATERIALIZED (
    SELECT no, split_part(no, '/', 1) AS currency, split_part(no, '/', 2) AS day, body
    FROM {table} WHERE kind = 'exchange-rate' AND body IS NOT NULL
      AND split_part(no, '/', 1) = ANY(CAST(:currencies AS text[]))
)
SELECT no, body FROM rate WHERE day > :since
UNION ALL
(SELECT DISTINCT ON (currency) no, body FROM rate WHERE day <= :since ORDER BY currency, day DESC)
"""
OWN: Final = text(_RATES.format(table="master"))
COPIES: Final = text(_RATES.format(table="copy"))


async def with_rates(
    where: Queryable, query: ReferenceQuery, references: ReferenceData, kinds: RecordKinds
) -> ReferenceData:
    """The reference data with the exchange rates of its foreign currencies, if the service knows rates."""
    kind = kinds.by_model.get(ExchangeRate)
    currencies = foreign_currencies(query, references) if kind is not None else []
    if kind is None or not currencies:
        return references
    statement: TextClause = OWN if kind.own else COPIES
    earliest = days_after(references.today, -_PAST_DAYS)
    since = earliest if query.since is None else min(earliest, query.since)
    rows = await fetch(where, statement, currencies=currencies, since=str(since))
    return references.with_records(ExchangeRate, {no: kinds.decode(kind.name, body) for no, body in rows})
