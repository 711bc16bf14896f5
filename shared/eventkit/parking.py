"""Parked (dead-lettered) events: kept whole until someone redrives or discards them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.fields import Timestamp
from eventkit.envelope import Record, pack, unpack
from eventkit.ids import new_id
from eventkit.transaction import Transaction

PARK = text("""
INSERT INTO parked (id, cluster_id, topic, partition, "offset", kind, no, version, record, reason, error, parked_at)
VALUES (:id, :cluster_id, :topic, :partition, :offset, :kind, :no, :version, :record, :reason, :error, :now)
ON CONFLICT (cluster_id, topic, partition, "offset") DO NOTHING
""")

LIST = text("""
SELECT id, topic, partition, "offset", kind, no, version, reason, error, status, parked_at, closed_at, closed_by, note
FROM parked WHERE (CAST(:status AS text) = '' OR status = :status) AND id > :after ORDER BY id LIMIT :limit
""")

SHOW = text("""
SELECT id, topic, partition, "offset", kind, no, version, reason, error, status, parked_at, closed_at, closed_by,
       note, record
FROM parked WHERE id = :id
""")

CLAIM = text("DELETE FROM parked WHERE id = :id AND status = 'parked' RETURNING record")

DISCARD = text("""
UPDATE parked SET status = 'discarded', closed_at = :now, closed_by = :by, note = :note
WHERE id = :id AND status = 'parked'
""")

SET_ERROR = text("UPDATE parked SET error = :error WHERE id = :id AND status = 'parked'")

_FIRST = UUID(int=0)
_MAX_ERROR_CHARS = 4000


class Parked(msgspec.Struct, omit_defaults=True):
    """An event that could not be applied, kept whole until it is redriven or discarded.

    `reason`: undecodable, error or killed; `status`: parked, superseded or discarded.
    """

    id: Annotated[
        UUID, Meta(description="Id of the parked event.", examples=["01930000-0000-7000-8000-000000000001"])
    ]
    topic: Annotated[str, Meta(description="Kafka topic that it came from.", examples=["sales.order.v1"])]
    partition: Annotated[int, Meta(description="Partition of the topic.", examples=[3])]
    offset: Annotated[int, Meta(description="Offset in the partition.", examples=[4711])]
    kind: Annotated[
        str, Meta(description='Kind of the aggregate; "" if undecodable.', examples=["sales-order"])
    ]
    no: Annotated[str, Meta(description='Its number; "" if undecodable.', examples=["S-1001"])]
    version: Annotated[int, Meta(description="Its version; 0 if undecodable.", examples=[7])]
    reason: Annotated[
        str,
        Meta(
            description="Why it was parked: `undecodable`, `error` or `killed` (its process died each time).",
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
    """An event to be parked; `kind` is empty if it could not be decoded."""

    record: Record
    reason: str
    error: str
    kind: str = ""
    no: str = ""
    version: int = 0


def describe(error: BaseException) -> str:
    """An error as it is stored: type and text."""
    return f"{type(error).__name__}: {error}"[:_MAX_ERROR_CHARS].replace("\x00", "")


async def park(tx: Transaction, cluster_id: str, failed: Sequence[Failed]) -> None:
    """Store events whole. One that is already parked is left as it is."""
    for f in failed:  # rare: one statement each is fine
        await tx.run(
            PARK,
            id=new_id(),
            cluster_id=cluster_id,
            topic=f.record.topic,
            partition=f.record.partition,
            offset=f.record.offset,
            kind=f.kind,
            no=f.no,
            version=f.version,
            record=pack(f.record),
            reason=f.reason,
            error=f.error,
            now=tx.now,
        )


async def list_parked(
    conn: AsyncConnection, *, status: str = "parked", after: UUID = _FIRST, limit: int = 100
) -> list[Parked]:
    """Parked events, the oldest first; `status` "" means all."""
    rows = (await conn.execute(LIST, {"status": status, "after": after, "limit": limit})).mappings()
    return [Parked(**row) for row in rows]


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


async def discard(tx: Transaction, id_: UUID, *, by: str, note: str) -> bool:
    """Give an event up; who did it and why is stored. False if it is not parked."""
    return await tx.run(DISCARD, id=id_, by=by, note=note, now=tx.now) == 1


async def still_fails(tx: Transaction, id_: UUID, error: str) -> None:
    """Replace the error of a parked event that failed again."""
    await tx.run(SET_ERROR, id=id_, error=error)
