"""The ports on aiokafka. Every await has a deadline; the topic prefix exists on this side only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    OffsetOutOfRangeError,
)
from aiokafka.partitioner import murmur2

from eventkit.envelope import Message, Record
from eventkit.errors import BrokerError, ConfigurationError, RebuildNeededError
from eventkit.ports import Partition
from eventkit.settings import EventSettings

_BATCH_BYTES = 512 * 1024
_STOP_DEADLINE_S = 3.0
_RETRY_BACKOFF_MS = 250
_OWN_PARTITIONS = 1
"""What every topic with a number of its own has. Which ones may, the owner's `migrate` has checked."""
_log = structlog.get_logger(__name__)


@lru_cache(maxsize=20_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's own default: the same partition as every other client would take."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


class KafkaSink:
    """An idempotent producer that waits for all replicas. Records are grouped per partition before they are sent."""

    def __init__(self, settings: EventSettings, service: str) -> None:
        self._settings = settings
        self._client_id = f"{service}-relay-{settings.instance}"
        self._producer: AIOKafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        """Connect."""
        s = self._settings
        producer = AIOKafkaProducer(
            bootstrap_servers=s.kafka_bootstrap,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            linger_ms=0,
            max_batch_size=_BATCH_BYTES,
            max_request_size=s.max_message_bytes,
            request_timeout_ms=int(s.kafka_deadline_s * 1000),
            retry_backoff_ms=_RETRY_BACKOFF_MS,
        )
        await _start(producer, s.kafka_deadline_s)
        self._producer = producer

    async def send(self, messages: Sequence[Message]) -> None:
        """Send all, wait for all; twice the request deadline covers the client's own retry."""
        async with asyncio.timeout(self._settings.kafka_deadline_s * 2):
            try:
                await self._send(messages)
            except KafkaError as e:
                raise ConnectionError(f"not acknowledged: {e!r}") from e

    async def _send(self, messages: Sequence[Message]) -> None:
        groups: dict[Partition, list[Message]] = {}
        for m in messages:
            partitions = self._partitions.get(m.topic) or await self._count_partitions(m.topic)
            partition = partition_of(m.key, partitions)
            groups.setdefault(Partition(m.topic, partition), []).append(m)
        acks = [ack for where, group in groups.items() for ack in await self._submit(where, group)]
        await asyncio.gather(*acks)

    async def _count_partitions(self, topic: str) -> int:
        """As the broker has it: a key must stay where it is. Raises ConfigurationError for a number nobody chose."""
        found = await self._running().partitions_for(self._settings.topic_prefix + topic)
        require_partitions(topic, len(found), self._settings, own=_OWN_PARTITIONS)
        self._partitions[topic] = len(found)
        return len(found)

    async def _submit(self, where: Partition, group: list[Message]) -> list[asyncio.Future[object]]:
        producer = self._running()
        topic = self._settings.topic_prefix + where.topic
        acks = []
        batch = producer.create_batch()
        for m in group:
            if batch.append(key=m.key, value=m.value, headers=m.headers, timestamp=None) is None:
                acks.append(await producer.send_batch(batch, topic, partition=where.partition))
                batch = producer.create_batch()
                batch.append(key=m.key, value=m.value, headers=m.headers, timestamp=None)
        acks.append(await producer.send_batch(batch, topic, partition=where.partition))
        return acks

    def _running(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise ConnectionError("the producer is not started")
        return self._producer

    async def stop(self) -> None:
        """Flush what can be flushed within the deadline."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)


class KafkaSource:
    """One static member of the service's consumer group.

    A freshly assigned partition is paused at once: nothing is delivered before `position` says where to read on, so
    neither the group's offsets nor a reset policy ever decide it.
    """

    def __init__(self, settings: EventSettings, service: str, topics: Iterable[str]) -> None:
        self._settings = settings
        self._service = service
        self._topics = sorted(set(topics))
        self._consumer: AIOKafkaConsumer | None = None
        self._listener = _Assignment()
        self._stash: list[Record] = []

    async def start(self) -> None:
        """Join the group."""
        s = self._settings
        consumer = AIOKafkaConsumer(
            bootstrap_servers=s.kafka_bootstrap,
            client_id=f"{self._service}-work-{s.instance}",
            group_id=s.topic_prefix + self._service,
            group_instance_id=f"{s.topic_prefix}{self._service}-{s.instance}",
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=s.session_timeout_ms,
            heartbeat_interval_ms=s.session_timeout_ms // 4,
            max_poll_interval_ms=s.max_poll_interval_ms,
            rebalance_timeout_ms=s.session_timeout_ms,
            request_timeout_ms=int(s.kafka_deadline_s * 1000),
            retry_backoff_ms=_RETRY_BACKOFF_MS,
            fetch_max_wait_ms=s.fetch_max_wait_ms,
            max_partition_fetch_bytes=s.max_message_bytes,
        )
        self._listener.consumer = consumer
        consumer.subscribe([s.topic_prefix + t for t in self._topics], listener=self._listener)
        await _start(consumer, s.kafka_deadline_s)
        self._consumer = consumer
        self._check_partitions(consumer)

    def _check_partitions(self, consumer: AIOKafkaConsumer) -> None:
        for topic in self._topics:
            found = consumer.partitions_for_topic(self._settings.topic_prefix + topic)
            if found is not None:
                require_partitions(topic, len(found), self._settings, own=_OWN_PARTITIONS)

    def reassigned(self) -> frozenset[Partition] | None:
        """The current partitions if `position` is due."""
        if self._listener.unpositioned is None:
            return None
        return frozenset(self._own(tp) for tp in self._listener.unpositioned)

    async def position(self, nexts: Mapping[Partition, int]) -> None:
        """Seek and let records flow."""
        consumer = self._running()
        unpositioned = self._listener.unpositioned
        if unpositioned is not None and unpositioned != {self._theirs(p) for p in nexts}:
            return  # assigned anew meanwhile: these positions are of the past
        self._stash.clear()
        self._listener.unpositioned = None
        with suppress(IllegalStateError):  # assigned anew meanwhile: it will be positioned again
            for where, offset in nexts.items():
                tp = self._theirs(where)
                consumer.seek(tp, offset)
                consumer.resume(tp)

    async def beginnings(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The first offsets."""
        async with asyncio.timeout(self._settings.kafka_deadline_s):
            found = await self._running().beginning_offsets([self._theirs(p) for p in partitions])
        return {self._own(tp): offset for tp, offset in found.items()}

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        """What came."""
        if self._stash:
            stashed, self._stash = self._stash, []
            return stashed
        try:
            # While the group rebalances, getmany waits without an end of its own.
            async with asyncio.timeout(timeout_s + 1):
                polled = await self._running().getmany(
                    timeout_ms=int(timeout_s * 1000), max_records=max_records
                )
        except TimeoutError:
            return []
        except OffsetOutOfRangeError as e:
            raise RebuildNeededError(f"rebuild needed: the broker no longer has {e.args[0]}") from e
        except KafkaError as e:
            # What passes by itself the client tries again itself; what it raises is fenced, forbidden or broken.
            raise BrokerError(f"cannot read: {e!r}") from e
        if self._listener.unpositioned is not None:
            return []
        return [self._record(m) for messages in polled.values() for m in messages]

    def _record(self, m: object) -> Record:
        return Record(
            topic=m.topic[len(self._settings.topic_prefix) :],  # type: ignore[attr-defined]
            partition=m.partition,  # type: ignore[attr-defined]
            offset=m.offset,  # type: ignore[attr-defined]
            key=m.key,  # type: ignore[attr-defined]
            value=m.value,  # type: ignore[attr-defined]
            headers=tuple((name, value or b"") for name, value in m.headers),  # type: ignore[attr-defined]
        )

    async def hold(self) -> None:
        """Poll with everything paused; what was fetched already is kept for the next poll."""
        consumer = self._running()
        assigned = consumer.assignment()
        consumer.pause(*assigned)
        held = self._stash
        self._stash = []
        held += await self.poll(1_000_000, 0.0)
        self._stash = held if self._listener.unpositioned is None else []
        if self._listener.unpositioned is None:
            with suppress(IllegalStateError):
                consumer.resume(*assigned)

    async def commit(self, nexts: Mapping[Partition, int]) -> None:
        """Commit group offsets."""
        offsets = {self._theirs(p): n for p, n in nexts.items()}
        try:
            async with asyncio.timeout(self._settings.kafka_deadline_s):
                await self._running().commit(offsets)
        except (KafkaError, CommitFailedError, IllegalStateError) as e:
            raise ConnectionError(f"group offsets not committed: {e!r}") from e

    def ends(self) -> dict[Partition, int]:
        """High watermarks of what was fetched."""
        consumer = self._running()
        with suppress(IllegalStateError):
            known = {tp: consumer.highwater(tp) for tp in consumer.assignment()}
            return {self._own(tp): end for tp, end in known.items() if end is not None}
        return {}

    async def cluster_id(self) -> str:
        """The cluster's id as the broker tells it."""
        return await cluster_id(self._settings)

    async def stop(self) -> None:
        """A static member keeps its place for the session time-out, so that a restart needs no rebalance."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await _stop(consumer)

    def _running(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise ConnectionError("the consumer is not started")
        return self._consumer

    def _own(self, tp: TopicPartition) -> Partition:
        return Partition(tp.topic[len(self._settings.topic_prefix) :], tp.partition)

    def _theirs(self, p: Partition) -> TopicPartition:
        return TopicPartition(self._settings.topic_prefix + p.topic, p.partition)


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """Holds every new assignment back. The callbacks are plain functions, so that they run before any fetch."""

    def __init__(self) -> None:
        self.consumer: AIOKafkaConsumer | None = None
        self.unpositioned: frozenset[TopicPartition] | None = None

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to save: positions are in the database, and the offset claim fences a batch under way."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause, with a position that is never fetched from, so that the client looks for none itself."""
        consumer = self.consumer
        if consumer is None:
            return
        self.unpositioned = frozenset(assigned)
        for tp in self.unpositioned:
            consumer.pause(tp)
            consumer.seek(tp, 0)
        _log.info("partitions assigned", partitions=len(self.unpositioned))


def require_partitions(topic: str, found: int, settings: EventSettings, *, own: int | None) -> None:
    """Raise ConfigurationError unless a topic has its `own` number of partitions or as many as the setting says.

    One that has a number of its own had the setting's in older installations.
    """
    if found not in {own, settings.partitions}:
        raise ConfigurationError(
            f"topic {topic} has {found} partitions, the setting says {settings.partitions}: "
            "never changed under data, correct the setting"
        )


async def cluster_id(settings: EventSettings) -> str:
    """The id of the broker's cluster."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await _start(admin, settings.kafka_deadline_s)
    try:
        async with asyncio.timeout(settings.kafka_deadline_s):
            return str((await admin.describe_cluster())["cluster_id"])
    except KafkaError as e:
        raise ConnectionError(f"the broker does not tell its cluster: {e!r}") from e
    finally:
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_STOP_DEADLINE_S):
                await admin.close()


async def _start(
    client: AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient, deadline_s: float
) -> None:
    try:
        async with asyncio.timeout(deadline_s):
            await client.start()
    except KafkaError as e:
        await _stop(client)
        raise ConnectionError(f"the broker does not answer: {e!r}") from e
    except BaseException:
        await _stop(client)
        raise


async def _stop(client: AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient) -> None:
    close = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    try:
        async with asyncio.timeout(_STOP_DEADLINE_S):
            await close()
    except (TimeoutError, KafkaError, OSError) as e:
        _log.warning("a Kafka client did not stop, dropped", error=repr(e))
