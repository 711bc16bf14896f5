"""Customers made at tills: known here by an id until sales has given a number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.pos import NewCustomer
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from pos_gateway.domain.orders.context import TillCustomer

LOAD = text("SELECT id, body, customer_no FROM till_customer WHERE id = ANY(CAST(:ids AS uuid[]))")

SAVE = text("""
INSERT INTO till_customer (id, body)
SELECT id, body FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, body jsonb)
ON CONFLICT (id) DO NOTHING
""")

SET_NUMBERS = text("""
UPDATE till_customer c SET customer_no = r.customer_no
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, customer_no text)
WHERE c.id = r.id AND c.customer_no <> r.customer_no
""")


async def load(where: Queryable, ids: Collection[UUID]) -> dict[UUID, TillCustomer]:
    """Customers made at tills, by id. Hardly any order names one, so most calls ask nothing."""
    if not ids:
        return {}
    rows = await fetch(where, LOAD, ids=sorted(ids))
    return {
        row.id: TillCustomer(
            customer=msgspec.json.decode(row.body, type=NewCustomer), customer_no=row.customer_no
        )
        for row in rows
    }


async def save(tx: Transaction, customers: Sequence[NewCustomer]) -> None:
    """Keep customers made at tills, so that later orders can name them."""
    if customers:
        await tx.run(SAVE, rows=json_rows({"id": c.id, "body": c} for c in customers))


async def set_numbers(tx: Transaction, numbers: dict[UUID, str]) -> None:
    """Sales has given these customers their numbers."""
    if numbers:
        rows = json_rows({"id": id_, "customer_no": no} for id_, no in numbers.items())
        await tx.run(SET_NUMBERS, rows=rows)
