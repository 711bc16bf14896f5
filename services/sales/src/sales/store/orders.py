"""Sales orders: the aggregate stored whole, with the columns that lists filter on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows, json_texts
from recordkit import series
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order
from sales.store import number_series

LOCK = text("""
SELECT body FROM sales_order WHERE no = ANY(CAST(:nos AS text[])) AND NOT deleted ORDER BY no FOR UPDATE
""")

READ = text("SELECT body FROM sales_order WHERE no = ANY(CAST(:nos AS text[])) AND NOT deleted")

DELETED = text("SELECT no FROM sales_order WHERE no = ANY(CAST(:nos AS text[])) AND deleted")

# A number that is used already is left out of the answer instead of failing all orders of the batch.
INSERT = text("""
INSERT INTO sales_order (no, version, status, customer_no, external_document_no, confirmation_no, order_date, body,
                         released_at, created_at, updated_at)
SELECT no, version, status, customer_no, external_document_no, confirmation_no, order_date, body,
       CASE WHEN status = 'released' THEN CAST(:now AS timestamptz) END, :now, :now
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    no text, version bigint, status text, customer_no text, external_document_no text, confirmation_no text,
    order_date date), unnest(CAST(:bodies AS json[])))
AS r(no, version, status, customer_no, external_document_no, confirmation_no, order_date, body)
ON CONFLICT (no) DO NOTHING RETURNING no
""")

UPDATE = text("""
UPDATE sales_order o
SET version = r.version, status = r.status, customer_no = r.customer_no, deleted = r.deleted, body = r.body,
    external_document_no = r.external_document_no, order_date = r.order_date, updated_at = :now,
    released_at = CASE WHEN r.status = 'released' AND o.status <> 'released' THEN :now ELSE o.released_at END
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    no text, version bigint, status text, customer_no text, external_document_no text, order_date date,
    deleted boolean), unnest(CAST(:bodies AS json[])))
AS r(no, version, status, customer_no, external_document_no, order_date, deleted, body)
WHERE o.no = r.no
""")

# A deleted order bought and sold nothing. Posted documents belong to orders that are never deleted.
ANY = text("SELECT EXISTS (SELECT FROM sales_order WHERE NOT deleted)")

CUSTOMERS_IN_USE = text("""
SELECT customer_no FROM sales_order
WHERE customer_no = ANY(CAST(:nos AS text[])) AND NOT deleted AND status NOT IN ('closed', 'cancelled')
UNION
SELECT customer_no FROM sales_document
WHERE customer_no = ANY(CAST(:nos AS text[])) AND NOT deleted AND status = 'open'
""")

RELEASED_AT = text("""
SELECT no, released_at FROM sales_order WHERE no = ANY(CAST(:nos AS text[])) AND released_at IS NOT NULL
""")

ORDER = msgspec.json.Decoder(Order)
LINE = msgspec.json.Decoder(Line)

K = TypeVar("K")
Insert = Callable[[Sequence[Order]], Awaitable[set[str]]]
"""Stores new documents and returns the numbers that were not used before."""


async def exist(tx: Transaction) -> bool:
    """Whether there is any order."""
    ((found,),) = await tx.all(ANY)
    return bool(found)


async def customers_in_use(tx: Transaction, nos: Iterable[str]) -> set[str]:
    """Which of these customers have documents that are not done."""
    return {row.customer_no for row in await tx.all(CUSTOMERS_IN_USE, nos=sorted(set(nos)))}


async def lock(tx: Transaction, nos: Iterable[str]) -> dict[str, Order]:
    """Orders by number, locked in the order of their numbers; unknown and deleted ones are absent."""
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    rows = await tx.all(LOCK, nos=wanted)
    orders = (ORDER.decode(body) for (body,) in rows)
    return {order.no: order for order in orders}


async def read(tx: Transaction, nos: Iterable[str]) -> dict[str, Order]:
    """Orders by number as they are now, not locked; unknown and deleted ones are absent."""
    wanted = sorted(set(nos))
    rows = await tx.all(READ, nos=wanted) if wanted else ()
    orders = (ORDER.decode(body) for (body,) in rows)
    return {order.no: order for order in orders}


async def deleted(tx: Transaction, nos: Iterable[str]) -> set[str]:
    """Which of these orders were deleted; their rows stay."""
    wanted = sorted(set(nos))
    return {no for (no,) in await tx.all(DELETED, nos=wanted)} if wanted else set()


async def insert(tx: Transaction, orders: Sequence[Order]) -> set[str]:
    """Store new orders; returns the numbers that were stored. Used numbers, also of deleted orders, are absent."""
    if not orders:
        return set()
    rows, bodies = json_rows(map(_row, orders)), json_texts(orders)
    return {row[0] for row in await tx.all(INSERT, rows=rows, bodies=bodies, now=tx.now)}


async def insert_numbered(
    tx: Transaction,
    orders: Mapping[K, Order],
    series_code: str = number_series.SALES_ORDER,
    insert_these: Insert | None = None,
) -> dict[K, Order]:
    """Store new documents under the next numbers that were not given by hand; fewer when the series ends.

    They are orders unless `insert_these` stores documents of another type.
    """
    store: Insert = insert_these or partial(insert, tx)
    stored: dict[K, Order] = {}
    left = dict(orders)
    # Usually one round. Another follows only for numbers of the series that were used by hand before.
    while left:
        numbers = await series.take_left(tx, series_code, len(left))
        named = {key: replace(left[key], no=no) for key, no in zip(left, numbers, strict=False)}
        if not named:
            break
        free = await store(list(named.values()))
        stored |= {key: order for key, order in named.items() if order.no in free}
        left = {key: order for key, order in left.items() if key not in stored}
    return stored


async def update(tx: Transaction, orders: Sequence[Order]) -> None:
    """Store changed orders, which this transaction has locked."""
    if orders:
        await tx.run(UPDATE, rows=json_rows(map(_row, orders)), bodies=json_texts(orders), now=tx.now)


async def released_at(tx: Transaction, nos: Iterable[str]) -> dict[str, datetime]:
    """When orders were last released."""
    return {row.no: row.released_at for row in await tx.all(RELEASED_AT, nos=sorted(set(nos)))}


def _row(order: Order) -> dict[str, Any]:
    return {
        "no": order.no,
        "version": order.version,
        "status": order.status,
        "customer_no": order.customer_no,
        "external_document_no": order.external_document_no,
        "confirmation_no": order.confirmation_no,
        "order_date": order.order_date,
        "deleted": order.deleted,
    }
