from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from deploy.local import LocalStack
from eventkit.kafka import cluster_id
from eventkit.settings import EventSettings
from servicekit.settings import ServiceSettings
from tests.integration.eventkit.rig import QUICK, Rig, prepared


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
    settings = ServiceSettings(
        database_url=url, kafka_bootstrap=infrastructure.kafka_bootstrap, topic_prefix=topic_prefix, **QUICK
    )
    async with prepared(settings, kafka_cluster) as made:
        yield made
