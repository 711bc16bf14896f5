"""Reservations, and what is reserved of stock, of purchase lines and for sales lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.planning.stock import OrderReservation, ReservedLine
from eventkit.transaction import Queryable, Transaction, fetch, fetch_one, json_fields, json_rows, json_texts
from planning.domain.reservations.reservation import Reservation
from planning.domain.stock.availability import Reserved
from recordkit.stored import StoredDocument

OF_ORDERS = text("""
SELECT body FROM reservation WHERE sales_order_no = ANY(CAST(:nos AS text[])) AND status = 'active'
ORDER BY id FOR UPDATE
""")
OF_PURCHASE_LINES = text("""
SELECT body FROM reservation WHERE purchase_line_id = ANY(CAST(:ids AS uuid[])) AND status = 'active'
ORDER BY id FOR UPDATE
""")
OF_DOCUMENTS = text("""
SELECT body FROM reservation
WHERE status = 'active' AND (sales_order_no = ANY(CAST(:nos AS text[]))
                             OR purchase_line_id = ANY(CAST(:ids AS uuid[])))
""")
LOCK = text("SELECT body FROM reservation WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
FIND = text("SELECT body, created_at, updated_at FROM reservation WHERE id = :id")

STORE = text("""
INSERT INTO reservation (id, status, sales_order_no, sales_line_id, item_no, location_code, purchase_order_no,
                         purchase_line_id, stock_quantity, purchase_quantity, due_date, supply_date, body, created_at,
                         updated_at)
SELECT r.id, r.status, r.sales_order_no, r.sales_line_id, r.item_no, r.location_code, r.purchase_order_no,
       r.purchase_line_id, r.stock_quantity, r.purchase_quantity, r.due_date, r.supply_date, r.body, :now, :now
FROM ROWS FROM (
    json_to_recordset(CAST(:rows AS json))
        AS (id uuid, status text, sales_order_no text, sales_line_id uuid, item_no text, location_code text,
            purchase_order_no text, purchase_line_id uuid, stock_quantity numeric, purchase_quantity numeric,
            due_date date, supply_date date),
    unnest(CAST(:bodies AS json[]))
) AS r(id, status, sales_order_no, sales_line_id, item_no, location_code, purchase_order_no, purchase_line_id,
       stock_quantity, purchase_quantity, due_date, supply_date, body)
ON CONFLICT (id) DO UPDATE
SET status = excluded.status, stock_quantity = excluded.stock_quantity,
    purchase_quantity = excluded.purchase_quantity, due_date = excluded.due_date, supply_date = excluded.supply_date,
    body = excluded.body, updated_at = excluded.updated_at
""")
_COLUMNS: Final = (
    "id",
    "status",
    "sales_order_no",
    "sales_line_id",
    "item_no",
    "location_code",
    "purchase_order_no",
    "purchase_line_id",
    "stock_quantity",
    "purchase_quantity",
    "due_date",
    "supply_date",
)

TAKEN = text("""
SELECT true AS is_sale, sales_line_id AS line_id, sum(stock_quantity + purchase_quantity) AS quantity
FROM reservation WHERE sales_order_no = ANY(CAST(:sales AS text[])) AND status = 'active' GROUP BY sales_line_id
UNION ALL
SELECT false, purchase_line_id, sum(purchase_quantity)
FROM reservation WHERE purchase_line_id = ANY(CAST(:lines AS uuid[])) AND status = 'active'
GROUP BY purchase_line_id
""")

# What is to come into stock in time, the earliest first: automatic reservations look at these orders.
SUPPLIERS = text("""
SELECT DISTINCT o.document_no FROM json_to_recordset(CAST(:keys AS json))
       AS k(item_no text, location_code text, day date)
CROSS JOIN LATERAL (
    SELECT document_no FROM open_line o
    WHERE o.item_no = k.item_no AND o.location_code = k.location_code AND o.source = 'purchase'
      AND NOT o.special_order AND o.due_date <= k.day
    ORDER BY o.due_date, o.line_id LIMIT :most) o
ORDER BY o.document_no
""")

# The row lock orders the versions of an order's reservations: what is read after it is published under it.
RAISE_VERSIONS = text("""
INSERT INTO order_reservation AS o (sales_order_no, version, updated_at)
SELECT no, 1, :now FROM unnest(CAST(:nos AS text[])) AS no ORDER BY no
ON CONFLICT (sales_order_no) DO UPDATE SET version = o.version + 1, updated_at = excluded.updated_at
RETURNING sales_order_no, version
""")
RESERVED_LINES = text("""
SELECT sales_order_no, sales_line_id, min(CAST(body ->> 'sales_order_line_no' AS int)) AS line_no,
       sum(stock_quantity + purchase_quantity) AS quantity
FROM reservation WHERE sales_order_no = ANY(CAST(:nos AS text[])) AND status = 'active'
GROUP BY sales_order_no, sales_line_id ORDER BY line_no, sales_line_id
""")
KEEP_PUBLISHED = text("""
UPDATE order_reservation o SET body = r.body
FROM unnest(CAST(:nos AS text[]), CAST(:bodies AS json[])) AS r(no, body) WHERE o.sales_order_no = r.no
""")


def of_lines(where: str = "true") -> str:
    """SQL: what is reserved for each sales line, and of each purchase line; to be joined with open lines."""
    return f"""
SELECT sales_line_id AS line_id, sum(stock_quantity + purchase_quantity) AS reserved
FROM reservation WHERE status = 'active' AND {where} GROUP BY sales_line_id
UNION ALL
SELECT purchase_line_id, sum(purchase_quantity)
FROM reservation WHERE status = 'active' AND purchase_line_id IS NOT NULL AND {where} GROUP BY purchase_line_id
"""


RESERVED = text("""
SELECT coalesce(sum(supply), 0) AS supply,
       coalesce(sum(quantity) FILTER (WHERE CAST(:day AS date) IS NULL OR due_date <= CAST(:day AS date)), 0) AS demand
FROM (
    SELECT due_date, stock_quantity + purchase_quantity AS quantity,
           stock_quantity + CASE WHEN CAST(:day AS date) IS NULL OR supply_date <= CAST(:day AS date)
                                           THEN purchase_quantity ELSE 0 END AS supply
    FROM reservation
    WHERE status = 'active' AND item_no = :item_no
      AND (CAST(:location_code AS text) IS NULL OR location_code = :location_code)
) AS r
""")

RESERVATION: Final = msgspec.json.Decoder(Reservation)


async def lock_of_orders(tx: Transaction, nos: Iterable[str]) -> dict[str, list[Reservation]]:
    """What is reserved for these sales orders, by order, locked."""
    wanted = sorted(set(nos))
    found: dict[str, list[Reservation]] = {}
    for (body,) in await tx.all(OF_ORDERS, nos=wanted) if wanted else ():
        reservation = RESERVATION.decode(body)
        found.setdefault(reservation.sales_order_no, []).append(reservation)
    return found


async def lock_of_purchase_lines(tx: Transaction, ids: Iterable[UUID]) -> dict[str, list[Reservation]]:
    """What is reserved of these purchase lines, by purchase order, locked."""
    wanted = sorted(set(ids))
    found: dict[str, list[Reservation]] = {}
    for (body,) in await tx.all(OF_PURCHASE_LINES, ids=wanted) if wanted else ():
        reservation = RESERVATION.decode(body)
        found.setdefault(reservation.purchase_order_no, []).append(reservation)
    return found


async def of_documents(
    where: Queryable, sales_order_nos: Iterable[str], purchase_line_ids: Iterable[UUID] = ()
) -> list[Reservation]:
    """What is reserved for sales orders and of purchase lines, the oldest first; not locked."""
    params = {"nos": sorted(set(sales_order_nos)), "ids": sorted(set(purchase_line_ids))}
    found = (RESERVATION.decode(body) for (body,) in await fetch(where, OF_DOCUMENTS, **params))
    return sorted(found, key=lambda reservation: reservation.id)


async def lock(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Reservation]:
    """Reservations by id, locked; unknown ids are left out."""
    found = (RESERVATION.decode(body) for (body,) in await tx.all(LOCK, ids=sorted(set(ids))))
    return {reservation.id: reservation for reservation in found}


async def find(where: Queryable, id_: UUID) -> StoredDocument[Reservation] | None:
    """One reservation with its times; None if the id is unknown."""
    row = await fetch_one(where, FIND, id=id_)
    return None if row is None else stored_of(row)


def stored_of(row: Any) -> StoredDocument[Reservation]:
    """What a row with body and times says."""
    return StoredDocument(RESERVATION.decode(row.body), row.created_at, row.updated_at)


async def store(tx: Transaction, reservations: Sequence[Reservation]) -> None:
    """Write reservations, new ones and changed ones that are locked."""
    if reservations:
        rows = json_fields(reservations, *_COLUMNS)
        await tx.run(STORE, rows=rows, bodies=json_texts(reservations), now=tx.now)


async def reserved(where: Queryable, item_no: str, location_code: str | None, day: date | None) -> Reserved:
    """What is reserved of an item at a location (None: at all) up to a day (None: at all)."""
    params = {"item_no": item_no, "location_code": location_code, "day": day}
    (row,) = await fetch(where, RESERVED, **params)
    return Reserved(supply=row.supply, demand=row.demand)


async def taken(
    tx: Transaction, sales_order_nos: Iterable[str], purchase_line_ids: Iterable[UUID]
) -> tuple[dict[UUID, Decimal], dict[UUID, Decimal]]:
    """What is reserved for the lines of these sales orders, and of these purchase lines, by line."""
    of_sales: dict[UUID, Decimal] = {}
    of_purchases: dict[UUID, Decimal] = {}
    params = {"sales": sorted(set(sales_order_nos)), "lines": sorted(set(purchase_line_ids))}
    for is_sale, line_id, quantity in await tx.all(TAKEN, **params):
        (of_sales if is_sale else of_purchases)[line_id] = quantity
    return of_sales, of_purchases


async def suppliers(tx: Transaction, keys: Iterable[tuple[str, str, Any]], most: int) -> list[str]:
    """Purchase orders that bring items (item, location, last day), at most so many of each."""
    rows = json_rows({"item_no": item, "location_code": place, "day": day} for item, place, day in set(keys))
    return [row[0] for row in await tx.all(SUPPLIERS, keys=rows, most=most)]


async def next_snapshots(tx: Transaction, nos: Iterable[str]) -> list[OrderReservation]:
    """What is reserved for these orders now, each at its next version, kept as it is published."""
    wanted = sorted(set(nos))
    if not wanted:
        return []
    raised = await tx.all(RAISE_VERSIONS, nos=wanted, now=tx.now)
    versions: dict[str, int] = {row.sales_order_no: row.version for row in raised}
    lines: dict[str, list[ReservedLine]] = {no: [] for no in wanted}
    for row in await tx.all(RESERVED_LINES, nos=wanted):
        reserved = ReservedLine(
            sales_line_id=row.sales_line_id, sales_order_line_no=row.line_no, quantity_base=row.quantity
        )
        lines[row.sales_order_no].append(reserved)
    made = [
        OrderReservation(
            version=versions[no], happened=("reserved",), sales_order_no=no, lines=tuple(lines[no])
        )
        for no in wanted
    ]
    await tx.run(KEEP_PUBLISHED, nos=wanted, bodies=json_texts(made))
    return made
