"""Reads the current snapshots of what a service owns, so that they can be published again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import TextClause, text

from contracts.topics import KINDS
from eventkit.kinds import Snapshot
from eventkit.republish import SnapshotReader
from eventkit.transaction import Queryable, stream
from recordkit.kinds import RecordKinds

ASKED: Final = """
  (CAST(:nos AS text[]) IS NULL OR {no} = ANY(CAST(:nos AS text[])))
  AND (CAST(:since AS timestamptz) IS NULL OR {changed} >= CAST(:since AS timestamptz))
"""
"""The condition of every such query; `{no}` and `{changed}` are the table's columns."""

MASTERS: Final = f"""
SELECT no, body FROM master
WHERE kind = :kind AND {ASKED.format(no="no", changed="updated_at")} AND NOT (:open_only AND deleted) ORDER BY no
"""


def snapshot_reader(
    sql: str, decode: Callable[[Any], Snapshot], *, lock: bool = True, **parameters: Any
) -> SnapshotReader:
    """A reader of the rows (no, body) of `sql`, which has the parameters nos, since and open_only.

    Rows that are asked for by number are read `FOR SHARE`, so that no newer version overtakes the one that is
    published again; `lock` False for queries that cannot be locked.
    """
    every = text(sql)
    some = text(f"{sql} FOR SHARE") if lock else every
    return partial(_read, every, some, decode, parameters)


def master_readers(
    kinds: RecordKinds, published: dict[str, Callable[[Any], Snapshot]] | None = None
) -> dict[str, SnapshotReader]:
    """Readers of all own master data that other services see; `published` as in `put_records`, by kind."""
    made = published or {}
    return {
        name: snapshot_reader(MASTERS, partial(_record, kinds, name, made.get(name)), kind=name)
        for name, kind in kinds.by_name.items()
        if kind.own and name in KINDS
    }


def _record(
    kinds: RecordKinds, name: str, published: Callable[[Any], Snapshot] | None, body: str
) -> Snapshot:
    record = kinds.decode(name, body)
    snapshot: Snapshot = published(record) if published else record
    return snapshot


async def _read(  # noqa: PLR0913, PLR0917 - the kit's signature after our own four
    every: TextClause,
    some: TextClause,
    decode: Callable[[Any], Snapshot],
    parameters: dict[str, Any],
    conn: Queryable,
    nos: Sequence[str] | None,
    since: datetime | None,
    open_only: bool,  # noqa: FBT001
) -> AsyncIterator[tuple[str, Snapshot]]:
    asked = parameters | {"nos": None if nos is None else list(nos), "since": since, "open_only": open_only}
    async for row in stream(conn, every if nos is None else some, **asked):
        yield row.no, decode(row.body)
