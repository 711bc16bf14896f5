"""Purchase orders: one row each, the whole order in `body`, columns beside it for lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, json_rows, json_texts
from purchasing.domain.orders import Order
from recordkit.series import DRAWN, take

SERIES = "purchase-order"

LOCK = text("""
SELECT body FROM purchase_order WHERE no = ANY(CAST(:nos AS text[])) ORDER BY no FOR UPDATE
""")

READ = text("SELECT body FROM purchase_order WHERE no = ANY(CAST(:nos AS text[]))")

# LIMIT 1 holds the planner to looking up each number: it would read all orders' numbers for EXISTS.
OF_DRAWN = """
SELECT d.no, o.no IS NOT NULL AS taken, d.i
FROM (SELECT prefix || (first + i) AS no, i FROM drawn, generate_series(0, :count - 1) AS i) d
LEFT JOIN LATERAL (SELECT no FROM purchase_order WHERE no = d.no LIMIT 1) o ON true
"""

NUMBERS = text(f"WITH drawn AS ({DRAWN}) {OF_DRAWN} ORDER BY i")

ROW = """(
    no text, version bigint, status text, vendor_no text, sell_to_customer_no text, next_receipt_date date,
    deleted boolean)"""

FROM_ROWS = f"""ROWS FROM (
    json_to_recordset(CAST(:orders AS json)) AS {ROW}, unnest(CAST(:bodies AS json[]))) AS r"""

INTO = """
INSERT INTO purchase_order (no, version, status, vendor_no, sell_to_customer_no, next_receipt_date, deleted, body,
                            created_at, updated_at)
SELECT no, version, status, vendor_no, sell_to_customer_no, next_receipt_date, deleted, unnest, :now, :now
"""

INSERT = text(f"{INTO} FROM {FROM_ROWS}")

UPDATE = text(f"""
UPDATE purchase_order o
SET version = n.version, status = n.status, vendor_no = n.vendor_no, sell_to_customer_no = n.sell_to_customer_no,
    next_receipt_date = n.next_receipt_date, deleted = n.deleted, body = n.unnest, updated_at = :now
FROM (SELECT * FROM {FROM_ROWS}) n
WHERE o.no = n.no
""")

_decoder = msgspec.json.Decoder(Order)


class _Row(msgspec.Struct):
    no: str
    version: int
    status: str
    vendor_no: str
    sell_to_customer_no: str
    next_receipt_date: date | None
    deleted: bool


def decoded(body: str) -> Order:
    """An order from its column."""
    return _decoder.decode(body)


async def lock(tx: Transaction, nos: Iterable[str]) -> dict[str, Order]:
    """Orders by number, locked until the transaction ends, in the order of their numbers."""
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    return _by_no(decoded(body) for (body,) in await tx.all(LOCK, nos=wanted))


async def read(where: Queryable, nos: Iterable[str]) -> dict[str, Order]:
    """Orders by number as they are now, deleted ones too."""
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    return _by_no(decoded(body) for (body,) in await fetch(where, READ, nos=wanted))


def _by_no(orders: Iterable[Order]) -> dict[str, Order]:
    return {order.no: order for order in orders}


async def numbers(tx: Transaction, count: int, drawn_before: Sequence[str] = ()) -> list[str]:
    """New order numbers after those drawn before, leaving out those that callers gave to orders themselves."""
    free = [*drawn_before]
    while len(free) < count:
        missing = count - len(free)
        drawn = await tx.all(NUMBERS, code=SERIES, count=missing)
        if not drawn:
            await take(tx, SERIES, missing)  # says what is wrong with the series
        free += [row.no for row in drawn if not row.taken]
    return free


async def insert(tx: Transaction, orders: Sequence[Order]) -> None:
    """Write new orders. A number that somebody else took since it was checked fails the transaction: decide again."""
    if orders:
        await tx.run(INSERT, **rows(orders), now=tx.now)


async def update(tx: Transaction, orders: Sequence[Order]) -> None:
    """Write locked orders at their new versions."""
    if orders:
        await tx.run(UPDATE, **rows(orders), now=tx.now)


def rows(orders: Sequence[Order]) -> dict[str, Any]:
    """Orders as the parameters of a statement over `FROM_ROWS`."""
    heads = json_rows(
        _Row(
            no=o.no,
            version=o.version,
            status=o.status,
            vendor_no=o.vendor_no,
            sell_to_customer_no=o.sell_to_customer_no,
            next_receipt_date=o.next_receipt_date,
            deleted=o.deleted,
        )
        for o in orders
    )
    return {"orders": heads, "bodies": json_texts(orders)}
