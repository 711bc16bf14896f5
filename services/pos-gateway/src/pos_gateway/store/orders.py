"""Customer orders as they were agreed, and the stage of each in sales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.pos import TransactionIdentity
from contracts.values import Problem
from eventkit.transaction import Queryable, Transaction, fetch, json_rows, json_texts
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import SalesProgress, Stage

# No conflict target: identity, transaction id, confirmation and receipt number may each be used already. Sorted by
# identity, so that two batches with the same transactions wait for each other instead of ending in a deadlock. Stage
# and pick-up places are made from what was stored, in the same round trip: a till waits for it. An identity that an act
# has is not free either; the scalar subquery keeps the probe an index look-up. An act of the same moment is not seen by
# the probe: then the claim ends this transaction, and it is decided again on what that one has left.
INSERT = text("""
WITH given AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
        confirmation_no text, transaction_id uuid, store_no text, terminal_no text, business_date date,
        sequence bigint, receipt_no text, content text, customer_no text, wanted_date date, pickup_stores text[],
        status text, mode text, carried_out boolean, ship_modes text[], till_customer uuid),
        unnest(CAST(:bodies AS json[]))) AS r(
        confirmation_no, transaction_id, store_no, terminal_no, business_date, sequence, receipt_no, content,
        customer_no, wanted_date, pickup_stores, status, mode, carried_out, ship_modes, till_customer, body)
), stored AS (
    INSERT INTO customer_order (confirmation_no, version, transaction_id, store_no, terminal_no, business_date,
                                sequence, receipt_no, content, customer_no, wanted_date, body, received_at)
    SELECT confirmation_no, 1, transaction_id, store_no, terminal_no, business_date,
           sequence, receipt_no, content, customer_no, wanted_date, body, :now
    FROM given
    WHERE NOT (SELECT EXISTS (
        SELECT FROM till_act a
        WHERE a.store_no = given.store_no AND a.terminal_no = given.terminal_no
          AND a.business_date = given.business_date AND a.sequence = given.sequence))
    ORDER BY store_no, terminal_no, business_date, sequence
    ON CONFLICT DO NOTHING
    RETURNING confirmation_no, transaction_id
), claimed AS (
    INSERT INTO till_identity (store_no, terminal_no, business_date, sequence)
    SELECT store_no, terminal_no, business_date, sequence
    FROM given JOIN stored USING (confirmation_no, transaction_id) WHERE sequence IS NOT NULL
    ORDER BY store_no, terminal_no, business_date, sequence
), pickup AS (
    INSERT INTO order_pickup (store_no, confirmation_no)
    SELECT place, confirmation_no
    FROM given JOIN stored USING (confirmation_no, transaction_id), unnest(pickup_stores) place
)
INSERT INTO order_stage (confirmation_no, transaction_id, status, mode, store_no, carried_out, ship_modes,
                         till_customer, received_at, attempts, ask_at, customer_no, updated_at)
SELECT confirmation_no, transaction_id, status, mode, store_no, carried_out, ship_modes, till_customer, :now,
       CASE status WHEN 'submitting' THEN 1 ELSE 0 END,
       CASE status WHEN 'submitting' THEN CAST(:ask_at AS timestamptz) END, customer_no, :now
FROM given JOIN stored USING (confirmation_no, transaction_id)
RETURNING transaction_id
""")

COLUMNS = """
    o.confirmation_no, o.version, o.content, o.body, o.received_at,
    s.status, s.attempts, s.sales_order_no, s.sales_quote_no, s.customer_no, s.invoice_no, s.errors, s.progress,
    s.updated_at
"""

BY_NUMBER = text(f"""
SELECT {COLUMNS} FROM customer_order o JOIN order_stage s USING (confirmation_no)
WHERE o.confirmation_no = ANY(CAST(:nos AS text[]))
""")

BY_IDENTITY = text(f"""
SELECT {COLUMNS}
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    store_no text, terminal_no text, business_date date, sequence bigint)
JOIN customer_order o USING (store_no, terminal_no, business_date, sequence)
JOIN order_stage s USING (confirmation_no)
""")


BY_RECEIPT = text("""
SELECT o.store_no, o.receipt_no, o.confirmation_no
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(store_no text, receipt_no text)
JOIN customer_order o USING (store_no, receipt_no)
WHERE o.receipt_no <> ''
""")


# Those beside another order have no sequence of their own.
BESIDE = text(f"""
SELECT {COLUMNS}
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    store_no text, terminal_no text, business_date date, content text)
JOIN customer_order o USING (store_no, terminal_no, business_date, content)
JOIN order_stage s USING (confirmation_no)
WHERE o.sequence IS NULL
""")


class Stored(msgspec.Struct, frozen=True):
    """An order with its stage. `content`: a hash of the request, the same only for a repetition."""

    order: CustomerOrder
    stage: Stage
    content: str
    attempts: int


class _NewRow(msgspec.Struct):
    confirmation_no: str
    transaction_id: UUID
    store_no: str
    terminal_no: str
    business_date: date
    sequence: int | None
    receipt_no: str
    content: str
    customer_no: str
    wanted_date: date | None
    pickup_stores: tuple[str, ...]
    status: str
    mode: str
    carried_out: bool
    ship_modes: tuple[str, ...]
    till_customer: UUID | None


class NewRecord(msgspec.Struct, frozen=True):
    """An order to be stored, in its first status."""

    order: CustomerOrder
    content: str
    status: str
    beside: bool = False
    """Its identity or receipt number is another order's: it is found by its confirmation number alone."""


async def insert(tx: Transaction, records: Sequence[NewRecord], ask_at: datetime) -> set[UUID]:
    """Store new orders; returns the transaction ids of those that were stored.

    Of several with the same identity or number only the first is stored, within the batch too. `ask_at`: when the
    sweeper submits those that are `submitting`.
    """
    if not records:
        return set()
    rows, bodies = json_rows(map(_new_row, records)), json_texts(record.order for record in records)
    found = await tx.all(INSERT, rows=rows, bodies=bodies, now=tx.now, ask_at=ask_at)
    return {row[0] for row in found}


def _new_row(record: NewRecord) -> _NewRow:
    order, identity = record.order, record.order.transaction
    return _NewRow(
        confirmation_no=order.confirmation_no,
        transaction_id=order.transaction_id,
        store_no=identity.store_no,
        terminal_no=identity.terminal_no,
        business_date=identity.business_date,
        sequence=None if record.beside else identity.sequence,
        receipt_no="" if record.beside else order.receipt_no,
        content=record.content,
        customer_no=order.customer_no,
        wanted_date=order.wanted_date,
        pickup_stores=order.pickup_stores,
        status=record.status,
        mode=order.mode,
        carried_out=order.carried_out,
        ship_modes=order.ship_modes,
        till_customer=order.new_customer.id if order.new_customer else None,
    )


async def by_number(where: Queryable, nos: Iterable[str]) -> dict[str, Stored]:
    """Orders by confirmation number; unknown ones are absent."""
    rows = await fetch(where, BY_NUMBER, nos=sorted(set(nos)))
    return {row.confirmation_no: stored_of(row) for row in rows}


async def by_identity(
    tx: Transaction, identities: Iterable[TransactionIdentity]
) -> dict[TransactionIdentity, Stored]:
    """Orders by the identity of their transaction; unknown ones are absent."""
    rows = json_rows(set(identities))
    found = (stored_of(row) for row in await tx.all(BY_IDENTITY, rows=rows))
    return {stored.order.transaction: stored for stored in found}


async def beside(
    tx: Transaction, records: Iterable[NewRecord]
) -> dict[tuple[TransactionIdentity, str], Stored]:
    """Orders that are kept beside others and say the same as these, by identity and content."""
    wanted = [(record.order.transaction, record.content) for record in records]
    rows = json_rows(
        {
            "store_no": identity.store_no,
            "terminal_no": identity.terminal_no,
            "business_date": identity.business_date,
            "content": content,
        }
        for identity, content in wanted
    )
    found = [stored_of(row) for row in await tx.all(BESIDE, rows=rows)] if wanted else []
    return {(each.order.transaction, each.content): each for each in found}


async def by_receipt(tx: Transaction, wanted: Iterable[CustomerOrder]) -> dict[tuple[str, str], str]:
    """Confirmation numbers by store and receipt number of orders that have the receipt of a wanted one."""
    receipts = {(order.transaction.store_no, order.receipt_no) for order in wanted}
    rows = json_rows({"store_no": store_no, "receipt_no": no} for store_no, no in sorted(receipts))
    return {
        (row.store_no, row.receipt_no): row.confirmation_no for row in await tx.all(BY_RECEIPT, rows=rows)
    }


def stored_of(row: Any) -> Stored:
    """What a row with these columns says."""
    return Stored(
        order=_decode_order(row.body),
        stage=Stage(
            status=row.status,
            sales_order_no=row.sales_order_no,
            customer_no=row.customer_no,
            invoice_no=row.invoice_no,
            sales_quote_no=row.sales_quote_no,
            errors=msgspec.json.decode(row.errors, type=tuple[Problem, ...]) if row.errors else (),
            progress=_decode_progress(row.progress) if row.progress else None,
            received_at=row.received_at,
            updated_at=row.updated_at,
        ),
        content=row.content,
        attempts=row.attempts,
    )


_decode_progress = msgspec.json.Decoder(SalesProgress).decode
_decode_order = msgspec.json.Decoder(CustomerOrder).decode
