"""What was published, as it is now: for `republish` (see `eventkit.republish.SnapshotReader`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text

from contracts import pos
from eventkit.transaction import Queryable, fetch
from pos_gateway.domain.configuration import Store, store_snapshot
from pos_gateway.store.stages import channel_order

PUBLISHED = text("""
SELECT o.confirmation_no, o.body FROM customer_order o JOIN order_stage s USING (confirmation_no)
WHERE s.pulled_at IS NOT NULL
  AND (CAST(:nos AS text[]) IS NULL OR o.confirmation_no = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR s.pulled_at >= CAST(:since AS timestamptz))
  AND (NOT :open_only OR s.status = ANY(CAST(:open AS text[])))
ORDER BY o.confirmation_no
FOR SHARE OF s
""")

OPEN = ("pulled", "failed", "held")
"""Statuses in which sales may still lack the order."""

STORES = text("""
SELECT no, version, body FROM setting
WHERE kind = 'store'
  AND (CAST(:nos AS text[]) IS NULL OR no = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= CAST(:since AS timestamptz))
ORDER BY no
FOR SHARE
""")


async def channel_orders(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001 - eventkit calls it so
) -> AsyncIterator[tuple[str, pos.ChannelOrder]]:
    """The transactions that were pulled; `open_only`: those that sales may still lack."""
    given = {"nos": nos and list(nos), "since": since, "open_only": open_only, "open": list(OPEN)}
    for row in await fetch(conn, PUBLISHED, **given):
        yield row.confirmation_no, channel_order(row.body, "pulled")


async def stores(
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: ARG001, FBT001 - a store is never finished
) -> AsyncIterator[tuple[str, pos.Store]]:
    """All stores."""
    for row in await fetch(conn, STORES, nos=nos and list(nos), since=since):
        yield row.no, store_snapshot(msgspec.json.decode(row.body, type=Store), row.version)
