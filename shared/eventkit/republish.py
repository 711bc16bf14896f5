"""Publishes current snapshots again, at the same versions: for new consumers, lost copies, a lost broker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from eventkit.context import Context
from eventkit.kinds import Kind
from eventkit.service import Current
from eventkit.transaction import Database

CHUNK = 200


async def republish(
    db: Database,
    kind: Kind,
    current: Current,
    *,
    nos: Sequence[str] | None = None,
    since: datetime | None = None,
    open_only: bool = False,
) -> AsyncIterator[int]:
    """Publish through the outbox in small transactions; yields how many so far.

    Numbers are collected first, then each chunk is read again under its locks in the transaction that publishes it:
    so no newer version of an aggregate can be sent before an older one of it.
    """
    async with db.read() as conn:
        found = [no async for no, _ in current(conn, nos, since, open_only)]
    context = Context.new("system:republish")
    done = 0
    for start in range(0, len(found), CHUNK):
        async with db.begin() as tx:
            async for no, snapshot in current(tx.conn, found[start : start + CHUNK], None, False):  # noqa: FBT003
                tx.publish(kind, no, snapshot, context)
                done += 1
        yield done
