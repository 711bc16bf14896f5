"""Events that no consumer can read."""

from __future__ import annotations

from uuid import uuid4

from aiokafka import AIOKafkaProducer

from contracts.topics import TOPICS
from deploy.local.stack import LocalStack


async def send_poison(stack: LocalStack, *, topic: str, key: str, event_type: str) -> None:
    """A well-formed envelope around a value that is not the snapshot it claims to be."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap)
    await producer.start()
    headers = {
        "ce_id": str(uuid4()),
        "ce_source": f"/koppel/{TOPICS[topic].owner}",
        "ce_type": event_type,
        "ce_subject": key,
        "ce_specversion": "1.0",
        "ce_time": "2026-01-01T00:00:00Z",
        "ce_version": "1",
        "ce_correlationid": str(uuid4()),
        "ce_causationid": str(uuid4()),
    }
    try:
        await producer.send_and_wait(
            stack.settings.topic_prefix + topic,
            b'{"version": "not a number", "lines": 7}',
            key=key.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
    finally:
        await producer.stop()
