"""What compose lets each service do at the broker: write its own topics, read those that it subscribes to, no more."""

from __future__ import annotations

from importlib import import_module

import pytest

from contracts.topics import TOPICS, topics_of
from eventkit.consumer import Subscription
from eventkit.envelope import Message
from eventkit.kafka_sink import KafkaSink
from eventkit.kafka_source import KafkaSource
from servicekit.migrate import create_topics
from tests.integration.own_broker.broker import PRINCIPALS, SERVICES, Broker
from tests.support.polling import eventually


@pytest.fixture(scope="session")
async def topics(guarded: Broker) -> Broker:
    """Each service has made its topics, with its own rights; `migrate` can be run again."""
    for service in (*SERVICES, *SERVICES):
        await create_topics(guarded.as_service(service), topics_of(service))
    return guarded


async def write(broker: Broker, principal: str, topic: str) -> None:
    sink = KafkaSink(broker.as_service(principal), principal)
    await sink.start()
    try:
        await sink.send([Message(topic, b"key", b"{}", [])])
    finally:
        await sink.stop()


@pytest.mark.parametrize("topic", sorted(TOPICS))
async def test_a_topic_is_written_by_its_owner_alone(topics: Broker, topic: str) -> None:
    owner = TOPICS[topic].owner
    await write(topics, owner, topic)
    for other in sorted({*PRINCIPALS} - {owner}):
        with pytest.raises(ConnectionError, match="AuthorizationFailed"):
            await write(topics, other, topic)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_all_that_it_subscribes_to(topics: Broker, service: str) -> None:
    """As a member of its own group, with the topics of its subscriptions and its own compacted ones."""
    source = KafkaSource(topics.as_service(service), service, read_by(service))

    async def polled() -> int:
        await source.poll(100, 0.1)
        return len({p.topic for p in source.reassigned() or ()})

    await source.start()
    try:
        await eventually(polled, lambda n: n == len(read_by(service)), 30)
        beginnings = await source.beginning_offsets(source.reassigned() or ())
        await source.seek(beginnings)
        for topic in read_by(service):
            await write(topics, TOPICS[topic].owner, topic)
        seen: set[str] = set()

        async def read() -> set[str]:
            seen.update(record.topic for record in await source.poll(100, 0.2))
            return seen

        await eventually(read, lambda all_seen: all_seen == read_by(service), 30)
        await source.commit(beginnings)
    finally:
        await source.stop()


def read_by(service: str) -> set[str]:
    subscriptions: tuple[Subscription[object], ...] = import_module(
        f"{service.replace('-', '_')}.messages.subscriptions"
    ).SUBSCRIPTIONS
    own = {topic.name for topic in topics_of(service) if topic.compacted}
    return {subscription.kind.topic for subscription in subscriptions} | own


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_no_topic_that_is_not_for_it(topics: Broker, service: str) -> None:
    strange = [t.name for t in TOPICS.values() if service not in {t.owner, *t.consumers}]
    assert strange
    for topic in strange:
        source = KafkaSource(topics.as_service(service), service, [topic])
        with pytest.raises(ConnectionError, match="TopicAuthorizationFailed"):
            await source.start()


async def test_a_service_cannot_join_the_group_of_another(topics: Broker) -> None:
    source = KafkaSource(topics.as_service("planning"), "sales", ["sales.order.v1"])
    with pytest.raises(ConnectionError, match="GroupAuthorizationFailed"):
        await source.start()
