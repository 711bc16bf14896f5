"""Reads the current snapshots of everything that sales publishes, to publish it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from contracts.sales import PostedSalesInvoice
from eventkit.kinds import Snapshot
from eventkit.republish import SnapshotReader
from eventkit.transaction import Queryable, stream
from sales.domain import channel as channel_rules
from sales.domain import orders as order_rules
from sales.store import channel
from sales.store.documents import INVOICE
from sales.store.masters import DECODERS
from sales.store.orders import ORDER

_ASKED = """
  AND (CAST(:nos AS text[]) IS NULL OR {no} = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
"""

MASTERS = f"SELECT no, body FROM master WHERE kind = :kind {_ASKED.format(no='no')} ORDER BY no"
ORDERS = f"""
SELECT no, body FROM sales_order
WHERE (NOT :open_only OR (status IN ('open', 'released') AND NOT deleted)) {_ASKED.format(no="no")} ORDER BY no
"""
INVOICES = f"SELECT no, body FROM posted_sales_invoice WHERE true {_ASKED.format(no='no')} ORDER BY no"
TRANSACTIONS = f"""
SELECT confirmation_no AS no, {channel.COLUMNS} FROM channel_transaction
WHERE version > 0 AND (NOT :open_only OR status <> 'succeeded') {_ASKED.format(no="confirmation_no")}
ORDER BY confirmation_no
"""

Make = Callable[[Any], Snapshot]
Statements = tuple[TextClause, TextClause]
"""Reading all, and reading some `FOR SHARE`: no newer version may overtake the one that is published again."""


def _statements(sql: str) -> Statements:
    return text(sql), text(f"{sql} FOR SHARE")


def current() -> dict[str, SnapshotReader]:
    """Kind → reader."""
    masters = _statements(MASTERS)
    published = ("company", "customer", "ship-to-address", "purchasing-code", "charge-code")
    readers: dict[str, SnapshotReader] = {
        kind: partial(_read, masters, DECODERS[kind].decode, {"kind": kind}) for kind in published
    }
    readers["sales-order"] = partial(_read, _statements(ORDERS), _order, {"open_only": None})
    readers["posted-sales-invoice"] = partial(_read, _statements(INVOICES), _invoice, {})
    readers["channel-transaction"] = _read_transactions
    return readers


async def _read(  # noqa: PLR0913, PLR0917 - the kit's signature after our own three
    statements: Statements,
    make: Make,
    params: dict[str, Any],
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001
) -> AsyncIterator[tuple[str, Snapshot]]:
    asked = params | {"nos": None if nos is None else list(nos), "since": since}
    if "open_only" in params:
        asked["open_only"] = open_only
    statement = statements[0] if nos is None else statements[1]
    async for row in stream(conn, statement, **asked):
        yield row.no, make(row.body)


async def _read_transactions(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001
) -> AsyncIterator[tuple[str, Snapshot]]:
    every, some = _statements(TRANSACTIONS)
    asked = {"nos": None if nos is None else list(nos), "since": since, "open_only": open_only}
    async for row in stream(conn, every if nos is None else some, **asked):
        yield row.no, channel_rules.snapshot(channel.kept(row).transaction)


def _order(body: str) -> Snapshot:
    return order_rules.snapshot(ORDER.decode(body))


def _invoice(body: str) -> Snapshot:
    return msgspec.convert(INVOICE.decode(body), PostedSalesInvoice, from_attributes=True)
