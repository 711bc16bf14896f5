"""Consumer offsets in the service's own database, moved by the transaction that holds the effects of the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import text

from eventkit.errors import PartitionLostError, RebuildNeededError
from eventkit.ports import Partition
from eventkit.transaction import Database, Transaction, json_rows

LOAD = text("""
SELECT c.topic, c.partition, c.next, c.cluster_id,
       CASE WHEN a.begun_at = c.next THEN a.attempts ELSE 0 END AS attempts,
       coalesce(a.attempted_to, 0) AS attempted_to
FROM consumer_offset c
JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(topic text, partition int)
  ON c.topic = r.topic AND c.partition = r.partition
LEFT JOIN attempt a ON a.topic = c.topic AND a.partition = c.partition
""")

BEGIN_AT = text("""
INSERT INTO consumer_offset (topic, partition, next, cluster_id)
SELECT topic, partition, next, :cluster_id
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(topic text, partition int, next bigint)
ON CONFLICT (topic, partition) DO NOTHING
""")

# Rows are locked in the order of the primary key: two processes may have the same partitions during a rebalance, and
# would deadlock otherwise.
MINE = """mine AS (
    SELECT c.topic, c.partition, r.new
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:olds AS bigint[]), CAST(:news AS bigint[]))
         AS r(topic, partition, old, new)
    JOIN consumer_offset c ON c.topic = r.topic AND c.partition = r.partition AND c.next = r.old
    ORDER BY c.topic, c.partition FOR UPDATE OF c
)"""
MOVE = """UPDATE consumer_offset c SET next = mine.new
FROM mine WHERE c.topic = mine.topic AND c.partition = mine.partition"""
CLAIM = text(f"WITH {MINE} {MOVE}")


class Progress(msgspec.Struct):
    """How far a partition was read, and what earlier processes met there."""

    next: int
    """The offset of the next event."""
    attempts: int = 0
    """Processes that began the event at `next` alone and died."""
    attempted_to: int = 0
    """End of the last range whose beginning was noted; beyond `next`: a process died within it."""

    @property
    def careful(self) -> bool:
        """True while an earlier attempt here is not finished: one event at a time."""
        return self.attempted_to > self.next


class Range(msgspec.Struct, frozen=True):
    """What a batch takes of one partition: from `old` up to, not including, `new`."""

    topic: str
    partition: int
    old: int
    new: int


async def load(db: Database, partitions: Iterable[Partition], cluster_id: str) -> dict[Partition, Progress]:
    """Known offsets. Raises RebuildNeededError if they belong to another cluster: they mean nothing here."""
    rows = json_rows([p._asdict() for p in partitions])
    async with db.read() as conn:
        found = (await conn.execute(LOAD, {"rows": rows})).all()
    for row in found:
        if row.cluster_id != cluster_id:
            msg = (
                f"rebuild needed: {row.topic}/{row.partition} was read in Kafka cluster {row.cluster_id}, "
                f"this one is {cluster_id}"
            )
            raise RebuildNeededError(msg)
    return {
        Partition(row.topic, row.partition): Progress(row.next, row.attempts, row.attempted_to)
        for row in found
    }


async def begin_at(db: Database, nexts: Mapping[Partition, int], cluster_id: str) -> None:
    """First offsets of partitions that were never read; those that another process has written stay."""
    rows = json_rows([{"topic": p.topic, "partition": p.partition, "next": n} for p, n in nexts.items()])
    async with db.begin() as tx:
        await tx.run(BEGIN_AT, rows=rows, cluster_id=cluster_id)


async def claim(tx: Transaction, ranges: Iterable[Range]) -> None:
    """Move the offsets over the ranges, in the transaction of their effects.

    Raises PartitionLostError if another process read there: of two processes with one batch the first wins, the other
    waits here for its commit and then fails.
    """
    wanted = list(ranges)
    require_all(wanted, await tx.run(CLAIM, **claim_parameters(wanted)))


def claim_parameters(ranges: Iterable[Range]) -> dict[str, Any]:
    """The parameters of `CLAIM` and `MINE`: a column per field of the ranges."""
    topics, partitions, olds, news = columns(ranges)
    return {"topics": topics, "partitions": partitions, "olds": olds, "news": news}


def require_all(wanted: Sequence[Range], moved: int) -> None:
    """Raise PartitionLostError unless every offset was moved."""
    if moved != len(wanted):
        raise PartitionLostError(", ".join(f"{r.topic}/{r.partition}@{r.old}" for r in wanted))


def columns(ranges: Iterable[Range]) -> tuple[list[str], list[int], list[int], list[int]]:
    """Topics, partitions, old and new offsets, as arrays for `unnest`."""
    rows = list(ranges)
    return [r.topic for r in rows], [r.partition for r in rows], [r.old for r in rows], [r.new for r in rows]
