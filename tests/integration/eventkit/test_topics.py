"""Topics with the setting's number of partitions, and those with one of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from eventkit.errors import ConfigurationError
from eventkit.kafka_sink import KafkaSink
from servicekit.migrate import create_topics
from tests.integration.eventkit.rig import PART, THING, TOPICS, Rig, running
from tests.support.polling import eventually


async def partitions(rig: Rig, *names: str) -> list[int]:
    prefix = rig.settings.topic_prefix
    consumer = AIOKafkaConsumer(*(prefix + n for n in names), bootstrap_servers=rig.settings.kafka_bootstrap)
    await consumer.start()
    try:
        return [len(consumer.partitions_for_topic(prefix + n) or ()) for n in names]
    finally:
        await consumer.stop()


async def test_a_topic_has_its_own_number_of_partitions_or_the_settings(rig: Rig) -> None:
    assert await partitions(rig, THING.topic, PART.topic) == [2, 1]
    await rig.send((THING, "A", 1, "needs:P"), (PART, "P", 1, ""), (PART, "Q", 1, ""))
    async with running(rig.reader().run):
        await rig.until_read(3)
        await rig.until("SELECT no FROM effect", [("A",)])


async def test_a_number_of_partitions_that_nobody_chose_is_refused(rig: Rig) -> None:
    """By the owner's `migrate`, by the producer before a key moves, and by the consumer."""
    with pytest.raises(ConfigurationError, match="has 1 partitions, the setting says 2"):
        await create_topics(rig.settings, [replace(t, partitions=None) for t in TOPICS])
    changed = replace(rig, settings=rig.settings.model_copy(update={"partitions": 3}))
    changed.sink = KafkaSink(changed.settings, "kit")
    await changed.sink.start()
    with pytest.raises(ConfigurationError, match="has 2 partitions, the setting says 3"):
        await changed.send((THING, "A", 1, "fine"))
    await changed.sink.stop()
    with pytest.raises(ConfigurationError, match="has 2 partitions, the setting says 3"):
        await changed.reader().run()


async def configuration(rig: Rig, topic: str) -> dict[str, str]:
    """What was set for the topic itself."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.settings.kafka_bootstrap)
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    await admin.close()
    return {name: value for name, value, _, source, *_ in answer.resources[0][4] if source == 1}


async def configured(rig: Rig, topic: str, message_bytes: str) -> dict[str, str]:
    """`configuration` with this size of messages. The broker learns of a change after its controller has made it."""
    return await eventually(
        lambda: configuration(rig, topic), lambda found: found.get("max.message.bytes") == message_bytes
    )


async def test_topics_of_an_older_installation_take_larger_messages_and_keep_their_other_settings(
    rig: Rig,
) -> None:
    prefix = rig.settings.topic_prefix + "small."
    small = rig.settings.model_copy(
        update={"topic_prefix": prefix, "max_message_bytes": 2_097_152, "document_retention_days": 3}
    )
    await create_topics(small, TOPICS)
    before = await configured(rig, prefix + THING.topic, "2097152")
    now = small.model_copy(
        update={"max_message_bytes": rig.settings.max_message_bytes, "document_retention_days": 14}
    )
    await create_topics(now, TOPICS)
    after = await configured(rig, prefix + THING.topic, "16777216")
    assert after == before | {"max.message.bytes": "16777216"}


async def test_partitions_of_an_older_installation_stay_and_are_all_used(rig: Rig) -> None:
    """Topics got a number of their own after installations had been made with the setting's."""
    settings = rig.settings.model_copy(update={"topic_prefix": rig.settings.topic_prefix + "old."})
    older = replace(rig, settings=settings, sink=KafkaSink(settings, "kit"))
    await create_topics(settings, [replace(t, partitions=None) for t in TOPICS])
    await create_topics(settings, TOPICS)
    assert await partitions(older, PART.topic) == [2]
    await older.sink.start()
    try:
        async with running(older.reader().run):
            await older.send(*((PART, f"P{n}", 1, "") for n in range(20)))
            await older.until_read(20)
    finally:
        await older.sink.stop()
    used = await rig.rows("SELECT count(*) FROM consumer_offset WHERE topic = 'kit.part.v1' AND next > 0")
    assert used == [(2,)]
