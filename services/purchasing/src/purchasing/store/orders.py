"""Purchase orders: one row each, the whole order in `body`, columns beside it for lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import text

from eventkit.transaction import Queryable, Transaction, fetch, fetch_one, json_fields, json_texts
from purchasing.domain.orders.order import Order
from recordkit import series
from recordkit.stored import StoredDocument

SERIES = "purchase-order"

LOCK = text("""
SELECT body FROM purchase_order WHERE no = ANY(CAST(:nos AS text[])) ORDER BY no FOR UPDATE
""")

READ = text("SELECT body FROM purchase_order WHERE no = ANY(CAST(:nos AS text[]))")

FIND = text("SELECT body, created_at, updated_at FROM purchase_order WHERE no = :no AND NOT deleted")

TAKEN = text("SELECT no FROM purchase_order WHERE no = ANY(CAST(:nos AS text[]))")

ROW = """(
    no text, version bigint, status text, vendor_no text, sell_to_customer_no text, next_receipt_date date,
    received_not_invoiced boolean, deleted boolean)"""

# Whole documents stand beside the columns, not inside them: nested in `:orders` PostgreSQL would parse each one twice.
FROM_ROWS = f"""ROWS FROM (
    json_to_recordset(CAST(:orders AS json)) AS {ROW}, unnest(CAST(:bodies AS json[]))
) AS r(no, version, status, vendor_no, sell_to_customer_no, next_receipt_date, received_not_invoiced, deleted, body)"""
"""Orders given by `rows`: the columns, and the whole order as `body`."""

INTO = """
INSERT INTO purchase_order (no, version, status, vendor_no, sell_to_customer_no, next_receipt_date,
                            received_not_invoiced, deleted, body, created_at, updated_at)
SELECT no, version, status, vendor_no, sell_to_customer_no, next_receipt_date, received_not_invoiced, deleted, body,
       :now, :now
"""

# No ON CONFLICT: numbers were checked under the series' lock, so a conflict is a number that was given by hand in
# between. The transaction fails on the key and is decided again.
INSERT = text(f"{INTO} FROM {FROM_ROWS}")

UPDATE = text(f"""
UPDATE purchase_order o
SET version = r.version, status = r.status, vendor_no = r.vendor_no, sell_to_customer_no = r.sell_to_customer_no,
    next_receipt_date = r.next_receipt_date, received_not_invoiced = r.received_not_invoiced,
    deleted = r.deleted, body = r.body, updated_at = :now
FROM {FROM_ROWS}
WHERE o.no = r.no
""")

_decoder = msgspec.json.Decoder(Order)


def decoded(body: str) -> Order:
    """An order from the JSON in its column."""
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


async def find(where: Queryable, no: str) -> StoredDocument[Order] | None:
    """One order with its times; None if there is none or it was deleted."""
    row = await fetch_one(where, FIND, no=no)
    return None if row is None else stored_of(row)


def stored_of(row: Any) -> StoredDocument[Order]:
    """What a row with body and times says."""
    return StoredDocument(decoded(row.body), row.created_at, row.updated_at)


def _by_no(orders: Iterable[Order]) -> dict[str, Order]:
    return {order.no: order for order in orders}


async def free_numbers(tx: Transaction, count: int, drawn_before: Sequence[str] = ()) -> list[str]:
    """New order numbers after those drawn before, leaving out those that callers gave to orders themselves.

    Refused if the series is used up.
    """
    missing = count - len(drawn_before)
    drawn = await series.take_free(tx, SERIES, missing, partial(_taken, tx))
    if len(drawn) < missing:
        raise series.exhausted(SERIES)
    return [*drawn_before, *drawn]


async def _taken(tx: Transaction, nos: Sequence[str]) -> set[str]:
    return {no for (no,) in await tx.all(TAKEN, nos=list(nos))}


async def insert(tx: Transaction, orders: Sequence[Order]) -> None:
    """Write new orders. If another act has taken a number since the check, it fails on the key and is retried."""
    if orders:
        await tx.run(INSERT, **rows(orders), now=tx.now)


async def update(tx: Transaction, orders: Sequence[Order]) -> None:
    """Write locked orders at their new versions."""
    if orders:
        await tx.run(UPDATE, **rows(orders), now=tx.now)


def rows(orders: Sequence[Order]) -> dict[str, Any]:
    """Orders as the parameters of a statement over `FROM_ROWS`."""
    heads = json_fields(
        orders,
        "no",
        "version",
        "status",
        "vendor_no",
        "sell_to_customer_no",
        "next_receipt_date",
        "received_not_invoiced",
        "deleted",
    )
    return {"orders": heads, "bodies": json_texts(orders)}
