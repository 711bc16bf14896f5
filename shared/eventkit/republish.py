"""Publishes current snapshots again, at their versions: for new consumers, lost copies, a lost broker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from eventkit.consumer import OnStale, Subscription
from eventkit.context import Context
from eventkit.kinds import Kind, Snapshot, Topic
from eventkit.transaction import Database, Queryable, Transaction

CHUNK = 200
_READ_BACK = "system:read-back"


class SnapshotReader(Protocol):
    """Reads the current snapshots of a kind that the service owns.

    `nos` None: all; `since`: changed at or after; `open_only`: documents that are not finished. With `nos` the rows
    must be read `FOR SHARE` (or stronger), so that no newer version overtakes the one that is published again.
    """

    def __call__(
        self,
        conn: Queryable,
        nos: Sequence[str] | None,
        since: datetime | None,
        open_only: bool,  # noqa: FBT001 - the last of four, as repositories have it
        /,
    ) -> AsyncIterator[tuple[str, Snapshot]]:
        """(number, snapshot) of each."""
        ...


async def republish(
    db: Database,
    kind: Kind,
    current: SnapshotReader,
    *,
    nos: Sequence[str] | None = None,
    since: datetime | None = None,
    open_only: bool = False,
) -> AsyncIterator[int]:
    """Publish through the outbox in small transactions; yields how many so far.

    Numbers are collected first; then each chunk is read again, locked, in the transaction that publishes it. So no
    newer version of an aggregate can be sent before an older one.
    """
    async with db.read() as conn:
        found = [no async for no, _ in current(conn, nos, since, open_only)]
    context = Context.new("system:republish")
    done = 0
    for start in range(0, len(found), CHUNK):
        async with db.begin() as tx:
            async for no, snapshot in current(tx, found[start : start + CHUNK], None, False):  # noqa: FBT003
                tx.publish(kind, no, snapshot, context)
                done += 1
        yield done


def read_back(
    kinds: Iterable[Kind],
    owned_topics: Iterable[Topic],
    current: Mapping[str, SnapshotReader],
    subscriptions: Iterable[Subscription[Any]],
) -> list[Subscription[Any]]:
    """Subscriptions of a service to its own compacted topics, beside its `subscriptions`.

    Compaction keeps the last record of a key. If a relay that had lost its lease sent an older version after a newer
    one, the owner finds it here and publishes the current one again.
    """
    compacted = {topic.name for topic in owned_topics if topic.compacted}
    foreign = {subscription.kind.name for subscription in subscriptions}
    return [
        Subscription(kind, keep_body=False, on_stale=_publish_again(kind, current[kind.name]))
        for kind in kinds
        if kind.topic in compacted and kind.name in current and kind.name not in foreign
    ]


def _publish_again(kind: Kind, current: SnapshotReader) -> OnStale:
    async def publish(tx: Transaction, nos: Sequence[str]) -> None:
        async for no, snapshot in current(tx, nos, None, False):  # noqa: FBT003
            tx.publish(kind, no, snapshot, Context.new(_READ_BACK))

    return publish
