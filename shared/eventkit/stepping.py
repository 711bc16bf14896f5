"""Steps over the record that a consumer is stuck at, when an operator says so."""

from __future__ import annotations

import msgspec
from sqlalchemy import text

from eventkit import offsets
from eventkit.envelope import Record
from eventkit.errors import ConfigurationError
from eventkit.kafka_source import record_at
from eventkit.offsets import Range
from eventkit.ports import Partition
from eventkit.processing import Processor
from eventkit.settings import EventSettings
from eventkit.transaction import Database

POSITIONS = text("""
SELECT c.topic, c.partition, c.next, CASE WHEN a.begun_at = c.next THEN a.attempts ELSE 0 END AS attempts
FROM consumer_offset c LEFT JOIN attempt a ON a.topic = c.topic AND a.partition = c.partition
ORDER BY c.topic, c.partition
""")


class Position(msgspec.Struct, frozen=True):
    """Where a service reads on in a partition."""

    topic: str
    partition: int
    next: int
    """The offset of the next event."""
    attempts: int
    """Processes that began the event at `next` alone and died."""


async def positions(db: Database) -> list[Position]:
    """All partitions that the service has read."""
    async with db.read() as conn:
        return [Position(*row) for row in await conn.execute(POSITIONS)]


async def skip(
    db: Database, settings: EventSettings, processor: Processor, where: Partition, cluster_id: str
) -> Record | None:
    """Park the next record of a partition as `skipped` without trying it; None at the partition's end.

    Of a record that cannot be read the position alone is parked. A running consumer notices that its offset moved and
    reads on behind it. Raises ConfigurationError if the service never read there, PartitionLostError if a consumer
    has moved on, RebuildNeededError for offsets of another cluster.
    """
    known = (await offsets.load(db, [where], cluster_id)).get(where)
    if known is None:
        raise ConfigurationError(f"{where.topic}/{where.partition} was never read here")
    record = await record_at(settings, where, known.next)
    if record is None:
        return None
    failed = processor.failure(record, RuntimeError("an operator stepped over it"), "skipped")
    async with db.begin() as tx:
        await offsets.claim(tx, [Range(where.topic, where.partition, known.next, record.offset + 1)])
        await processor.park(tx, [failed])
    return record
