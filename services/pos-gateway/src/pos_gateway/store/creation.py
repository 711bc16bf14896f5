"""Reads everything that new orders are decided by, in one statement."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import text

from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction
from pos_gateway.store.configuration import Holds
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit.rates import with_rates
from recordkit.references import FOUND, WANTED, parameter, reference_data

# One row has the configuration's revision and the numbers, the others are reference data. Confirmation numbers come
# from a sequence: gaps are allowed there, and no till waits for another one's transaction.
BEGIN = text(f"""
WITH wanted AS MATERIALIZED ({WANTED})
SELECT CAST(NULL AS text) AS kind, CAST(NULL AS text) AS no, CAST(NULL AS json) AS body, revision, version, sign_offs,
       ARRAY(SELECT nextval('confirmation_no') FROM generate_series(1, :count)) AS numbers
FROM configuration
UNION ALL
SELECT kind, no, body, NULL, NULL, NULL, NULL FROM ({FOUND}) AS found
""")


class Beginning(msgspec.Struct, frozen=True):
    """Which configuration holds now, numbers for orders, and reference data."""

    holds: Holds
    numbers: list[int]
    references: ReferenceData


async def begin(tx: Transaction, query: ReferenceQuery, count: int) -> Beginning:
    """All that `query` names, and `count` values for confirmation numbers."""
    parameters = {"references": parameter(query, KINDS_OF_GATEWAY), "count": count}
    first, *found = sorted(await tx.all(BEGIN, **parameters), key=_is_reference)
    rows = ((row.kind, row.no, row.body) for row in found)
    references = await with_rates(tx, query, reference_data(rows, KINDS_OF_GATEWAY, tx.now), KINDS_OF_GATEWAY)
    return Beginning(Holds(first.revision, first.version, first.sign_offs), first.numbers, references)


def _is_reference(row: Any) -> bool:
    return row.kind is not None
