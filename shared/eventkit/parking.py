"""Parked (dead-lettered) events: kept whole until someone redrives or discards them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import structlog
from msgspec import Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.fields import Timestamp
from eventkit.consumer import Subscription
from eventkit.decoding import MAX_KIND_CHARS, MAX_NO_CHARS, MAX_VERSION, named
from eventkit.envelope import Event, Record, pack, unpack
from eventkit.errors import UndecodableError, is_transient
from eventkit.ids import new_id
from eventkit.labels import shown
from eventkit.transaction import Queryable, Transaction, fetch

PARK = text("""
INSERT INTO parked (id, cluster_id, topic, partition, "offset", kind, no, version, record, reason, error, parked_at)
VALUES (:id, :cluster_id, :topic, :partition, :offset, :kind, :no, :version, :record, :reason, :error, :now)
ON CONFLICT (cluster_id, topic, partition, "offset") DO NOTHING
""")

LIST = text("""
SELECT id, topic, partition, "offset", kind, no, version, reason, error, status, parked_at, closed_at, closed_by, note
FROM parked WHERE (CAST(:status AS text) = '' OR status = :status) AND id > :after ORDER BY id LIMIT :limit
""")

IDS = text("""
SELECT id FROM parked WHERE status = 'parked' AND (CAST(:kind AS text) = '' OR kind = :kind)
AND (CAST(:reason AS text) = '' OR reason = :reason) AND id > :after ORDER BY id LIMIT :limit
""")

SHOW = text("""
SELECT id, topic, partition, "offset", kind, no, version, reason, error, status, parked_at, closed_at, closed_by,
       note, record
FROM parked WHERE id = :id
""")

CLAIM = text("DELETE FROM parked WHERE id = :id AND status = 'parked' RETURNING record")

DISCARD = text("""
UPDATE parked SET status = 'discarded', closed_at = :now, closed_by = :by, note = :note
WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'parked' RETURNING id
""")

SET_ERROR = text("UPDATE parked SET error = :error WHERE id = :id AND status = 'parked'")

FIRST: Final = UUID(int=0)
"""Before all ids."""
REASONS: Final = ("undecodable", "foreign", "implausible", "error", "killed", "skipped")
_MAX_ERROR_CHARS: Final = 4000
_UNKNOWN: Final = {"kind": "", "no": "", "version": 0, "reason": "undecodable"}
_log = structlog.get_logger(__name__)


class Parked(msgspec.Struct, omit_defaults=True):
    """An event that could not be applied, kept whole until it is redriven or discarded.

    `reason`: undecodable, foreign, implausible, error, killed or skipped; `status`: parked, superseded or discarded.
    """

    id: Annotated[
        UUID, Meta(description="Id of the parked event.", examples=["01930000-0000-7000-8000-000000000001"])
    ]
    topic: Annotated[str, Meta(description="Kafka topic that it came from.", examples=["sales.order.v1"])]
    partition: Annotated[int, Meta(description="Partition of the topic.", examples=[3])]
    offset: Annotated[int, Meta(description="Offset in the partition.", examples=[4711])]
    kind: Annotated[
        str,
        Meta(
            description="Kind of the aggregate; the event's type if it is unknown here.",
            examples=["sales-order"],
        ),
    ]
    no: Annotated[str, Meta(description='Its number; "" if no header names it.', examples=["S-1001"])]
    version: Annotated[int, Meta(description="Its version; 0 if no header names it.", examples=[7])]
    reason: Annotated[
        str,
        Meta(
            description="Why it was parked: `undecodable`; `foreign` (not its owner's, or not about what it names); "
            "`implausible` (its version is too far ahead); `error`; `killed` (its process died each time); `skipped` "
            "by an operator.",
            examples=["error"],
        ),
    ]
    error: Annotated[str, Meta(description="Type and text of the error.", examples=["KeyError: 'EAST'"])]
    status: Annotated[
        str,
        Meta(
            description="`parked`, `superseded` by a newer event of the aggregate, or `discarded`.",
            examples=["parked"],
        ),
    ]
    parked_at: Annotated[
        Timestamp, Meta(description="When it was parked.", examples=["2026-03-31T12:00:00Z"])
    ]
    closed_at: Annotated[
        Timestamp | None,
        Meta(description="When it was superseded or discarded.", examples=["2026-03-31T12:05:00Z"]),
    ] = None
    closed_by: Annotated[str, Meta(description="Who discarded it.", examples=["anna"])] = ""
    note: Annotated[str, Meta(description="Why it was discarded.", examples=["Entered by hand."])] = ""
    headers: Annotated[
        dict[str, str] | None,
        Meta(description="Its Kafka headers.", examples=[{"ce_type": "koppel.sales-order.v1"}]),
    ] = None
    value: Annotated[
        str | None, Meta(description="Its value as text.", examples=['{"version":7,"no":"S-1001"}'])
    ] = None


class Failed(msgspec.Struct, frozen=True):
    """A record to be parked; `kind`, `no` and `version` as far as they are known."""

    record: Record
    reason: str
    error: str
    kind: str = ""
    no: str = ""
    version: int = 0


def failed_event(event: Event, error: BaseException, reason: str = "error") -> Failed:
    """The parked row of an event whose decision or effects failed."""
    return Failed(event.record, reason, describe(error), event.kind, event.no, event.version)


def failed_record(
    record: Record, error: BaseException, by_type: Mapping[str, Subscription[Any]], reason: str = ""
) -> Failed:
    """How a record is parked, with what its headers name; the reason is the error's own unless another is given."""
    reason = reason or (error.reason if isinstance(error, UndecodableError) else "error")
    found = named(record, by_type)
    return Failed(record, reason, describe(error), found.kind, found.no, found.version)


def describe(error: BaseException) -> str:
    """An error as it is stored: type and text."""
    return shown(f"{type(error).__name__}: {error}", _MAX_ERROR_CHARS)


async def park(tx: Transaction, cluster_id: str, failed: Sequence[Failed]) -> None:
    """Store records whole; one that is already parked is left as it is.

    This is the last resort and must not fail for what a record holds: every column that comes from it is cleaned, and
    where the row is refused nevertheless, the bytes are stored with their position alone.
    """
    for f in failed:  # rare: one statement each is fine
        position = {
            "cluster_id": cluster_id,
            "topic": f.record.topic,
            "partition": f.record.partition,
            "offset": f.record.offset,
            "record": _packed(f.record),
            "now": tx.now,
        }
        known = {
            "kind": shown(f.kind, MAX_KIND_CHARS),
            "no": shown(f.no, MAX_NO_CHARS),
            "version": _version(f.version),
            "reason": f.reason,
            "error": shown(f.error, _MAX_ERROR_CHARS),
        }
        await _store(tx, position, known)
        where = {"topic": f.record.topic, "partition": f.record.partition, "offset": f.record.offset}
        _log.error("an event was parked", **where, **known)


async def _store(tx: Transaction, position: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    try:
        async with tx.savepoint():
            await tx.run(PARK, id=new_id(), **position, **known)
    except Exception as e:
        if is_transient(e):
            raise
        _log.exception("parked with its position alone")
        await tx.run(PARK, id=new_id(), **position, **_UNKNOWN, error=describe(e))


def _packed(record: Record) -> bytes:
    try:
        return pack(record)
    except Exception as e:  # noqa: BLE001 - whatever cannot be packed, its position can
        headers = (("unreadable", describe(e).encode()),)
        return pack(Record(record.topic, record.partition, record.offset, None, None, headers))


def _version(version: int) -> int:
    return version if 0 <= version <= MAX_VERSION else 0


async def list_parked(
    conn: AsyncConnection, *, status: str = "parked", after: UUID = FIRST, limit: int = 100
) -> list[Parked]:
    """Parked events, the oldest first; `status` "" means all."""
    rows = (await conn.execute(LIST, {"status": status, "after": after, "limit": limit})).mappings()
    return [Parked(**row) for row in rows]


async def ids(
    where: Queryable, *, kind: str = "", reason: str = "", after: UUID = FIRST, limit: int | None = None
) -> list[UUID]:
    """What is parked now, of one kind or for one reason where they are given; the oldest first."""
    rows = await fetch(where, IDS, kind=kind, reason=reason, after=after, limit=limit)
    return [row.id for row in rows]


async def show(conn: AsyncConnection, id_: UUID) -> Parked | None:
    """One parked event with its headers and its value."""
    row = (await conn.execute(SHOW, {"id": id_})).mappings().one_or_none()
    if row is None:
        return None
    fields: dict[str, Any] = dict(row)
    record = unpack(fields.pop("record"))
    headers = {key: value.decode(errors="replace") for key, value in record.headers}
    value = record.value.decode(errors="replace") if record.value is not None else None
    return Parked(**fields, headers=headers, value=value)


async def claim(tx: Transaction, id_: UUID) -> Record | None:
    """Remove a parked event to apply it in the same transaction; of two concurrent calls one gets it."""
    rows = await tx.all(CLAIM, id=id_)
    return unpack(rows[0].record) if rows else None


async def discard(tx: Transaction, ids_: Sequence[UUID], *, by: str, note: str) -> set[UUID]:
    """Give events up; who did it and why is stored. Returns those that were parked."""
    return {row.id for row in await tx.all(DISCARD, ids=ids_, by=by, note=note, now=tx.now)}


async def still_fails(tx: Transaction, id_: UUID, error: str) -> None:
    """Replace the error of a parked event that failed again."""
    await tx.run(SET_ERROR, id=id_, error=error)
