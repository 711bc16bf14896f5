"""Reads everything that a batch of purchase requests is decided by, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkState
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.orders import SERIES
from recordkit import rates, references

DECIDED: Final = "decided"
LINKED: Final = "linked"
NUMBER: Final = "number"

# One row per request that was never decided draws one number. The series is locked and moved only if there is one,
# and stays as it is if it has too few left: then `orders.free_numbers` says so.
# Everything is read as of the start of the statement, before it waits for the series. If another transaction decides or
# links the same while this one waits, the keys of `purchase_request` and `purchase_link` catch it when it is stored.
# LIMIT 1 holds the planner to looking up each drawn number; for EXISTS it would read the numbers of all orders.
START = text(f"""
WITH wanted AS MATERIALIZED ({references.WANTED}),
undecided AS MATERIALIZED (
    SELECT count(*) AS n FROM unnest(CAST(:ids AS uuid[])) AS r(id)
    WHERE NOT EXISTS (SELECT FROM purchase_request q WHERE q.id = r.id)),
drawn AS (
    UPDATE number_series SET next_no = next_no + (SELECT n FROM undecided)
    WHERE code = :series AND (SELECT n FROM undecided) > 0
      AND (last_no IS NULL OR last_no >= next_no + (SELECT n FROM undecided) - 1)
    RETURNING prefix, next_no - (SELECT n FROM undecided) AS first),
numbers AS (
    SELECT prefix || (first + i) AS no, i
    FROM drawn, generate_series(0, (SELECT n FROM undecided) - 1) AS i),
free AS (
    SELECT n.no, n.i FROM numbers n
    LEFT JOIN LATERAL (SELECT no FROM purchase_order WHERE no = n.no LIMIT 1) o ON true
    WHERE o.no IS NULL)
SELECT '{DECIDED}' AS what, CAST(NULL AS text) AS no, CAST(NULL AS json) AS body, id, 0 AS n
FROM purchase_request WHERE id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT '{LINKED}', coalesce(max(purchase_order_no) FILTER (WHERE active), ''), NULL, sales_line_id, max(generation)
FROM purchase_link WHERE sales_line_id = ANY(CAST(:lines AS uuid[])) GROUP BY sales_line_id
UNION ALL
SELECT '{NUMBER}', no, NULL, NULL, i FROM free
UNION ALL
SELECT kind, no, body, NULL, NULL FROM ({references.FOUND}) found
""")


class RequestBatch(msgspec.Struct, frozen=True):
    """What is known of a batch of requests when it is decided."""

    decided: set[UUID]
    """The requests that were decided before."""
    linked: dict[UUID, LinkState]
    """Links by sales line; lines never linked are absent."""
    numbers: list[str]
    """Free numbers for orders, one for each request that was not decided; fewer if the series or callers took them."""
    references: ReferenceData


async def begin(
    tx: Transaction, ids: Sequence[UUID], sales_line_ids: Iterable[UUID], query: ReferenceQuery
) -> RequestBatch:
    """Look at requests; locks the number series until the transaction ends if one was never decided."""
    # One statement instead of four: a batch holds the series from here on, so each round trip delays the next batch.
    rows = await tx.all(
        START,
        references=references.parameter(query, KINDS_OF_PURCHASING),
        series=SERIES,
        ids=list(ids),
        lines=list(set(sales_line_ids)),
    )
    own: dict[str, list[Any]] = {DECIDED: [], LINKED: [], NUMBER: []}
    records = []
    for what, no, body, id_, n in rows:
        if what in own:
            own[what].append((n, no, id_))
        else:
            records.append((what, no, body))
    found = references.reference_data(records, KINDS_OF_PURCHASING, tx.now)
    return RequestBatch(
        decided={id_ for _, _, id_ in own[DECIDED]},
        linked={id_: LinkState(highest_generation=n, active_order_no=no) for n, no, id_ in own[LINKED]},
        numbers=[no for _, no, _ in sorted(own[NUMBER])],  # UNION ALL promises no order
        references=await rates.with_rates(tx, query, found, KINDS_OF_PURCHASING),
    )
