"""Migrates a service's database and creates its topics. Can be run again, and by two processes at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from eventkit.errors import ConfigurationError
from eventkit.kafka import connection, require_partitions
from eventkit.kinds import Topic
from eventkit.transaction import plain_url
from servicekit.service import Service
from servicekit.settings import ServiceSettings

LOCK = text("SELECT pg_advisory_lock(hashtextextended('koppel migrate', 0))")
UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('koppel migrate', 0))")
_TOPIC_EXISTS = 36
_OWN_SETTING = 1
"""The source of a setting that was made for the topic itself."""
_MESSAGE_BYTES = "max.message.bytes"
_VISIBLE_DEADLINE_S = 30.0
_DAY_MS = 24 * 60 * 60 * 1000
_log = structlog.get_logger(__name__)


async def migrate(service: Service) -> None:
    """Database first, then topics."""
    await upgrade_database(service)
    await create_topics(service.settings, service.owned_topics)


async def upgrade_database(service: Service, revision: str = "head") -> None:
    """Run the service's alembic revisions; a second process waits for the first and has nothing to do."""
    url = plain_url(service.settings.database_url).replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, poolclass=NullPool)
    for hook in ("do_execute", "do_execute_no_params"):
        event.listen(engine.sync_engine, hook, _execute_script)
    try:
        async with engine.connect() as conn:
            await conn.execute(LOCK)
            await conn.commit()
            await conn.run_sync(_upgrade, str(service.migrations), revision)
            await conn.commit()
            await conn.execute(UNLOCK)
    finally:
        await engine.dispose()
    _log.info("database migrated", revision=revision)


def _execute_script(cursor: Any, statement: str, *arguments: Any) -> bool | None:
    """Execute a script of several statements by the driver itself, in the same transaction.

    asyncpg prepares what SQLAlchemy gives it, and PostgreSQL can only prepare single statements.
    """
    parameters, context = (None, *arguments) if len(arguments) == 1 else arguments
    if parameters or ";" not in statement.strip().rstrip(";"):
        return None
    cursor.execute("SELECT 1", ())  # SQLAlchemy begins the transaction with its first statement
    await_only(context.root_connection.connection.driver_connection.execute(statement))
    return True


def _upgrade(connection: Connection, migrations: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def run_in_env(context: Any) -> None:
    """To be called by a service's `migrations/env.py`: `run_in_env(alembic.context)`."""
    context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def create_topics(settings: ServiceSettings, topics: Sequence[Topic]) -> None:
    """Create the topics that do not exist, wait until all are visible, check their partitions."""
    if not topics:
        return
    admin = AIOKafkaAdminClient(**connection(settings))
    try:
        async with asyncio.timeout(settings.kafka_deadline_s):
            await admin.start()
        async with asyncio.timeout(_VISIBLE_DEADLINE_S * 2):
            existing = await _create(admin, settings, topics)
            await _wait_until_visible(admin, settings, topics)
            await _enlarge_messages(admin, settings, existing)
    except KafkaError as e:
        raise ConnectionError(f"topics not created: {e!r}") from e
    finally:
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(settings.kafka_deadline_s):
                await admin.close()


async def _create(
    admin: AIOKafkaAdminClient, settings: ServiceSettings, topics: Sequence[Topic]
) -> Sequence[str]:
    """The names of those that exist already."""
    new = [
        NewTopic(
            settings.topic_prefix + topic.name,
            num_partitions=topic.partitions or settings.partitions,
            replication_factor=settings.replication_factor,
            topic_configs=_configuration(settings, topic),
        )
        for topic in topics
    ]
    response = await admin.create_topics(new)
    existing = []
    for name, code, *_ in response.topic_errors:
        if code == _TOPIC_EXISTS:
            existing.append(name)
        elif code:
            raise ConfigurationError(f"topic {name} cannot be created: {for_code(code).__name__}")
    return existing


async def _enlarge_messages(
    admin: AIOKafkaAdminClient, settings: ServiceSettings, names: Sequence[str]
) -> None:
    """Topics of an older installation take as large messages as new ones do; their other settings stay."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    described = await admin.describe_configs(resources) if resources else []
    too_small = []
    for code, _, _, name, entries in (resource for answer in described for resource in answer.resources):
        if code:  # else a topic that another process has just made would lose all its settings
            raise ConnectionError(f"settings of topic {name} not read: {for_code(code).__name__}")
        own = {entry[0]: entry[1] for entry in entries if entry[3] == _OWN_SETTING}
        if int(own.get(_MESSAGE_BYTES, 0)) < settings.max_message_bytes:
            # All of a topic's own settings are sent: those that are left out would fall back to the broker's.
            own |= {_MESSAGE_BYTES: str(settings.max_message_bytes)}
            too_small.append(ConfigResource(ConfigResourceType.TOPIC, name, own))
    changed = await admin.alter_configs(too_small) if too_small else []
    for code, message, _, name in (resource for answer in changed for resource in answer.resources):
        if code:
            raise ConfigurationError(f"topic {name} does not take larger messages: {message}")


def _configuration(settings: ServiceSettings, topic: Topic) -> dict[str, str]:
    kept = (
        {"cleanup.policy": "compact"}
        if topic.compacted
        else {"cleanup.policy": "delete", "retention.ms": str(settings.document_retention_days * _DAY_MS)}
    )
    return {
        **kept,
        _MESSAGE_BYTES: str(settings.max_message_bytes),
        "message.timestamp.type": "LogAppendTime",
    }


async def _wait_until_visible(
    admin: AIOKafkaAdminClient, settings: ServiceSettings, topics: Sequence[Topic]
) -> None:
    """Wait until each partition has a leader. Raises ConfigurationError for an unexpected number of partitions."""
    expected = {settings.topic_prefix + t.name: t for t in topics}
    deadline = time.monotonic() + _VISIBLE_DEADLINE_S
    while True:
        described = await admin.describe_topics([*expected])
        ready = {t["topic"]: t["partitions"] for t in described if _has_leaders(t)}
        if len(ready) == len(expected):
            break
        if time.monotonic() > deadline:
            raise ConfigurationError(f"topics not visible in time: {sorted(expected.keys() - ready)}")
        await asyncio.sleep(0.1)
    for name, partitions in ready.items():
        require_partitions(name, len(partitions), settings, own=expected[name].partitions)


def _has_leaders(topic: dict[str, Any]) -> bool:
    return (
        topic["error_code"] == 0
        and all(p["leader"] >= 0 for p in topic["partitions"])
        and bool(topic["partitions"])
    )
