"""Loads what decisions look up, in one round trip: round trips are most of a decision's latency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import text

from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Queryable, fetch
from planning.domain.masters.setup import SETUP_NO, Setup
from planning.store.kinds import KINDS_OF_PLANNING
from recordkit.rates import with_rates
from recordkit.references import FOUND, WANTED, parameter, reference_data

_DEMAND: Final = "demand"

# The kit's statement and two things more. The vendors that items and stockkeeping units name come along, with the item
# in their catalogue: asking for them afterwards would be a second round trip. And which sales orders have a demand:
# those are locked next, the others are inserted with the first decision about them.
LOOK_UP = text(f"""
WITH asked AS MATERIALIZED (
    {WANTED}
), supplier AS MATERIALIZED (
    SELECT DISTINCT m.body ->> 'vendor_no' AS vendor_no,
           CASE m.kind WHEN 'item' THEN m.no ELSE m.body ->> 'item_no' END AS item_no
    FROM asked a JOIN master m ON m.kind = a.kind AND m.no = a.no
    WHERE a.kind IN ('item', 'stockkeeping-unit') AND m.body ->> 'vendor_no' <> ''
), wanted AS MATERIALIZED (
    SELECT kind, no, own FROM asked
    UNION SELECT 'vendor', vendor_no, false FROM supplier
    -- As `contracts.keys.item_vendor_no` writes it.
    UNION SELECT 'item-vendor', replace(replace(vendor_no, '%', '%25'), '/', '%2F') || '/' || item_no, false
    FROM supplier
)
{FOUND}
UNION ALL
SELECT '{_DEMAND}', sales_order_no, NULL
FROM demand_order WHERE sales_order_no = ANY(CAST(:sales_orders AS text[]))
""")


async def load(where: Queryable, query: ReferenceQuery, now: datetime) -> ReferenceData:
    """The records that the query names, and the vendors and catalogue entries that these name."""
    return (await load_with_demands(where, query, now, ()))[0]


async def load_with_demands(
    where: Queryable, query: ReferenceQuery, now: datetime, sales_orders: Iterable[str]
) -> tuple[ReferenceData, set[str]]:
    """In the same round trip: which of these sales orders have a demand, to be locked before it is read.

    The setup always comes along, as the company does.
    """
    query.need(Setup, SETUP_NO)
    rows = await fetch(
        where,
        LOOK_UP,
        references=parameter(query, KINDS_OF_PLANNING),
        sales_orders=list(sales_orders),
    )
    demands = {no for kind, no, _ in rows if kind == _DEMAND}
    records = (row for row in rows if row[0] != _DEMAND)
    references = reference_data(records, KINDS_OF_PLANNING, now)
    return await with_rates(where, query, references, KINDS_OF_PLANNING), demands
