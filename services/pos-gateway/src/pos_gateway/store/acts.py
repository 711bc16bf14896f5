"""Acts of tills: stored before sales is asked, concluded or withdrawn after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.channel import ActOutcome
from contracts.pos import TransactionIdentity
from eventkit.transaction import Queryable, Transaction, fetch, json_rows, json_texts
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.orders.order import CustomerOrder

# No ON CONFLICT: an identity, or an order, that another transaction has just used ends this one, and it is decided
# again on what that one has left.
INSERT = text("""
WITH given AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
        act_id uuid, confirmation_no text, number int, operation text, store_no text, terminal_no text,
        business_date date, sequence bigint, receipt_no text, content text, status text, ends_as text),
        unnest(CAST(:bodies AS json[])), unnest(CAST(:afters AS json[]))) AS r(
        act_id, confirmation_no, number, operation, store_no, terminal_no, business_date, sequence, receipt_no, content,
        status, ends_as, body, after)
), claimed AS (
    INSERT INTO till_identity (store_no, terminal_no, business_date, sequence)
    SELECT store_no, terminal_no, business_date, sequence FROM given WHERE sequence IS NOT NULL
    ORDER BY store_no, terminal_no, business_date, sequence
)
INSERT INTO till_act (act_id, confirmation_no, number, operation, store_no, terminal_no, business_date, sequence,
                      receipt_no, content, status, body, after, ends_as, attempts, ask_at, received_at)
SELECT act_id, confirmation_no, number, operation, store_no, terminal_no, business_date, sequence,
       receipt_no, content, status, body, CASE status WHEN 'submitting' THEN after END, ends_as,
       CASE status WHEN 'submitting' THEN 1 ELSE 0 END,
       CASE WHEN status IN ('submitting', 'waiting') THEN CAST(:ask_at AS timestamptz) END, :now
FROM given
""")

_COLUMNS = """
    a.act_id, a.confirmation_no, a.number, a.operation, a.content, a.status, a.attempts, a.body, a.after, a.ends_as
"""

BY_IDENTITY = text(f"""
SELECT {_COLUMNS}
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    store_no text, terminal_no text, business_date date, sequence bigint)
JOIN till_act a USING (store_no, terminal_no, business_date, sequence)
""")

BY_ID = text(f"SELECT {_COLUMNS} FROM till_act a WHERE a.act_id = ANY(CAST(:ids AS uuid[]))")
LOCK = text(f"SELECT {_COLUMNS} FROM till_act a WHERE a.act_id = :id FOR UPDATE")

# Those beside another transaction have no sequence of their own.
BESIDE = text("""
SELECT a.body, a.content
FROM json_to_recordset(CAST(:rows AS json)) AS r(store_no text, terminal_no text, business_date date)
JOIN till_act a USING (store_no, terminal_no, business_date)
WHERE a.sequence IS NULL
""")

STORE_DECIDED = text("""
UPDATE till_act a
SET status = r.status, body = r.body, attempts = 0, ends_as = '',
    confirmation_no = r.confirmation_no, number = r.number,
    after = CASE r.status WHEN 'submitting' THEN r.after END,
    ask_at = CASE WHEN r.status IN ('submitting', 'waiting') THEN CAST(:ask_at AS timestamptz) END
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    act_id uuid, status text, confirmation_no text, number int),
    unnest(CAST(:bodies AS json[])), unnest(CAST(:afters AS json[])))
AS r(act_id, status, confirmation_no, number, body, after)
WHERE a.act_id = r.act_id
""")

CONCLUDE = text("""
UPDATE till_act SET status = 'done', after = NULL, ask_at = NULL
WHERE act_id = ANY(CAST(:ids AS uuid[])) AND status = 'submitting'
""")

# If a newer attempt has begun, its till waits for this act, so it stays. What a manager approved of it can be used
# again.
WITHDRAW = text("""
WITH gone AS (
    DELETE FROM till_act a
    USING json_to_recordset(CAST(:rows AS json)) AS r(act_id uuid, attempt int)
    WHERE a.act_id = r.act_id AND a.status = 'submitting' AND a.attempts = r.attempt
    RETURNING a.act_id, a.store_no, a.terminal_no, a.business_date, a.sequence
), unspent AS (
    UPDATE approval a SET spent_on = NULL FROM gone WHERE a.spent_on = gone.act_id
), free AS (
    DELETE FROM till_identity i USING gone
    WHERE i.store_no = gone.store_no AND i.terminal_no = gone.terminal_no
      AND i.business_date = gone.business_date AND i.sequence = gone.sequence
)
SELECT act_id FROM gone
""")

# Only acts that travelled with their order: the outcome of the others is in sales' answer. CASE as in `stages.FOLLOW`.
FOLLOW = text("""
UPDATE till_act a SET status = r.status
FROM json_to_recordset(CAST(:rows AS json)) AS r(act_id uuid, status text)
WHERE a.act_id = r.act_id AND CASE WHEN a.status <> r.status THEN a.status IN ('queued', 'failed') END
""")


class StoredAct(msgspec.Struct, frozen=True):
    """An act as it is stored. `after`, `ends_as`: the order and its status once sales has answered."""

    act: TillAct
    confirmation_no: str
    number: int
    operation: str
    content: str
    status: str
    attempts: int
    after: CustomerOrder | None
    ends_as: str


class NewActRecord(msgspec.Struct, frozen=True):
    """An act to be stored, as `submitting`, `queued` or `done`; one taken offline also as `waiting` or `failed`."""

    act: TillAct
    number: int
    content: str
    status: str
    after: CustomerOrder | None = None
    ends_as: str = ""


class _NewRow(msgspec.Struct):
    act_id: UUID
    confirmation_no: str
    number: int
    operation: str
    store_no: str
    terminal_no: str
    business_date: date
    sequence: int | None
    receipt_no: str
    content: str
    status: str
    ends_as: str


async def insert(tx: Transaction, records: Sequence[NewActRecord], ask_at: datetime) -> None:
    """Store new acts; `ask_at`: when the sweeper asks sales for those that are `submitting`."""
    if not records:
        return
    await tx.run(
        INSERT,
        rows=json_rows(map(_new_row, records)),
        bodies=json_texts(record.act for record in records),
        afters=json_texts(record.after for record in records),
        now=tx.now,
        ask_at=ask_at,
    )


def _new_row(record: NewActRecord) -> _NewRow:
    act, identity = record.act, record.act.transaction
    return _NewRow(
        act_id=act.act_id,
        # Number 0: of no order that is known here.
        confirmation_no=act.confirmation_no or "" if record.number else "",
        number=record.number,
        operation=act.operation,
        store_no=identity.store_no,
        terminal_no=identity.terminal_no,
        business_date=identity.business_date,
        sequence=None if act.conflicts_with else identity.sequence,
        receipt_no=act.receipt_no,
        content=record.content,
        status=record.status,
        ends_as=record.ends_as,
    )


async def by_identity(
    where: Queryable, identities: Iterable[TransactionIdentity]
) -> dict[TransactionIdentity, StoredAct]:
    """Acts by the identity of their transaction; unknown ones are absent."""
    found = (_stored(row) for row in await fetch(where, BY_IDENTITY, rows=json_rows(set(identities))))
    return {stored.act.transaction: stored for stored in found}


async def beside(
    tx: Transaction, identities: Collection[TransactionIdentity]
) -> dict[tuple[TransactionIdentity, str], TillAct]:
    """Returns that are kept beside other transactions, by identity and content."""
    days = {(i.store_no, i.terminal_no, i.business_date) for i in identities}
    rows = json_rows({"store_no": s, "terminal_no": t, "business_date": d} for s, t, d in sorted(days))
    found = [(_decode_act(row.body), row.content) for row in await tx.all(BESIDE, rows=rows)]
    return {(act.transaction, content): act for act, content in found}


def as_stored(record: NewActRecord) -> StoredAct:
    """The record as it will be read once it is stored."""
    act = record.act
    return StoredAct(
        act=act,
        confirmation_no=act.confirmation_no or "",
        number=record.number,
        operation=act.operation,
        content=record.content,
        status=record.status,
        attempts=0,
        after=record.after,
        ends_as=record.ends_as,
    )


async def by_id(where: Queryable, ids: Iterable[UUID]) -> dict[UUID, StoredAct]:
    """Acts by their ids; unknown ones are absent."""
    rows = await fetch(where, BY_ID, ids=sorted(set(ids)))
    return {row.act_id: _stored(row) for row in rows}


async def lock(tx: Transaction, id_: UUID) -> StoredAct | None:
    """An act for a change, after its order was locked; others wait until this transaction ends."""
    rows = await tx.all(LOCK, id=id_)
    return _stored(rows[0]) if rows else None


def _stored(row: Any) -> StoredAct:
    return StoredAct(
        act=_decode_act(row.body),
        confirmation_no=row.confirmation_no,
        number=row.number,
        operation=row.operation,
        content=row.content,
        status=row.status,
        attempts=row.attempts,
        after=decode_order(row.after) if row.after else None,
        ends_as=row.ends_as,
    )


async def store_decided(tx: Transaction, records: Sequence[NewActRecord], ask_at: datetime) -> None:
    """Store what has become of returns that were taken offline."""
    if records:
        await tx.run(
            STORE_DECIDED,
            rows=json_rows(map(_new_row, records)),
            bodies=json_texts(r.act for r in records),
            afters=json_texts(r.after for r in records),
            ask_at=ask_at,
        )


async def conclude(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Sales has carried these out."""
    await tx.run(CONCLUDE, ids=sorted(ids))


async def withdraw(tx: Transaction, attempts: dict[UUID, int]) -> set[UUID]:
    """Delete acts that sales has certainly not carried out; returns those that were deleted."""
    rows = json_rows({"act_id": act_id, "attempt": attempt} for act_id, attempt in attempts.items())
    return {row.act_id for row in await tx.all(WITHDRAW, rows=rows)}


async def follow(tx: Transaction, outcomes: Iterable[ActOutcome]) -> None:
    """Note what became of acts that travelled with their orders."""
    rows = [
        {"act_id": outcome.act_id, "status": outcome.status}
        for outcome in outcomes
        if outcome.status in {"done", "failed"}
    ]
    if rows:
        await tx.run(FOLLOW, rows=json_rows(rows))


_decode_act = msgspec.json.Decoder(TillAct).decode
decode_order = msgspec.json.Decoder(CustomerOrder).decode
