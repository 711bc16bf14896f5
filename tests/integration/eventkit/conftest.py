from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from deploy.local import LocalStack
from eventkit.kafka import cluster_id
from eventkit.kafka_sink import KafkaSink
from eventkit.settings import EventSettings
from eventkit.transaction import Database
from servicekit.migrate import create_topics
from servicekit.settings import ServiceSettings
from tests.integration.eventkit.rig import TOPICS, Rig, prepare


@pytest.fixture(scope="session")
async def kafka_cluster(infrastructure: LocalStack) -> str:
    """The id of the broker's cluster."""
    return await cluster_id(EventSettings(database_url="", kafka_bootstrap=infrastructure.kafka_bootstrap))


@pytest.fixture
async def rig(
    infrastructure: LocalStack,
    kafka_cluster: str,
    fresh_database: Callable[..., Awaitable[str]],
    topic_prefix: str,
) -> AsyncIterator[Rig]:
    """The kit's little service on a database and topics of its own."""
    url = await fresh_database("sales", migrated=False)
    await prepare(url)
    settings = ServiceSettings(
        database_url=url,
        kafka_bootstrap=infrastructure.kafka_bootstrap,
        topic_prefix=topic_prefix,
        partitions=2,
        poll_timeout_s=0.2,
        session_timeout_ms=6000,
        work_http_port=0,
    )
    await create_topics(settings, TOPICS)
    sink = KafkaSink(settings, "kit")
    await sink.start()
    db = Database(url, pool_size=10)
    yield Rig(settings, db, sink, kafka_cluster)
    await sink.stop()
    await db.close()
