"""The source on aiokafka: a static group member whose offsets the caller keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, OffsetOutOfRangeError

from eventkit.envelope import Record, unreadable_record
from eventkit.errors import BrokerError, ConfigurationError, RebuildNeededError
from eventkit.kafka import (
    OWN_PARTITIONS,
    RETRY_BACKOFF_MS,
    cluster_id,
    connection,
    require_partitions,
    start_client,
    stop_client,
)
from eventkit.one_by_one import CANNOT_READ, OneByOne, next_record, received
from eventkit.ports import Partition
from eventkit.settings import EventSettings

_log = structlog.get_logger(__name__)


class KafkaSource:
    """One static member of the service's consumer group.

    A freshly assigned partition is paused at once: nothing is delivered before `seek` says where to read on, so neither
    the group's offsets nor a reset policy decide it.
    """

    def __init__(self, settings: EventSettings, service: str, topics: Iterable[str]) -> None:
        self._settings = settings
        self._service = service
        self._topics = sorted(set(topics))
        self._consumer: AIOKafkaConsumer | None = None
        self._listener = _Assignment()
        self._buffered: list[Record] = []
        self._one_by_one = OneByOne()

    async def start(self) -> None:
        """Join the consumer group; nothing is read before `seek`."""
        s = self._settings
        consumer = AIOKafkaConsumer(
            **connection(s),
            client_id=f"{self._service}-work-{s.instance}",
            group_id=s.topic_prefix + self._service,
            group_instance_id=f"{s.topic_prefix}{self._service}-{s.instance}",
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=s.session_timeout_ms,
            heartbeat_interval_ms=min(s.heartbeat_interval_ms, s.session_timeout_ms // 4),
            max_poll_interval_ms=s.max_poll_interval_ms,
            rebalance_timeout_ms=s.session_timeout_ms,
            request_timeout_ms=int(s.kafka_deadline_s * 1000),
            retry_backoff_ms=RETRY_BACKOFF_MS,
            fetch_max_wait_ms=s.fetch_max_wait_ms,
            max_partition_fetch_bytes=s.max_message_bytes,
        )
        self._listener.consumer = consumer
        consumer.subscribe([s.topic_prefix + t for t in self._topics], listener=self._listener)
        await start_client(consumer, s.kafka_deadline_s)
        self._consumer = consumer
        try:
            self._check_partitions(consumer)
        except ConfigurationError:
            await self.stop()
            raise

    def _check_partitions(self, consumer: AIOKafkaConsumer) -> None:
        for topic in self._topics:
            found = consumer.partitions_for_topic(self._settings.topic_prefix + topic)
            if found is not None:
                require_partitions(topic, len(found), self._settings, own=OWN_PARTITIONS)

    def reassigned(self) -> frozenset[Partition] | None:
        """The current partitions if `seek` is due."""
        if self._listener.awaiting_seek is None:
            return None
        return frozenset(self._own(tp) for tp in self._listener.awaiting_seek)

    async def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Set the offsets and resume the partitions."""
        consumer = self._running()
        awaiting = self._listener.awaiting_seek
        if awaiting is not None and awaiting != {self._theirs(p) for p in offsets}:
            return  # assigned anew meanwhile: these offsets are outdated
        self._buffered.clear()
        self._listener.awaiting_seek = None
        with suppress(IllegalStateError):  # assigned anew meanwhile: `seek` is called again
            for where, offset in offsets.items():
                tp = self._theirs(where)
                consumer.seek(tp, offset)
                consumer.resume(tp)

    async def beginning_offsets(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The first offsets that the broker still has."""
        async with asyncio.timeout(self._settings.kafka_deadline_s):
            found = await self._running().beginning_offsets([self._theirs(p) for p in partitions])
        return {self._own(tp): offset for tp, offset in found.items()}

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        """Buffered or fetched records; RebuildNeededError or BrokerError if the client cannot go on.

        If the client stumbles over a record, what it fetched is lost: `seek` is due. Then records are fetched again,
        one by one, and that one comes as its position alone.
        """
        if self._buffered:
            buffered, self._buffered = self._buffered, []
            return buffered
        poll = self._poll_one if self._one_by_one.due else self._poll_many
        try:
            # While the group rebalances, getmany ignores its own time-out.
            async with asyncio.timeout(timeout_s + 1):
                records = await poll(max_records, timeout_s)
        except TimeoutError:
            return []
        except OffsetOutOfRangeError as e:
            raise RebuildNeededError(f"rebuild needed: the broker no longer has {e.args[0]}") from e
        except CANNOT_READ as e:  # which record it is, the client does not say
            _log.warning("a fetched record cannot be read, looked for one by one", error=repr(e))
            self._one_by_one.begin()
            self._listener.awaiting_seek = frozenset(self._running().assignment())
            return []
        except KafkaError as e:
            # aiokafka retries transient errors itself; what it raises is permanent (fenced, unauthorised, broken).
            raise BrokerError(f"cannot read: {e!r}") from e
        return records if self._listener.awaiting_seek is None else []

    async def _poll_many(self, max_records: int, timeout_s: float) -> list[Record]:
        polled = await self._running().getmany(timeout_ms=int(timeout_s * 1000), max_records=max_records)
        return [received(m, self._own(tp)) for tp, messages in polled.items() for m in messages]

    async def _poll_one(self, _: int, timeout_s: float) -> list[Record]:
        consumer = self._running()
        partitions = self._one_by_one.order(consumer.assignment())
        for tp in partitions:
            try:
                record = await next_record(consumer, tp, self._own(tp), timeout_s / len(partitions))
            except IllegalStateError:  # assigned anew meanwhile
                return []
            if record is None:
                continue
            if record.unreadable:
                consumer.seek(tp, record.offset + 1)
            self._one_by_one.got(tp, record)
            return [record]
        self._one_by_one.end()
        return []

    async def keep_alive(self) -> None:
        """Poll with all partitions paused; what was already fetched is buffered for the next poll."""
        consumer = self._running()
        assigned = consumer.assignment()
        consumer.pause(*assigned)
        buffered, self._buffered = self._buffered, []
        buffered += await self.poll(1_000_000, 0.0)
        self._buffered = buffered if self._listener.awaiting_seek is None else []
        if self._listener.awaiting_seek is None:
            with suppress(IllegalStateError):
                consumer.resume(*assigned)

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit the group's offsets."""
        theirs = {self._theirs(p): offset for p, offset in offsets.items()}
        try:
            async with asyncio.timeout(self._settings.kafka_deadline_s):
                await self._running().commit(theirs)
        except (KafkaError, CommitFailedError, IllegalStateError) as e:
            raise ConnectionError(f"group offsets not committed: {e!r}") from e

    def end_offsets(self) -> dict[Partition, int]:
        """High watermarks of what was fetched."""
        consumer = self._running()
        with suppress(IllegalStateError):
            known = {tp: consumer.highwater(tp) for tp in consumer.assignment()}
            return {self._own(tp): end for tp, end in known.items() if end is not None}
        return {}

    async def cluster_id(self) -> str:
        """The id of the broker's cluster."""
        return await cluster_id(self._settings)

    async def stop(self) -> None:
        """Leave the group, so that others get the partitions now and not when the session times out."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            _leave_when_stopped(consumer)
            await stop_client(consumer)

    def _running(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise ConnectionError("the consumer is not started")
        return self._consumer

    def _own(self, tp: TopicPartition) -> Partition:
        return Partition(tp.topic[len(self._settings.topic_prefix) :], tp.partition)

    def _theirs(self, p: Partition) -> TopicPartition:
        return TopicPartition(self._settings.topic_prefix + p.topic, p.partition)


def _leave_when_stopped(consumer: AIOKafkaConsumer) -> None:
    """Let the client say goodbye to the group.

    It does so for dynamic members alone, and has no option for static ones. A static member is right after a crash: the
    process that is started again gets its partitions at once. After a planned stop no other would get them before
    the session times out.
    """
    consumer._coordinator._group_instance_id = None  # noqa: SLF001 - read by the client's `_maybe_leave_group`


async def record_at(settings: EventSettings, where: Partition, offset: int) -> Record | None:
    """The first record at an offset or behind it, for operators; None at the partition's end."""
    consumer = AIOKafkaConsumer(
        **connection(settings),
        enable_auto_commit=False,
        auto_offset_reset="none",
        request_timeout_ms=int(settings.kafka_deadline_s * 1000),
        max_partition_fetch_bytes=settings.max_message_bytes,
    )
    await start_client(consumer, settings.kafka_deadline_s)
    try:
        tp = TopicPartition(settings.topic_prefix + where.topic, where.partition)
        consumer.assign([tp])
        async with asyncio.timeout(settings.kafka_deadline_s):
            end = (await consumer.end_offsets([tp]))[tp]
        consumer.seek(tp, offset)
        if offset >= end:
            return None
        record = await next_record(consumer, tp, where, settings.kafka_deadline_s)
        return record or unreadable_record(*where, offset, "nothing came in time")
    except KafkaError as e:
        raise ConnectionError(f"cannot read {where.topic}/{where.partition} at {offset}: {e!r}") from e
    finally:
        await stop_client(consumer)


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Pauses every new assignment. The callbacks are plain functions, so that they run before any fetch."""

    def __init__(self) -> None:
        self.consumer: AIOKafkaConsumer | None = None
        self.awaiting_seek: frozenset[TopicPartition] | None = None

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to save: offsets are in the database, and a batch under way fails at its offset claim."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause, at an offset that is never fetched, so that the client does not look one up."""
        consumer = self.consumer
        if consumer is None:
            return
        self.awaiting_seek = frozenset(assigned)
        for tp in self.awaiting_seek:
            consumer.pause(tp)
            consumer.seek(tp, 0)
        _log.info("partitions assigned", partitions=len(self.awaiting_seek))
