from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from deploy.local import LocalStack
from eventkit.kafka import cluster_id
from eventkit.kafka_sink import KafkaSink
from eventkit.transaction import Database
from servicekit.migrate import create_topics
from servicekit.settings import ServiceSettings
from tests.integration.eventkit.rig import TOPICS, Rig, prepare


@pytest.fixture
async def rig(
    infrastructure: LocalStack, fresh_database: Callable[..., Awaitable[str]], topic_prefix: str
) -> AsyncIterator[Rig]:
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
    yield Rig(settings, db, sink, await cluster_id(settings))
    await sink.stop()
    await db.close()
