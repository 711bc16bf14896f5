"""Orders under lock, changed by acts and by what sales reports of lines, invoices and acts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.channel import ChannelTransaction
from contracts.values import Problem
from eventkit.transaction import Transaction, json_rows, json_texts
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import SalesProgress, Stage
from pos_gateway.store.orders import COLUMNS, stored_of

# In the order of their numbers, so that two batches wait for each other instead of ending in a deadlock. The rows are
# read by a second statement: one that waited for a lock would show what it saw before.
LOCK = text("""
SELECT confirmation_no FROM order_stage WHERE confirmation_no = ANY(CAST(:nos AS text[]))
ORDER BY confirmation_no FOR UPDATE
""")

LOCK_OLDER = text("""
SELECT s.confirmation_no
FROM order_stage s JOIN json_to_recordset(CAST(:rows AS json)) AS r(
    confirmation_no text, transaction_id uuid, version bigint)
  ON s.confirmation_no = r.confirmation_no AND s.transaction_id = r.transaction_id AND s.sales_version < r.version
ORDER BY s.confirmation_no FOR UPDATE OF s
""")

READ = text(f"""
SELECT {COLUMNS}, s.sales_version, s.till_customer, s.acted,
       COALESCE((SELECT max(a.number) FROM till_act a
                 WHERE a.confirmation_no = o.confirmation_no AND a.confirmation_no <> ''), 0) AS last_number,
       EXISTS (SELECT FROM till_act a
               WHERE a.confirmation_no = o.confirmation_no AND a.status = 'submitting') AS in_progress
FROM customer_order o JOIN order_stage s USING (confirmation_no)
WHERE o.confirmation_no = ANY(CAST(:nos AS text[]))
""")

SAVE_ORDERS = text("""
WITH given AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
        confirmation_no text, version bigint, wanted_date date, pickup_stores text[]),
        unnest(CAST(:bodies AS json[]))) AS r(confirmation_no, version, wanted_date, pickup_stores, body)
), elsewhere AS (
    DELETE FROM order_pickup p USING given
    WHERE p.confirmation_no = given.confirmation_no AND p.store_no <> ALL(given.pickup_stores)
), places AS (
    INSERT INTO order_pickup (store_no, confirmation_no)
    SELECT place, confirmation_no FROM given, unnest(pickup_stores) AS place
    ON CONFLICT DO NOTHING
)
UPDATE customer_order o SET version = given.version, wanted_date = given.wanted_date, body = given.body
FROM given WHERE o.confirmation_no = given.confirmation_no
""")

# What is handed to sales here needs no pull any more; the time it was pulled at first stays.
SAVE_STAGES = text("""
UPDATE order_stage s SET
    status = r.status, sales_version = r.sales_version, sales_order_no = r.sales_order_no,
    sales_quote_no = r.sales_quote_no, customer_no = r.customer_no, invoice_no = r.invoice_no,
    errors = r.errors, progress = r.progress, acted = r.acted, ship_modes = r.ship_modes,
    synchronized_at = CASE WHEN r.sales_order_no || r.sales_quote_no = '' THEN s.synchronized_at
                           ELSE COALESCE(s.synchronized_at, :now) END,
    pulled_at = CASE WHEN r.published THEN COALESCE(s.pulled_at, :now) ELSE s.pulled_at END,
    ask_at = CASE r.status WHEN 'submitting' THEN s.ask_at END, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    confirmation_no text, status text, sales_version bigint, sales_order_no text, sales_quote_no text,
    customer_no text, invoice_no text, errors jsonb, progress json, acted boolean, ship_modes text[],
    published boolean)
WHERE s.confirmation_no = r.confirmation_no
""")


class LockedOrder(msgspec.Struct, kw_only=True):
    """An order that only this transaction can change; changed in place, then saved."""

    order: CustomerOrder
    stage: Stage
    sales_version: int
    till_customer: UUID | None
    acted: bool
    """Whether it has acts that have taken effect."""
    last_number: int
    """Of its acts."""
    in_progress: bool
    """Whether sales is being asked for one of its acts."""
    published: bool = False
    """Whether this transaction hands it to sales."""


class _OrderRow(msgspec.Struct):
    confirmation_no: str
    version: int
    wanted_date: date | None
    pickup_stores: tuple[str, ...]


class _StageRow(msgspec.Struct):
    confirmation_no: str
    status: str
    sales_version: int
    sales_order_no: str
    sales_quote_no: str
    customer_no: str
    invoice_no: str
    errors: tuple[Problem, ...] | None
    progress: SalesProgress | None
    acted: bool
    ship_modes: tuple[str, ...]
    published: bool


async def hold(tx: Transaction, nos: Sequence[str]) -> None:
    """Lock orders in the order in which acts do, so that neither waits for the other in a ring."""
    await tx.run(LOCK, nos=list(nos))


async def lock(tx: Transaction, nos: Iterable[str]) -> dict[str, LockedOrder]:
    """Orders by confirmation number; unknown ones are absent. Others wait until this transaction ends."""
    return await _read(tx, await tx.all(LOCK, nos=sorted(set(nos))))


async def lock_older(tx: Transaction, said: Sequence[ChannelTransaction]) -> dict[str, LockedOrder]:
    """The orders of transactions of which sales has said something newer than is known here."""
    rows = (
        {"confirmation_no": t.confirmation_no, "transaction_id": t.transaction_id, "version": t.version}
        for t in said
    )
    return await _read(tx, await tx.all(LOCK_OLDER, rows=json_rows(rows)))


async def _read(tx: Transaction, locked: Sequence[Any]) -> dict[str, LockedOrder]:
    nos = [row.confirmation_no for row in locked]
    rows = await tx.all(READ, nos=nos) if nos else ()
    return {row.confirmation_no: _locked(row) for row in rows}


def _locked(row: Any) -> LockedOrder:
    stored = stored_of(row)
    return LockedOrder(
        order=stored.order,
        stage=stored.stage,
        sales_version=row.sales_version,
        till_customer=row.till_customer,
        acted=row.acted,
        last_number=row.last_number,
        in_progress=row.in_progress,
    )


async def save_orders(tx: Transaction, changed: Collection[LockedOrder]) -> None:
    """Store what acts have made of orders, and their stages."""
    if not changed:
        return
    rows = (
        _OrderRow(
            each.order.confirmation_no, each.order.version, each.order.wanted_date, each.order.pickup_stores
        )
        for each in changed
    )
    await tx.run(SAVE_ORDERS, rows=json_rows(rows), bodies=json_texts(each.order for each in changed))
    await save_stages(tx, changed)


async def save_stages(tx: Transaction, changed: Collection[LockedOrder]) -> None:
    """Store what sales has reported."""
    if changed:
        await tx.run(SAVE_STAGES, rows=json_rows(map(_stage_row, changed)), now=tx.now)


def _stage_row(each: LockedOrder) -> _StageRow:
    stage = each.stage
    return _StageRow(
        confirmation_no=each.order.confirmation_no,
        status=stage.status,
        sales_version=each.sales_version,
        sales_order_no=stage.sales_order_no,
        sales_quote_no=stage.sales_quote_no,
        customer_no=stage.customer_no,
        invoice_no=stage.invoice_no,
        errors=stage.errors or None,
        progress=stage.progress,
        acted=each.acted,
        ship_modes=each.order.ship_modes,
        published=each.published,
    )
