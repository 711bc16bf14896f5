"""Requests of other services, decided once and never forgotten: a replayed request has no effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.purchasing.outcomes import RequestOutcome
from eventkit.transaction import Transaction, json_rows
from purchasing.domain.links import LinkRow
from purchasing.domain.orders.order import Order
from purchasing.store import links, orders

# Links, orders and decisions in one round trip. Unless every link was won nothing but the won links is written: an
# order would otherwise have a line for a sales line that is bought elsewhere. `made` and `decided` read `won`, so they
# run after the claims, which is the only order among the parts that matters.
STORE_PURCHASES = text(f"""
WITH wanted AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:links AS json)) AS r{links.ROW}),
claimed AS ({links.CLAIM_WANTED}),
won AS (SELECT (SELECT count(*) FROM claimed) = (SELECT count(*) FROM wanted) AS every),
made AS ({orders.INTO} FROM {orders.FROM_ROWS} WHERE (SELECT every FROM won)),
decided AS (
    INSERT INTO purchase_request (id, outcome, purchase_order_no, body, sales_line_ids, decided_at)
    SELECT id, outcome, purchase_order_no, CAST(body AS jsonb), sales_line_ids, :now
    FROM json_to_recordset(CAST(:decided AS json)) AS r(
        id uuid, outcome text, purchase_order_no text, body json, sales_line_ids uuid[])
    WHERE (SELECT every FROM won))
SELECT sales_line_id FROM claimed
""")

DECIDED_FOR_PLANNING = text("SELECT id FROM purchase_request WHERE id = ANY(CAST(:ids AS uuid[]))")

REMEMBER_FOR_PLANNING = text("""
INSERT INTO purchase_request (id, outcome, purchase_order_no, body, sales_line_ids, decided_at)
SELECT id, outcome, purchase_order_no, CAST(body AS jsonb), sales_line_ids, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    id uuid, outcome text, purchase_order_no text, body json, sales_line_ids uuid[])
""")

DECIDED_FOR_SALES = text("SELECT id FROM posting_request WHERE id = ANY(CAST(:ids AS uuid[]))")

REMEMBER_FOR_SALES = text("""
INSERT INTO posting_request (id, sales_order_no, outcome, body, decided_at)
SELECT id, sales_order_no, outcome, CAST(body AS jsonb), :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(id uuid, sales_order_no text, outcome text, body json)
""")


class DecidedPurchase(msgspec.Struct):
    """A purchase request's row. `body` and the sales lines are kept where something was not bought."""

    id: UUID
    outcome: str
    purchase_order_no: str
    body: RequestOutcome | None
    sales_line_ids: list[UUID] | None


async def store_purchases(
    tx: Transaction, claims: Sequence[LinkRow], made: Sequence[Order], decided: Sequence[DecidedPurchase]
) -> set[UUID]:
    """Write links, orders and decisions; the sales lines whose links were won.

    If other transactions linked some of them at the same moment, only the won links are written: the rest is decided
    again and stored without claims. If another transaction has decided one of the requests, the batch fails and is
    retried.
    """
    rows = await tx.all(
        STORE_PURCHASES,
        links=links.rows(claims),
        **orders.rows(made),
        decided=json_rows(decided),
        now=tx.now,
    )
    return {id_ for (id_,) in rows}


async def decided_for_planning(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these requests of planning were decided before."""
    return {id_ for (id_,) in await tx.all(DECIDED_FOR_PLANNING, ids=list(ids))}


async def remember_for_planning(tx: Transaction, decided: Sequence[DecidedPurchase]) -> None:
    """Write decisions that make no purchase. One that another transaction wrote fails the batch, which is retried."""
    if decided:
        await tx.run(REMEMBER_FOR_PLANNING, rows=json_rows(decided), now=tx.now)


async def decided_for_sales(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these requests of sales, for postings and withdrawals, were decided before."""
    return {id_ for (id_,) in await tx.all(DECIDED_FOR_SALES, ids=list(ids))}


async def remember_for_sales(tx: Transaction, outcomes: Sequence[RequestOutcome]) -> None:
    """Write decisions on requests of sales."""
    if outcomes:
        rows = [
            {"id": o.request_id, "sales_order_no": o.sales_order_no, "outcome": o.outcome, "body": o}
            for o in outcomes
        ]
        await tx.run(REMEMBER_FOR_SALES, rows=json_rows(rows), now=tx.now)
