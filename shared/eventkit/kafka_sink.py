"""The sink on aiokafka: an idempotent producer that waits for all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from contracts.topics import MAX_EVENT_BYTES
from eventkit.envelope import Message
from eventkit.kafka import (
    OWN_PARTITIONS,
    RETRY_BACKOFF_MS,
    connection,
    require_partitions,
    start_client,
    stop_client,
)
from eventkit.ports import Partition
from eventkit.settings import EventSettings

_BATCH_BYTES = 512 * 1024
_PORTION_BYTES = 2 * MAX_EVENT_BYTES
"""What is sent within one deadline: a wave of many large events takes longer than a deadline, but makes progress."""


@lru_cache(maxsize=20_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partitioner: every other client chooses the same partition."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def _portions(messages: Sequence[Message]) -> Iterator[list[Message]]:
    portion: list[Message] = []
    filled = 0
    for message in messages:
        if portion and filled + len(message.value) > _PORTION_BYTES:
            yield portion
            portion, filled = [], 0
        portion.append(message)
        filled += len(message.value)
    if portion:
        yield portion


class KafkaSink:
    """Sends messages grouped by partition, each group as one batch of the client."""

    def __init__(self, settings: EventSettings, service: str) -> None:
        self._settings = settings
        self._client_id = f"{service}-relay-{settings.instance}"
        self._producer: AIOKafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        """Connect the producer to Kafka."""
        s = self._settings
        producer = AIOKafkaProducer(
            **connection(s),
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            linger_ms=0,
            max_batch_size=_BATCH_BYTES,
            max_request_size=s.max_message_bytes,
            request_timeout_ms=int(s.kafka_deadline_s * 1000),
            retry_backoff_ms=RETRY_BACKOFF_MS,
        )
        await start_client(producer, s.kafka_deadline_s)
        self._producer = producer

    async def send(self, messages: Sequence[Message]) -> None:
        """Send all and wait for all; for each portion twice the request deadline, to cover a retry of the client."""
        for portion in _portions(messages):
            async with asyncio.timeout(self._settings.kafka_deadline_s * 2):
                try:
                    await self._send(portion)
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
        """As the broker has it: a key must keep its partition. Raises ConfigurationError for an unexpected number."""
        found = await self._running().partitions_for(self._settings.topic_prefix + topic)
        require_partitions(topic, len(found), self._settings, own=OWN_PARTITIONS)
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
            await stop_client(producer)
