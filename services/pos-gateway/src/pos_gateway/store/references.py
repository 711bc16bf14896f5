"""The copies of others' master data that a batch of decisions needs, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.pos import NewCustomer
from contracts.topics import KINDS
from eventkit import copies
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from pos_gateway.domain.known import Known, TillCustomer, Wanted

_COPIES = """
SELECT c.kind, c.no, c.body
FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[])) AS wanted(kind, no)
JOIN copy c ON c.kind = wanted.kind AND c.no = wanted.no
WHERE c.body IS NOT NULL
"""
LOAD = text(_COPIES)

# One row says which configuration holds and gives the numbers, the others are copies.
START = text(f"""
SELECT CAST(NULL AS text) AS kind, CAST(NULL AS text) AS no, CAST(NULL AS json) AS body, revision, version,
       ARRAY(SELECT nextval('confirmation_no') FROM generate_series(1, :count)) AS numbers
FROM configuration
UNION ALL
SELECT kind, no, body, NULL, NULL, NULL FROM ({_COPIES}) copied
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


class Start(msgspec.Struct, frozen=True):
    """What deciding about new orders begins with."""

    revision: int
    version: int
    """Of the configuration that holds now."""
    numbers: list[int]
    """For confirmation numbers."""
    known: Known


async def start(tx: Transaction, wanted: Iterable[Wanted], count: int) -> Start:
    """All that is wanted, `count` values for confirmation numbers and which configuration holds, in one statement."""
    all_wanted = tuple(wanted)
    kinds, nos = _keys(all_wanted)
    holds, *copied = sorted(await tx.all(START, kinds=kinds, nos=nos, count=count), key=_is_copy)
    known = _known(copied, await _till_customers(tx, all_wanted))
    return Start(holds.revision, holds.version, holds.numbers, known)


def _is_copy(row: Any) -> bool:
    return row.kind is not None


async def load(where: Queryable, wanted: Iterable[Wanted]) -> Known:
    """What exists of all that is wanted."""
    all_wanted = tuple(wanted)
    kinds, nos = _keys(all_wanted)
    rows = await fetch(where, LOAD, kinds=kinds, nos=nos) if kinds else ()
    return _known(rows, await _till_customers(where, all_wanted))


def _keys(wanted: Sequence[Wanted]) -> tuple[list[str], list[str]]:
    keys = sorted(frozenset().union(*(w.copies for w in wanted)))
    return [kind for kind, _ in keys], [no for _, no in keys]


def _known(rows: Iterable[Any], till_customers: dict[UUID, TillCustomer]) -> Known:
    found: dict[str, dict[str, Any]] = {kind: {} for kind in _FIELD}
    for row in rows:
        kind, no, body, *_ = row
        snapshot = _decoded(kind, body)
        if not snapshot.deleted:
            found[kind][no] = snapshot
    return Known(till_customers=till_customers, **{_FIELD[kind]: rows for kind, rows in found.items()})


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


async def _till_customers(where: Queryable, wanted: Sequence[Wanted]) -> dict[UUID, TillCustomer]:
    """The customers made at tills; hardly any order names one."""
    ids = frozenset[UUID]().union(*(w.till_customers for w in wanted))
    if not ids:
        return {}
    rows = await fetch(where, LOAD_TILL_CUSTOMERS, ids=sorted(ids))
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
