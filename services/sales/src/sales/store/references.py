"""Everything that decisions about orders look up, in one round trip: own master data and copies of others'."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from contracts.planning.masters import CatalogItem, Item
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction, fetch
from recordkit.rates import with_rates
from recordkit.references import FOUND, WANTED, parameter, reference_data
from sales.store.kinds import KINDS_OF_SALES

# All purchasing codes come along: a line may take its item's, which only this statement finds out; there are few.
LOAD: Final = text(f"""
WITH wanted AS MATERIALIZED ({WANTED})
{FOUND}
UNION ALL
SELECT kind, no, body FROM master WHERE kind = 'purchasing-code' AND NOT deleted
""")


async def load(tx: Transaction, query: ReferenceQuery) -> ReferenceData:
    """What the query names, as far as it exists, all purchasing codes, and the rates of foreign currencies."""
    rows = await fetch(tx, LOAD, references=parameter(query, KINDS_OF_SALES))
    found = reference_data(rows, KINDS_OF_SALES, tx.now)
    if entries := found.all_of(CatalogItem):
        # Only they say which items they become; what is known of those, such as a block, comes by a second round trip.
        query.need(Item, *(entry.item_no for entry in entries.values()))
        rows = await fetch(tx, LOAD, references=parameter(query, KINDS_OF_SALES))
    return await with_rates(tx, query, reference_data(rows, KINDS_OF_SALES, tx.now), KINDS_OF_SALES)
