"""The stages of orders: pulled by the job, submitted at once, and their outcome in sales."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.channel import ChannelOrder, ChannelTransaction
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stages import DONE, FOLLOWS_SALES, status_after

PULL = text("""
WITH next AS (
    SELECT confirmation_no FROM order_stage
    WHERE status = 'pending' AND (CAST(:stores AS text[]) IS NULL OR store_no = ANY(CAST(:stores AS text[])))
    ORDER BY received_at, confirmation_no LIMIT :most
    FOR UPDATE SKIP LOCKED
)
UPDATE order_stage s SET status = 'pulled', pulled_at = :now, updated_at = :now
FROM next WHERE s.confirmation_no = next.confirmation_no
RETURNING s.confirmation_no
""")

# A statement of its own after the stages are locked: it sees an act that was committed while they were being locked.
BODIES = text("""
SELECT confirmation_no, body FROM customer_order WHERE confirmation_no = ANY(CAST(:nos AS text[]))
ORDER BY confirmation_no
""")

# Reads the stages of all orders: an index would cost every new order, and modes seldom become pick-up modes.
SHIPPED_BY = text("""
SELECT DISTINCT ship_mode FROM order_stage, unnest(ship_modes) AS ship_mode
WHERE status <> ALL(CAST(:done AS text[])) AND ship_mode = ANY(CAST(:modes AS text[]))
""")

PENDING = text("""
SELECT count(*) AS pending, min(received_at) AS oldest FROM order_stage
WHERE status = 'pending' AND (CAST(:stores AS text[]) IS NULL OR store_no = ANY(CAST(:stores AS text[])))
""")

# Orders of which nothing but the transaction itself is known: the usual case, in one statement. Those with acts, or
# of which sales reports lines, follow in `store/orders.py`.
# `sales_version < r.version` drops redelivered and older snapshots. The transaction id must match too: a receipt
# number can be used again after its order was withdrawn.
# CASE keeps the stage's own conditions in the join: as filters they make a young table look empty to the planner, which
# then reads all of it, and the batch once for each of its rows.
FOLLOW = text("""
UPDATE order_stage s SET
    status = CASE WHEN r.status = 'synchronized' AND s.carried_out THEN 'partly_fulfilled' ELSE r.status END,
    sales_version = r.version,
    sales_order_no = CASE r.sales_order_no WHEN '' THEN s.sales_order_no ELSE r.sales_order_no END,
    sales_quote_no = CASE r.sales_quote_no WHEN '' THEN s.sales_quote_no ELSE r.sales_quote_no END,
    customer_no = CASE r.customer_no WHEN '' THEN s.customer_no ELSE r.customer_no END,
    invoice_no = CASE r.invoice_no WHEN '' THEN s.invoice_no ELSE r.invoice_no END,
    synchronized_at = CASE WHEN r.sales_order_no || r.sales_quote_no = '' THEN s.synchronized_at
                           ELSE coalesce(s.synchronized_at, :now) END,
    errors = r.errors, ask_at = NULL, updated_at = :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    confirmation_no text, transaction_id uuid, version bigint, status text, sales_order_no text,
    sales_quote_no text, customer_no text, invoice_no text, errors jsonb)
WHERE s.confirmation_no = r.confirmation_no AND s.transaction_id = r.transaction_id
  AND CASE WHEN s.sales_version < r.version
           THEN s.status = ANY(CAST(:replaceable AS text[])) AND NOT s.acted AND s.progress IS NULL END
RETURNING s.confirmation_no, s.till_customer
""")

# The attempt and its next time are stored before sales is asked, so a crash during the request only costs the back-off.
# The exponent is capped: 2 ^ attempts of an order that is retried for months would overflow the interval.
ASK_AGAIN = text("""
WITH due AS (
    SELECT confirmation_no FROM order_stage
    WHERE status = 'submitting' AND ask_at <= :now
    ORDER BY ask_at LIMIT :most FOR UPDATE SKIP LOCKED
)
UPDATE order_stage s SET attempts = s.attempts + 1,
    ask_at = :now + least(CAST(:backoff_s AS float) * 2 ^ least(s.attempts, 10), :most_s) * interval '1 second'
FROM due WHERE s.confirmation_no = due.confirmation_no
RETURNING s.confirmation_no, s.attempts, s.mode
""")

ASK_NOW = text("""
UPDATE order_stage s SET attempts = s.attempts + 1, ask_at = :ask_at
FROM unnest(CAST(:nos AS text[])) AS r(confirmation_no)
WHERE s.confirmation_no = r.confirmation_no AND s.status = 'submitting'
RETURNING s.confirmation_no, s.attempts
""")

FALL_BACK = text("""
UPDATE order_stage s SET status = 'pending', ask_at = NULL, updated_at = :now
FROM unnest(CAST(:nos AS text[])) AS r(confirmation_no)
WHERE s.confirmation_no = r.confirmation_no AND s.status = 'submitting'
""")

# What a manager approved of an order that is not made can be used again, and the quote that it would have closed is
# as it was, so that the same request is right again: sales had it before, or the till would not have waited.
# Withdrawals are rare and approvals few: no index. `attempts = r.attempt`: if a newer attempt has begun, its till waits
# for this order, so it stays.
WITHDRAW = text("""
WITH gone AS (
    DELETE FROM order_stage s
    USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(confirmation_no text, attempt int)
    WHERE s.confirmation_no = r.confirmation_no AND s.status = 'submitting' AND s.attempts = r.attempt
    RETURNING s.confirmation_no, s.transaction_id
), places AS (
    DELETE FROM order_pickup p USING gone WHERE p.confirmation_no = gone.confirmation_no
), unspent AS (
    UPDATE approval a SET spent_on = NULL FROM gone WHERE a.spent_on = gone.transaction_id
), quotes AS (
    UPDATE customer_order q SET version = q.version - 1,
        body = q.body::jsonb || jsonb_build_object('version', q.version - 1, 'converted_into', '')
    FROM gone JOIN customer_order o USING (confirmation_no)
    WHERE q.confirmation_no = o.body->>'quote_no' AND q.body->>'converted_into' = o.confirmation_no
    RETURNING q.confirmation_no
), reopened AS (
    UPDATE order_stage s SET status = 'synchronized', updated_at = :now
    FROM quotes WHERE s.confirmation_no = quotes.confirmation_no
), withdrawn AS (
    DELETE FROM customer_order o USING gone WHERE o.confirmation_no = gone.confirmation_no
    RETURNING o.confirmation_no, o.store_no, o.terminal_no, o.business_date, o.sequence
), free AS (
    DELETE FROM till_identity i USING withdrawn w
    WHERE i.store_no = w.store_no AND i.terminal_no = w.terminal_no
      AND i.business_date = w.business_date AND i.sequence = w.sequence
)
SELECT confirmation_no FROM withdrawn
""")


FAIL = text("""
UPDATE order_stage s SET errors = r.errors, pulled_at = :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(confirmation_no text, errors json)
WHERE s.confirmation_no = r.confirmation_no
""")


class Asked(msgspec.Struct, frozen=True):
    """An order that sales is being asked for. `attempt` counts the times; only the last one may withdraw it."""

    confirmation_no: str
    attempt: int
    mode: str
    order: ChannelOrder


async def pull(tx: Transaction, most: int, stores: Sequence[str] | None) -> list[tuple[str, ChannelOrder]]:
    """Mark up to `most` pending orders pulled, the oldest first, and return them; rows of another run are skipped."""
    rows = await tx.all(PULL, most=most, stores=list(stores) if stores is not None else None, now=tx.now)
    bodies = await _bodies(tx, [row.confirmation_no for row in rows])
    return [(no, channel_order(body, "pulled")) for no, body in bodies.items()]


async def _bodies(tx: Transaction, nos: Sequence[str]) -> dict[str, str]:
    """Orders as they are stored, in the order of their numbers; their stages are locked."""
    rows = await tx.all(BODIES, nos=nos) if nos else ()
    return {row.confirmation_no: row.body for row in rows}


async def hand_over_failed(tx: Transaction, failed: Sequence[CustomerOrder]) -> None:
    """Note what is wrong with new orders, which go to sales at once: they are repaired there."""
    rows = json_rows({"confirmation_no": o.confirmation_no, "errors": o.errors} for o in failed)
    await tx.run(FAIL, rows=rows, now=tx.now)


async def shipped_by(tx: Transaction, modes: Collection[str]) -> set[str]:
    """Which of some modes of delivery lines of open orders are shipped by."""
    if not modes:
        return set()
    return {row.ship_mode for row in await tx.all(SHIPPED_BY, modes=sorted(modes), done=list(DONE))}


async def pending(where: Queryable, stores: Sequence[str] | None = None) -> tuple[int, datetime | None]:
    """How many orders wait for the pull job, and since when the oldest does."""
    (row,) = await fetch(where, PENDING, stores=list(stores) if stores is not None else None)
    return row.pending, row.oldest


async def follow(tx: Transaction, transactions: Sequence[ChannelTransaction]) -> dict[str, UUID | None]:
    """Update orders from their transactions in sales; returns those that changed, each with its till's customer.

    Snapshots older than one that took effect change nothing, nor do those of orders that are gone. Orders with acts
    or with progress in sales are left to `orders.follow`.
    """
    rows = [_followed(t, status) for t in transactions if (status := status_after(t)) is not None]
    if not rows:
        return {}
    found = await tx.all(FOLLOW, rows=json_rows(rows), now=tx.now, replaceable=list(FOLLOWS_SALES))
    return {row.confirmation_no: row.till_customer for row in found}


def _followed(transaction: ChannelTransaction, status: str) -> dict[str, Any]:
    return {
        "confirmation_no": transaction.confirmation_no,
        "transaction_id": transaction.transaction_id,
        "version": transaction.version,
        "status": status,
        "sales_order_no": transaction.sales_order_no,
        "sales_quote_no": transaction.sales_quote_no,
        "customer_no": transaction.customer_no,
        "invoice_no": transaction.invoice_no,
        "errors": transaction.errors or None,
    }


async def ask_again(tx: Transaction, most: int, backoff: timedelta, longest: timedelta) -> list[Asked]:
    """Claim orders whose answer from sales is overdue; each waits longer for its next turn."""
    rows = await tx.all(
        ASK_AGAIN,
        now=tx.now,
        most=most,
        backoff_s=backoff.total_seconds(),
        most_s=longest.total_seconds(),
    )
    bodies = await _bodies(tx, [r.confirmation_no for r in rows])
    return [
        Asked(r.confirmation_no, r.attempts, r.mode, channel_order(bodies[r.confirmation_no])) for r in rows
    ]


async def ask_now(tx: Transaction, nos: Sequence[str], ask_at: datetime) -> dict[str, int]:
    """Count another attempt for orders that are still `submitting`; its number by order."""
    rows = await tx.all(ASK_NOW, nos=sorted(nos), ask_at=ask_at)
    return {row.confirmation_no: row.attempts for row in rows}


async def fall_back(tx: Transaction, nos: Sequence[str]) -> None:
    """Sales did not answer: these go the asynchronous way (POS-16)."""
    await tx.run(FALL_BACK, nos=sorted(nos), now=tx.now)


async def withdraw(tx: Transaction, attempts: dict[str, int]) -> set[str]:
    """Delete orders that sales has certainly not taken; returns the numbers of those that were deleted.

    An order for which another attempt has begun since stays: that one may succeed.
    """
    rows = json_rows({"confirmation_no": no, "attempt": attempt} for no, attempt in sorted(attempts.items()))
    return {row[0] for row in await tx.all(WITHDRAW, rows=rows, now=tx.now)}


def channel_order(body: str, *happened: str) -> ChannelOrder:
    """The stored order as the contract's; what is the gateway's alone is left out."""
    return msgspec.structs.replace(_decode(body), happened=happened)


_decode = msgspec.json.Decoder(ChannelOrder).decode
