"""What a terminal did on a day, read from the orders and acts themselves: nothing is written for it."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, fetch
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.journal.entries import JournalEntry, entries_of_act, entries_of_order
from pos_gateway.domain.orders.order import CustomerOrder

ORDERS = text("""
SELECT o.body, coalesce(later.payments, 0) AS paid_by_acts
FROM customer_order o LEFT JOIN LATERAL (
    SELECT sum(json_array_length(a.body -> 'payments')) AS payments FROM till_act a
    WHERE a.confirmation_no = o.confirmation_no
      AND (a.status NOT IN ('submitting', 'waiting') OR CAST(a.body ->> 'counted' AS boolean))
) later ON true
WHERE o.store_no = :store_no AND o.terminal_no = :terminal_no AND o.business_date = :business_date
""")

# Sales may still refuse an act that is being submitted: its till has no answer yet. One that was taken offline has
# happened.
ACTS = text("""
SELECT confirmation_no, body FROM till_act
WHERE store_no = :store_no AND terminal_no = :terminal_no AND business_date = :business_date
  AND (status <> 'submitting' OR body ->> 'taken_offline' IS NOT NULL)
""")

# Per day from the first number that was used to the last. A till that counts in large steps would have endless gaps.
GAPS = text("""
WITH used AS (
    SELECT business_date, sequence FROM till_identity
    WHERE store_no = :store_no AND terminal_no = :terminal_no
      AND (CAST(:day AS date) IS NULL OR business_date = CAST(:day AS date))
), steps AS (
    SELECT business_date, sequence + 1 AS first,
           lead(sequence) OVER (PARTITION BY business_date ORDER BY sequence) - 1 AS last
    FROM used
)
SELECT business_date, missing AS sequence
FROM steps, generate_series(first, least(last, first + :most - 1)) AS missing
WHERE first <= last
ORDER BY business_date DESC, missing LIMIT :most
""")

_decode_order = msgspec.json.Decoder(CustomerOrder).decode
_decode_act = msgspec.json.Decoder(TillAct).decode


class Gap(msgspec.Struct, frozen=True):
    """A transaction that a terminal has counted and the gateway has never seen."""

    business_date: date
    sequence: int


async def entries(
    where: Queryable, store_no: str, terminal_no: str, business_date: date
) -> list[JournalEntry]:
    """The money of a terminal's day, in the order of its transactions."""
    of_day = {"store_no": store_no, "terminal_no": terminal_no, "business_date": business_date}
    found = [
        entry
        for row in await fetch(where, ORDERS, **of_day)
        for entry in entries_of_order(_decode_order(row.body), int(row.paid_by_acts))
    ]
    for row in await fetch(where, ACTS, **of_day):
        found += entries_of_act(_decode_act(row.body), row.confirmation_no)
    return sorted(found, key=lambda entry: entry.sequence)


async def gaps(where: Queryable, store_no: str, terminal_no: str, day: date | None, most: int) -> list[Gap]:
    """At most so many missing transactions of a terminal, the newest days first (POS-115)."""
    rows = await fetch(where, GAPS, store_no=store_no, terminal_no=terminal_no, day=day, most=most)
    return [Gap(row.business_date, row.sequence) for row in rows]
