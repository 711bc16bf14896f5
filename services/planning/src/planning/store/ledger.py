"""Item ledger, stock and allocations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.planning.stock import StockLevel
from eventkit.errors import OvertakenError
from eventkit.transaction import Transaction, json_rows
from planning.domain.stock.allocations import Allocation, Transfer
from planning.domain.stock.ledger import LedgerEntry, StockKey

# A posting that is in the ledger already is not written again: redelivery moves nothing.
INSERT_ENTRIES = text("""
INSERT INTO item_ledger_entry (
    posting_id, reversal, entry_type, item_no, location_code, quantity, posting_date, document_no, sales_order_no,
    sales_order_line_no, sales_line_id, purchase_order_no, purchase_order_line_no, reason, posted_at)
SELECT posting_id, reversal, entry_type, item_no, location_code, quantity, posting_date, document_no, sales_order_no,
    sales_order_line_no, sales_line_id, purchase_order_no, purchase_order_line_no, reason, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    posting_id uuid, reversal boolean, entry_type text, item_no text, location_code text, quantity numeric,
    posting_date date, document_no text, sales_order_no text, sales_order_line_no int, sales_line_id uuid,
    purchase_order_no text, purchase_order_line_no int, reason text)
ORDER BY posting_id, reversal
ON CONFLICT (posting_id, reversal) DO NOTHING
RETURNING posting_id, reversal, entry_no
""")

# Goods that were given away before are not moved again: redelivery and replay end here.
INSERT_TRANSFERS = text("""
INSERT INTO reallocation (id, from_line_id, to_line_id, item_no, location_code, quantity, posted_at)
SELECT id, from_line_id, to_line_id, item_no, location_code, quantity, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    id uuid, from_line_id uuid, to_line_id uuid, item_no text, location_code text, quantity numeric)
ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id
""")
APPLIED_TRANSFERS = text("SELECT id FROM reallocation WHERE id = ANY(CAST(:ids AS uuid[]))")
BALANCES = text(
    "SELECT sales_line_id, balance FROM allocation WHERE sales_line_id = ANY(CAST(:ids AS uuid[]))"
)

LOCK_ALLOCATIONS = text("""
SELECT sales_line_id, sales_order_no, item_no, location_code, balance, freed FROM allocation
WHERE sales_order_no = ANY(CAST(:nos AS text[])) ORDER BY sales_line_id FOR UPDATE
""")

# `replaced`: there was a row (`xmax` is set by an update alone).
STORE_ALLOCATIONS = text("""
INSERT INTO allocation (sales_line_id, sales_order_no, item_no, location_code, balance, freed)
SELECT sales_line_id, sales_order_no, item_no, location_code, balance, freed
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    sales_line_id uuid, sales_order_no text, item_no text, location_code text, balance numeric, freed boolean)
ORDER BY sales_line_id
ON CONFLICT (sales_line_id) DO UPDATE SET balance = excluded.balance, freed = excluded.freed
RETURNING sales_line_id, xmax <> 0 AS replaced
""")

# Inserts the missing rows and locks all of them, in one order. Updating a row to what it is is its lock, and it returns
# rows that another transaction has just inserted, which DO NOTHING with a SELECT would not see.
LOCK_STOCK = text("""
INSERT INTO stock AS s (item_no, location_code, updated_at)
SELECT item_no, location_code, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(item_no text, location_code text) ORDER BY item_no, location_code
ON CONFLICT (item_no, location_code) DO UPDATE SET version = s.version
RETURNING item_no, location_code, stock, allocated, reserved, version
""")

STORE_STOCK = text("""
UPDATE stock s
SET stock = r.stock, allocated = r.allocated, reserved = r.reserved, version = r.version, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    item_no text, location_code text, stock numeric, allocated numeric, reserved numeric, version int)
WHERE s.item_no = r.item_no AND s.location_code = r.location_code
""")

ITEMS_WITH_ENTRIES = text("""
SELECT i FROM unnest(CAST(:nos AS text[])) AS i
WHERE EXISTS (SELECT FROM item_ledger_entry e WHERE e.item_no = i)
""")

LEVEL = text("""
SELECT coalesce(sum(stock), 0), coalesce(sum(allocated), 0), coalesce(sum(reserved), 0) FROM stock
WHERE item_no = :item_no AND (CAST(:location_code AS text) IS NULL OR location_code = :location_code)
""")

EntryKey = tuple[UUID, bool]
_NOTHING: Final[dict[UUID, Allocation]] = {}


async def insert_entries(tx: Transaction, entries: Sequence[LedgerEntry]) -> dict[EntryKey, int]:
    """Write movements; (posting, reversal) → entry number of those that were not there before."""
    if not entries:
        return {}
    rows: Sequence[Any] = await tx.all(INSERT_ENTRIES, rows=json_rows(entries), now=tx.now)
    return {(posting_id, reversal): entry_no for posting_id, reversal, entry_no in rows}


async def insert_transfers(tx: Transaction, transfers: Sequence[Transfer]) -> list[Transfer]:
    """Write what lines gave to others; those that were not there before."""
    if not transfers:
        return []
    rows = await tx.all(INSERT_TRANSFERS, rows=json_rows(transfers), now=tx.now)
    new = {id_ for (id_,) in rows}
    return [transfer for transfer in transfers if transfer.id in new]


async def applied_transfers(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these were applied before."""
    return {id_ for (id_,) in await tx.all(APPLIED_TRANSFERS, ids=list(ids))}


async def balances(tx: Transaction, line_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What is allocated to these sales lines, not locked; lines without an allocation are absent."""
    rows: Sequence[Any] = await tx.all(BALANCES, ids=sorted(set(line_ids)))
    return {row.sales_line_id: row.balance for row in rows}


async def lock_allocations(tx: Transaction, sales_order_nos: Iterable[str]) -> dict[UUID, Allocation]:
    """Allocations of these sales orders' lines by line, locked."""
    nos = sorted(set(sales_order_nos))
    if not nos:
        return _NOTHING
    found = (Allocation(**row) for row in await tx.all(LOCK_ALLOCATIONS, nos=nos))
    return {allocation.sales_line_id: allocation for allocation in found}


async def store_allocations(
    tx: Transaction, allocations: Sequence[Allocation], locked: Collection[UUID]
) -> None:
    """Insert or replace allocations; `locked`: the lines whose allocations were there when they were locked.

    Raises OvertakenError if another process has allocated the first goods to one of the other lines since.
    """
    if not allocations:
        return
    rows = await tx.all(STORE_ALLOCATIONS, rows=json_rows(allocations))
    if unseen := {row.sales_line_id for row in rows if row.replaced}.difference(locked):
        raise OvertakenError(f"goods were allocated to sales lines {sorted(unseen)} by another process")


async def lock_stock(tx: Transaction, keys: Iterable[StockKey]) -> dict[StockKey, StockLevel]:
    """Stock of items at locations, locked in one order; 0 where nothing ever moved."""
    rows = json_rows({"item_no": item, "location_code": location} for item, location in sorted(set(keys)))
    found = [StockLevel(**row) for row in await tx.all(LOCK_STOCK, rows=rows, now=tx.now)]
    return {(level.item_no, level.location_code): level for level in found}


async def store_stock(tx: Transaction, levels: Iterable[StockLevel]) -> None:
    """Replace stock levels that are locked."""
    rows = [
        {
            "item_no": level.item_no,
            "location_code": level.location_code,
            "stock": level.stock,
            "allocated": level.allocated,
            "reserved": level.reserved,
            "version": level.version,
        }
        for level in levels
    ]
    await tx.run(STORE_STOCK, rows=json_rows(rows), now=tx.now)


async def items_with_entries(tx: Transaction, item_nos: Iterable[str]) -> set[str]:
    """Which of these items were ever moved."""
    return {row[0] for row in await tx.all(ITEMS_WITH_ENTRIES, nos=sorted(set(item_nos)))}


async def totals(conn: AsyncConnection, item_no: str, location_code: str | None) -> StockLevel:
    """Stock, allocated and reserved of an item at a location, or (None) at all of them."""
    params = {"item_no": item_no, "location_code": location_code}
    stock, allocated, reserved = (await conn.execute(LEVEL, params)).one()
    return StockLevel(
        version=0,
        item_no=item_no,
        location_code=location_code or "",
        stock=stock,
        allocated=allocated,
        reserved=reserved,
    )
