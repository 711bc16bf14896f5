"""Finds the record that the broker's client cannot read: after a failed fetch records are fetched again, one by one.

Such are a batch whose checksum is wrong (a damaged disk), one whose length is, and a header whose name is no UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, RecordTooLargeError, UnsupportedCodecError

from eventkit.envelope import Record, unreadable_record
from eventkit.ports import Partition

CANNOT_READ: Final = (ValueError, CorruptRecordException, RecordTooLargeError, UnsupportedCodecError)
"""What the client raises for a record, not for its connection."""
_RECORDS_MAX: Final = 1000
"""After so many good ones the damage was not on the disk: fetches are whole again."""


class OneByOne:
    """Which partition comes next while records are fetched one by one, and until when they are.

    A damaged batch holds many records, and the client can read none of them: the partition of the last one found comes
    first, so that its neighbours are found at once.
    """

    def __init__(self) -> None:
        self._left = 0
        self._suspect: TopicPartition | None = None

    @property
    def due(self) -> bool:
        """Whether records are fetched one by one."""
        return self._left > 0

    def begin(self) -> None:
        """A fetch failed: fetch single records for a while, to find the one at fault."""
        self._left = _RECORDS_MAX

    def order(self, assigned: Iterable[TopicPartition]) -> list[TopicPartition]:
        """The partitions in the order in which they are asked."""
        return sorted(assigned, key=lambda tp: (tp != self._suspect, tp))

    def got(self, tp: TopicPartition, record: Record) -> None:
        """A record came: an unreadable one, or one of those before or after it."""
        if record.unreadable:
            self._suspect = tp
        elif tp == self._suspect:  # behind the damage
            self.end()
        else:
            self._left -= 1

    def end(self) -> None:
        """Nothing is left to be found."""
        self._left = 0
        self._suspect = None


async def next_record(
    consumer: AIOKafkaConsumer, tp: TopicPartition, where: Partition, timeout_s: float
) -> Record | None:
    """The next record of one partition; if the client cannot read it, its position alone. None after the time-out."""
    position = await consumer.position(
        tp
    )  # asked before: the client moves it past some of what it cannot read
    try:
        polled = await consumer.getmany(tp, timeout_ms=int(timeout_s * 1000), max_records=1)
    except CANNOT_READ as e:
        return unreadable_record(*where, position, repr(e))
    return next((received(m, where) for messages in polled.values() for m in messages), None)


def received(m: Any, where: Partition) -> Record:
    """A record of the client as ours."""
    headers = tuple((name, value or b"") for name, value in m.headers)
    return Record(where.topic, where.partition, m.offset, m.key, m.value, headers)
