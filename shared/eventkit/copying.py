"""Writes the copies of other services' aggregates; only the consumer does. Each statement does one step of a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text

from eventkit import offsets
from eventkit.envelope import AggregateKey, Event
from eventkit.errors import OvertakenError
from eventkit.offsets import Range
from eventkit.statements import Row
from eventkit.transaction import Transaction

_KNOWN: Final = """
SELECT c.kind, c.no, c.version, CASE WHEN r.want THEN c.body END AS body, c.received_at
FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[]), CAST(:wants AS boolean[])) AS r(kind, no, want)
JOIN copy c ON c.kind = r.kind AND c.no = r.no
ORDER BY c.kind, c.no FOR UPDATE OF c
"""
_CLAIM: Final = f"{offsets.MINE}, moved AS ({offsets.MOVE} RETURNING 1)"
_FOUND: Final = """
SELECT 'moved' AS what, NULL AS kind, NULL AS no, count(*) AS version, CAST(NULL AS json) AS body,
       CAST(NULL AS timestamptz) AS received_at, false AS replaced
FROM moved
UNION ALL SELECT 'known', kind, no, version, body, received_at, false FROM known
"""
LOCK: Final = text(_KNOWN)

# The same with the offsets, which are locked before the copies. The first row is the number of offsets moved.
CLAIM_AND_LOCK: Final = text(f"""
WITH {_CLAIM}, known AS ({_KNOWN})
{_FOUND}
""")

# The same with the new copies stored at once, for a batch that is expected to take effect whole: one round trip for
# what else takes one and one per kind. `count(*)` makes the insertion wait until the old copies are locked and read.
# `superseded`, `waited` and `awaited` are as in STORE. The plan is generic and kept, hence two hints: OFFSET 0 keeps it
# from beginning at `parked` and `waiting`, which are nearly empty when it is made; `status || ''` hides the partial
# index from it where the row is found by id.
CLAIM_AND_STORE: Final = text(f"""
WITH {_CLAIM}, known AS MATERIALIZED ({_KNOWN}), stored AS (
    INSERT INTO copy (kind, no, version, body, received_at)
    SELECT kind, no, version, body, :now
    FROM unnest(CAST(:kinds AS text[]), CAST(:nos AS text[]), CAST(:versions AS bigint[]), CAST(:bodies AS json[]))
         AS r(kind, no, version, body)
    WHERE (SELECT count(*) FROM known) >= 0
    ORDER BY kind, no
    ON CONFLICT (kind, no) DO UPDATE
    SET version = excluded.version, body = excluded.body, received_at = excluded.received_at
    WHERE copy.version < excluded.version
    RETURNING kind, no, version, xmax <> 0 AS replaced
), superseded AS (
    UPDATE parked p SET status = 'superseded', closed_at = :now
    FROM stored s CROSS JOIN LATERAL (
        SELECT o.id FROM parked o
        WHERE o.status = 'parked' AND o.kind = s.kind AND o.no = s.no AND o.version <= s.version OFFSET 0) old
    WHERE p.id = old.id AND p.status || '' = 'parked'
), waited AS (
    DELETE FROM waiting w USING stored s WHERE w.kind = s.kind AND w.no = s.no AND w.version <= s.version
)
{_FOUND}
UNION ALL SELECT CASE WHEN EXISTS (
                     SELECT FROM waiting w WHERE w.waits_kind = s.kind AND w.waits_no = s.no OFFSET 0)
                 THEN 'awaited' ELSE 'stored' END, s.kind, s.no, s.version, NULL, NULL, s.replaced FROM stored s
""")

# Stores copies, closes parked and waiting events that a newer snapshot replaces, and returns for which of the copies
# other events wait. `replaced`: there was a copy (`xmax` is set by an update alone). One that was not there when the
# copies were locked was made by another process since, and the decision did not see it.
STORE: Final = text("""
WITH r AS MATERIALIZED (
    SELECT * FROM unnest(CAST(:nos AS text[]), CAST(:versions AS bigint[]), CAST(:bodies AS json[]))
                  AS r(no, version, body)
), stored AS (
    INSERT INTO copy (kind, no, version, body, received_at)
    SELECT CAST(:kind AS text), no, version, body, :now FROM r ORDER BY no
    ON CONFLICT (kind, no) DO UPDATE
    SET version = excluded.version, body = excluded.body, received_at = excluded.received_at
    WHERE copy.version < excluded.version
    RETURNING no, xmax <> 0 AS replaced
), superseded AS (
    UPDATE parked p SET status = 'superseded', closed_at = :now FROM r
    WHERE p.status = 'parked' AND p.kind = :kind AND p.no = r.no AND p.version <= r.version
), waited AS (
    DELETE FROM waiting w USING r WHERE w.kind = :kind AND w.no = r.no AND w.version <= r.version
)
SELECT s.no, s.replaced, EXISTS (SELECT FROM waiting w WHERE w.waits_kind = :kind AND w.waits_no = s.no) AS awaited
FROM stored s
""")


# The body stays: what the false version brought about here is taken back by the difference between it and the true one.
FORGET: Final = text("""
WITH frozen AS (SELECT version FROM copy WHERE kind = :kind AND no = :no FOR UPDATE)
UPDATE copy SET version = 0 FROM frozen WHERE kind = :kind AND no = :no RETURNING frozen.version
""")


class Copy(msgspec.Struct, frozen=True):
    """The stored copy of an aggregate; `body` only for kinds with a handler, which may read it."""

    version: int
    body: str | None
    received_at: datetime


def is_new(event: Event, copies: Mapping[AggregateKey, Copy]) -> bool:
    """Whether the event is newer than the copy of its aggregate."""
    known = copies.get(event.key)
    return known is None or known.version < event.version


async def lock(tx: Transaction, newest: Mapping[AggregateKey, Event]) -> dict[AggregateKey, Copy]:
    """The copies of the aggregates of these events, locked."""
    return _copies(await tx.all(LOCK, **_known(newest)))


async def claim(
    tx: Transaction, ranges: Sequence[Range], newest: Mapping[AggregateKey, Event]
) -> dict[AggregateKey, Copy]:
    """Move the offsets and lock the copies. Raises PartitionLostError if another process read there."""
    moved, *known = await tx.all(CLAIM_AND_LOCK, **offsets.claim_parameters(ranges), **_known(newest))
    offsets.require_all(ranges, moved.version)
    return _copies(known)


async def claim_and_store(
    tx: Transaction, ranges: Sequence[Range], newest: Mapping[AggregateKey, Event]
) -> tuple[dict[AggregateKey, Copy], list[AggregateKey]]:
    """Move the offsets and store the copies: the old copies, and the keys of new ones that other events wait for.

    Raises PartitionLostError if another process read there, OvertakenError if another one stored a newer copy, or the
    first one of an aggregate.
    """
    moved, *rows = await tx.all(
        CLAIM_AND_STORE,
        **offsets.claim_parameters(ranges),
        **_known(newest),
        versions=[event.version for event in newest.values()],
        bodies=[_body(event) for event in newest.values()],
        now=tx.now,
    )
    offsets.require_all(ranges, moved.version)
    copies = _copies(row for row in rows if row.what == "known")
    stored = {(row.kind, row.no): row.what == "awaited" for row in rows if row.what != "known"}
    fresh = {key for key, event in newest.items() if is_new(event, copies)}
    if stored.keys() != fresh:
        raise OvertakenError(f"copies of {sorted(fresh - stored.keys())} are newer now")
    _require_seen({(row.kind, row.no) for row in rows if row.replaced}, copies)
    return copies, [key for key, awaited in stored.items() if awaited]


async def store(
    tx: Transaction, kind: str, decided: Sequence[Event], known: Collection[AggregateKey]
) -> list[AggregateKey]:
    """Store the copies of events of one kind; the keys that other events wait for. Raises OvertakenError.

    `known`: the copies that were there when they were locked.
    """
    stored = await tx.all(
        STORE,
        kind=kind,
        nos=[event.no for event in decided],
        versions=[event.version for event in decided],
        bodies=[_body(event) for event in decided],
        now=tx.now,
    )
    if len(stored) != len(decided):
        raise OvertakenError(f"{len(decided) - len(stored)} copies of {kind} are newer now")
    _require_seen({(kind, row.no) for row in stored if row.replaced}, known)
    return [(kind, row.no) for row in stored if row.awaited]


async def forget(tx: Transaction, kind: str, no: str) -> int | None:
    """Forget the version of a copy that a false one froze; returns that version, None if there is no copy.

    Whatever snapshot of the aggregate comes next is new: its owner has to publish it again.
    """
    rows = await tx.all(FORGET, kind=kind, no=no)
    return rows[0].version if rows else None


def _require_seen(replaced: set[AggregateKey], known: Collection[AggregateKey]) -> None:
    if unseen := replaced.difference(known):
        raise OvertakenError(f"copies of {sorted(unseen)} were made by another process")


def _known(newest: Mapping[AggregateKey, Event]) -> dict[str, Any]:
    return {
        "kinds": [kind for kind, _ in newest],
        "nos": [no for _, no in newest],
        "wants": [e.subscription.handler is not None for e in newest.values()],
    }


def _copies(rows: Iterable[Row]) -> dict[AggregateKey, Copy]:
    return {(row.kind, row.no): Copy(row.version, row.body, row.received_at) for row in rows}


def _body(event: Event) -> str | None:
    value = event.record.value
    return value.decode() if value and event.subscription.keep_body else None
