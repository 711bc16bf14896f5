"""Lists by time of change: up to when everything is settled, and what they show of deleted records.

Transactions commit in another order than that of their times. A caller that went on behind the newest row it has seen
would miss one that was committed later with an earlier time. So such a list also gives a watermark, which never lies
behind a transaction that was under way: what was changed since then is answered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import fields
from contracts.values import UpdatedAt

CLOCKS_APART_MAX: Final = timedelta(seconds=2)
"""How far the clocks of a service's processes and of its database may differ: a row's time is that of its process."""

# Acts and handlers have connections of their own, by this name; queries that run for long hold nothing back.
SETTLED: Final = text("""
SELECT least(min(xact_start), clock_timestamp()) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE '% acts'
""")


class DeletedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a list by time of change shows of a deleted record."""

    no: Annotated[str, Meta(description="Number of the record, as in Koppel-Seen.", examples=["S-1001"])]
    version: fields.Version
    updated_at: UpdatedAt
    deleted: Annotated[bool, Meta(description="Always true.", examples=[True])] = True


async def settled(conn: AsyncConnection) -> datetime:
    """All changes before this time are committed and visible to the statements that follow."""
    started: datetime = (await conn.execute(SETTLED)).scalar_one()
    return started - CLOCKS_APART_MAX


def watermark(key: Sequence[Any], pending: datetime | None) -> tuple[Any, ...]:
    """The key to go on behind: the last row's, but not behind what was pending when its page was read."""
    at, *rest = key
    if pending is not None and at >= pending:
        at = pending - timedelta(microseconds=1)
    return (at, *rest)
