"""The copies of others' master data that a batch of decisions needs, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.pos import NewCustomer
from contracts.topics import KINDS
from eventkit import copies
from eventkit.transaction import Transaction, fetch, json_rows
from pos_gateway.domain.known import Known, TillCustomer, Wanted

LOAD = text("""
SELECT c.kind, c.no, c.body
FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[])) AS wanted(kind, no)
JOIN copy c ON c.kind = wanted.kind AND c.no = wanted.no
WHERE c.body IS NOT NULL
""")

LOAD_TILL_CUSTOMERS = text("""
SELECT id, body, customer_no FROM till_customer WHERE id = ANY(CAST(:ids AS uuid[]))
""")

SAVE_TILL_CUSTOMERS = text("""
INSERT INTO till_customer (id, body)
SELECT id, body FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, body jsonb)
ON CONFLICT (id) DO NOTHING
""")

NUMBER_TILL_CUSTOMERS = text("""
UPDATE till_customer c SET customer_no = r.customer_no
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, customer_no text)
WHERE c.id = r.id AND c.customer_no <> r.customer_no
""")


async def load(where: Transaction | AsyncConnection, wanted: Iterable[Wanted]) -> Known:
    """What exists of all that is wanted; the customers made at tills are asked for only where one is named."""
    all_wanted = tuple(wanted)
    keys = sorted(frozenset().union(*(w.copies for w in all_wanted)))
    found: dict[str, dict[str, Any]] = {kind: {} for kind in _FIELD}
    if keys:
        kinds, nos = zip(*keys, strict=True)
        for row in await fetch(where, LOAD, kinds=list(kinds), nos=list(nos)):
            snapshot = _decoded(row.kind, row.body)
            if not snapshot.deleted:
                found[row.kind][row.no] = snapshot
    ids = frozenset[UUID]().union(*(w.till_customers for w in all_wanted))
    customers = await _till_customers(where, sorted(ids)) if ids else {}
    return Known(till_customers=customers, **{_FIELD[kind]: rows for kind, rows in found.items()})


_FIELD = {
    "customer": "customers",
    "ship-to-address": "ship_to_addresses",
    "item": "items",
    "purchasing-code": "purchasing_codes",
    "charge-code": "charge_codes",
    "stock": "stock",
}


@lru_cache(maxsize=8192)
def _decoded(kind: str, body: str) -> Any:
    """The snapshot with this text: the same items and customers come again and again."""
    return copies.decoder(KINDS[kind]).decode(body)


async def _till_customers(
    where: Transaction | AsyncConnection, ids: Sequence[UUID]
) -> dict[UUID, TillCustomer]:
    rows = await fetch(where, LOAD_TILL_CUSTOMERS, ids=list(ids))
    return {
        row.id: TillCustomer(
            customer=msgspec.json.decode(row.body, type=NewCustomer), customer_no=row.customer_no
        )
        for row in rows
    }


async def save_till_customers(tx: Transaction, customers: Sequence[NewCustomer]) -> None:
    """Keep customers made at tills, so that later orders can name them."""
    if customers:
        await tx.run(SAVE_TILL_CUSTOMERS, rows=json_rows({"id": c.id, "body": c} for c in customers))


async def number_till_customers(tx: Transaction, numbers: dict[UUID, str]) -> None:
    """Sales has given these customers their numbers."""
    if numbers:
        rows = json_rows({"id": id_, "customer_no": no} for id_, no in numbers.items())
        await tx.run(NUMBER_TILL_CUSTOMERS, rows=rows)
