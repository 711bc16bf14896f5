"""Channel transactions: each till's transaction once, with the state of its synchronization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.channel import ChannelOrder
from contracts.topics import KINDS
from contracts.values import Problem
from eventkit.context import Context
from eventkit.transaction import Queryable, Transaction, fetch, json_rows, json_texts
from sales.domain.channel.acts import KeptAct
from sales.domain.channel.lateness import Late
from sales.domain.channel.progress import Progress
from sales.domain.channel.transactions import UNMADE_STATUSES, Repair, TillTransaction, without_acts

# Two constraints can be violated: the same transaction again, or another one under its identity.
CLAIM = text("""
INSERT INTO channel_transaction (transaction_id, confirmation_no, store_no, terminal_no, business_date, sequence,
                                 payload, context, next_attempt_at, received_at, updated_at)
SELECT transaction_id, confirmation_no, store_no, terminal_no, business_date, sequence, payload, context,
       :now, :now, :now
FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
    transaction_id uuid, confirmation_no text, store_no text, terminal_no text, business_date date, sequence bigint,
    context json), unnest(CAST(:payloads AS json[])))
AS r(transaction_id, confirmation_no, store_no, terminal_no, business_date, sequence, context, payload)
ORDER BY transaction_id
ON CONFLICT DO NOTHING RETURNING transaction_id
""")

COLUMNS = """transaction_id, version, status, payload, sales_order_no, sales_quote_no, customer_no, invoice_no,
       fault_class, errors, attempts, next_attempt_at, synchronized_at, acts, progress, hold_code, repaired, audit,
       context"""

FIND = text("SELECT * FROM channel_transaction WHERE transaction_id = :id")
FIND_CONFIRMED = text("SELECT * FROM channel_transaction WHERE confirmation_no = :no")

LOCK = text(f"""
SELECT {COLUMNS} FROM channel_transaction
WHERE transaction_id = ANY(CAST(:ids AS uuid[])) ORDER BY transaction_id FOR UPDATE
""")

_DUE = f"""
SELECT {COLUMNS} FROM channel_transaction
WHERE status IN ('pulled', 'failed') AND next_attempt_at <= :due AND updated_at <= :before
  AND (CAST(:stores AS text[]) IS NULL OR store_no = ANY(CAST(:stores AS text[])))
"""
_IN_ORDER = "ORDER BY next_attempt_at, transaction_id LIMIT :limit FOR UPDATE"

# The job skips those that another process has locked, and does nothing while it is paused; a run by hand waits.
LOCK_DUE = text(f"{_DUE} AND (SELECT state FROM synchronization) = 'running' {_IN_ORDER} SKIP LOCKED")
LOCK_DUE_BY_HAND = text(f"{_DUE} {_IN_ORDER}")

STORE = text("""
UPDATE channel_transaction t
SET version = r.version, status = r.status, sales_order_no = r.sales_order_no,
    sales_quote_no = r.sales_quote_no, customer_no = r.customer_no,
    invoice_no = r.invoice_no, fault_class = r.fault_class, errors = r.errors, attempts = r.attempts,
    next_attempt_at = r.next_attempt_at, synchronized_at = r.synchronized_at, hold_code = r.hold_code, updated_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    transaction_id uuid, version bigint, status text, sales_order_no text, sales_quote_no text, customer_no text,
    invoice_no text, fault_class text, errors json, attempts int, next_attempt_at timestamptz,
    synchronized_at timestamptz, hold_code text)
WHERE t.transaction_id = r.transaction_id
""")

FORGET = text("DELETE FROM channel_transaction WHERE transaction_id = ANY(CAST(:ids AS uuid[]))")

IDENTITIES = text("""
WITH r AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        transaction_id uuid, confirmation_no text, store_no text, terminal_no text, business_date date,
        sequence bigint)
)
SELECT r.transaction_id, t.confirmation_no
FROM r JOIN channel_transaction t USING (store_no, terminal_no, business_date, sequence)
WHERE t.transaction_id <> r.transaction_id
UNION ALL
SELECT r.transaction_id, t.confirmation_no
FROM r JOIN channel_transaction t USING (confirmation_no)
WHERE t.transaction_id <> r.transaction_id
""")

COUNT = text("""
SELECT count(*) FROM channel_transaction
WHERE status IN ('pulled', 'failed') AND (CAST(:stores AS text[]) IS NULL OR store_no = ANY(CAST(:stores AS text[])))
""")

WAITING = text("""
SELECT count(*) AS pending, min(received_at) AS oldest_at FROM channel_transaction
WHERE status IN ('pulled', 'failed')
""")

LATE = text("""
SELECT DISTINCT status, fault_class FROM channel_transaction
WHERE status = ANY(CAST(:statuses AS text[])) AND sales_order_no = '' AND sales_quote_no = '' AND received_at <= :before
""")

CUSTOMERS = text("SELECT id, customer_no FROM till_customer WHERE id = ANY(CAST(:ids AS uuid[]))")

NUMBER_CUSTOMERS = text("""
INSERT INTO till_customer (id, customer_no)
SELECT id, customer_no FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, customer_no text)
""")

# A run by hand takes all that wait, also those whose next attempt is due later.
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
PAYLOAD = msgspec.json.Decoder(ChannelOrder)
ERRORS = msgspec.json.Decoder(tuple[Problem, ...])
ACTS = msgspec.json.Decoder(tuple[KeptAct, ...])
AUDIT = msgspec.json.Decoder(tuple[Repair, ...])
PROGRESS = msgspec.json.Decoder(Progress)
CONTEXT = msgspec.json.Decoder(Context)


class KeptTransaction(msgspec.Struct, frozen=True):
    """A transaction with the context that it came in."""

    transaction: TillTransaction
    context: Context


async def claim(tx: Transaction, orders: Mapping[UUID, tuple[ChannelOrder, Context]]) -> set[UUID]:
    """Insert transactions that are not there; which of them were new. Waits for others that insert the same."""
    if not orders:
        return set()
    for order, context in orders.values():  # known here before their events, or without them
        tx.timeline.add(KINDS["channel-order"], order.confirmation_no, order, tx.now, context.by)
    rows = json_rows(_identity(order) | {"context": context} for order, context in orders.values())
    payloads = json_texts(without_acts(order) for order, _ in orders.values())
    return {row[0] for row in await tx.all(CLAIM, rows=rows, payloads=payloads, now=tx.now)}


async def claim_locked(
    tx: Transaction, orders: Mapping[UUID, tuple[ChannelOrder, Context]]
) -> tuple[set[UUID], dict[UUID, KeptTransaction]]:
    """Insert transactions that are not there; which of them were new, and all of them under lock.

    Only those that were there are read: where another process brings one at the same moment, the insertion waits for
    its commit, and the lock then reads its outcome.
    """
    new = await claim(tx, orders)
    kept = await lock(tx, orders.keys() - new) if new != orders.keys() else {}
    for id_, (order, context) in ((id_, orders[id_]) for id_ in new):
        made = TillTransaction(transaction_id=id_, payload=without_acts(order), next_attempt_at=tx.now)
        kept[id_] = KeptTransaction(made, context)
    return new, kept


def _identity(order: ChannelOrder) -> dict[str, Any]:
    identity = order.transaction
    return {
        "transaction_id": order.transaction_id,
        "confirmation_no": order.confirmation_no,
        "store_no": identity.store_no,
        "terminal_no": identity.terminal_no,
        "business_date": identity.business_date,
        # One that stands beside another order of its identity has none here: it is no second one of that order.
        "sequence": None if order.conflicts_with else identity.sequence,
    }


async def others_of_identity(tx: Transaction, orders: Iterable[ChannelOrder]) -> dict[UUID, str]:
    """Transactions whose identity or confirmation number another one has: its confirmation number."""
    rows = await tx.all(IDENTITIES, rows=json_rows(map(_identity, orders)))
    return {row.transaction_id: row.confirmation_no for row in rows}


async def lock(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, KeptTransaction]:
    """Transactions by id, locked in the order of their ids."""
    rows = await tx.all(LOCK, ids=sorted(set(ids)))
    found = map(kept, rows)
    return {each.transaction.transaction_id: each for each in found}


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Which transactions a run takes: those of the job that are due, or all that wait when a person asks.

    `before` is when the run began: what failed in it is not tried by it again.
    """

    before: datetime
    by_hand: bool = False
    stores: tuple[str, ...] | None = None


async def lock_due(tx: Transaction, due: Due, limit: int) -> list[KeptTransaction]:
    """The next transactions to synchronize, longest waiting first."""
    rows = await tx.all(
        LOCK_DUE_BY_HAND if due.by_hand else LOCK_DUE,
        due=FAR_FUTURE if due.by_hand else tx.now,
        before=due.before,
        limit=limit,
        stores=None if due.stores is None else list(due.stores),
    )
    return [kept(row) for row in rows]


async def store(tx: Transaction, transactions: Sequence[TillTransaction]) -> None:
    """Store what became of locked transactions."""
    if transactions:
        await tx.run(STORE, rows=json_rows(map(_row, transactions)), now=tx.now)


async def forget(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Take back claims of this transaction that were refused: nothing of them stays."""
    if ids:
        await tx.run(FORGET, ids=list(ids))


async def pending(conn: AsyncConnection, stores: Sequence[str] | None = None) -> int:
    """How many transactions still wait for their sales order."""
    found = await conn.execute(COUNT, {"stores": None if stores is None else list(stores)})
    return int(found.scalar_one())


class Waiting(msgspec.Struct, frozen=True):
    """Transactions that wait for their sales order, and since when the oldest one does."""

    pending: int
    oldest_at: datetime | None


async def waiting(where: Queryable) -> Waiting:
    """How many transactions wait, and since when."""
    row = (await fetch(where, WAITING))[0]
    return Waiting(row.pending, row.oldest_at)


async def late(where: Queryable, before: datetime) -> set[Late]:
    """What keeps transactions back that came before this time and have no order."""
    rows = await fetch(where, LATE, statuses=sorted(UNMADE_STATUSES), before=before)
    return {Late(row.status, row.fault_class) for row in rows}


async def customers(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers that customers made at tills have got."""
    wanted = sorted(set(ids))
    return {} if not wanted else {row.id: row.customer_no for row in await tx.all(CUSTOMERS, ids=wanted)}


async def number_customers(tx: Transaction, numbers: Mapping[UUID, str]) -> None:
    """Remember under which number a till's customer is known from now on."""
    if numbers:
        rows = [{"id": till_id, "customer_no": no} for till_id, no in numbers.items()]
        await tx.run(NUMBER_CUSTOMERS, rows=json_rows(rows))


def kept(row: Any) -> KeptTransaction:
    """The transaction of a row, with its context."""
    return KeptTransaction(transaction_of(row), CONTEXT.decode(row.context))


def transaction_of(row: Any) -> TillTransaction:
    """The transaction that a row of the table holds."""
    return TillTransaction(
        transaction_id=row.transaction_id,
        version=row.version,
        status=row.status,
        payload=PAYLOAD.decode(row.payload),
        acts=ACTS.decode(row.acts),
        progress=PROGRESS.decode(row.progress),
        sales_order_no=row.sales_order_no,
        sales_quote_no=row.sales_quote_no,
        customer_no=row.customer_no,
        invoice_no=row.invoice_no,
        fault_class=row.fault_class,
        errors=ERRORS.decode(row.errors),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        synchronized_at=row.synchronized_at,
        hold_code=row.hold_code,
        repaired=row.repaired,
        audit=AUDIT.decode(row.audit),
    )


def _row(transaction: TillTransaction) -> dict[str, Any]:
    return {
        "transaction_id": transaction.transaction_id,
        "version": transaction.version,
        "status": transaction.status,
        "sales_order_no": transaction.sales_order_no,
        "sales_quote_no": transaction.sales_quote_no,
        "customer_no": transaction.customer_no,
        "invoice_no": transaction.invoice_no,
        "fault_class": transaction.fault_class,
        "errors": transaction.errors,
        "attempts": transaction.attempts,
        "next_attempt_at": transaction.next_attempt_at,
        "synchronized_at": transaction.synchronized_at,
        "hold_code": transaction.hold_code,
    }
