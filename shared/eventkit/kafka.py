"""What all Kafka clients share: connecting and stopping within deadlines, and the check of partitions."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from eventkit.errors import ConfigurationError
from eventkit.settings import BrokerSettings, EventSettings

Client: TypeAlias = AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient
RETRY_BACKOFF_MS = 250
OWN_PARTITIONS = 1
"""Of topics with a number of their own; the owner's `migrate` checks which ones may have it."""
_STOP_DEADLINE_S = 3.0
_log = structlog.get_logger(__name__)


def require_partitions(topic: str, found: int, settings: EventSettings, *, own: int | None) -> None:
    """Raise ConfigurationError unless a topic has its `own` number of partitions or as many as the setting says.

    In older installations topics with a number of their own have the setting's.
    """
    if found not in {own, settings.partitions}:
        raise ConfigurationError(
            f"topic {topic} has {found} partitions, the setting says {settings.partitions}: "
            "never changed under data, correct the setting"
        )


def connection(settings: EventSettings) -> dict[str, Any]:
    """The parameters that every client has in common: where the broker is, and how to sign on there."""
    return {"bootstrap_servers": settings.kafka_bootstrap, **security(settings)}


def security(settings: BrokerSettings) -> dict[str, Any]:
    """The parameters of a client for encryption and authentication. Raises ConfigurationError for unusable files."""
    options: dict[str, Any] = {
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": tls_context(settings),
    }
    if settings.kafka_uses_sasl:
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return options


def tls_context(settings: BrokerSettings) -> ssl.SSLContext | None:
    """How the broker's certificate and its name are checked; None without encryption."""
    if not settings.kafka_uses_tls:
        return None
    return _read_context(settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file)


@lru_cache
def _read_context(authorities: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authorities)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except OSError as e:
        raise ConfigurationError(f"the certificates for Kafka cannot be read: {e}") from e
    return context


async def cluster_id(settings: EventSettings) -> str:
    """The id of the broker's cluster."""
    admin = AIOKafkaAdminClient(**connection(settings))
    await start_client(admin, settings.kafka_deadline_s)
    try:
        async with asyncio.timeout(settings.kafka_deadline_s):
            return str((await admin.describe_cluster())["cluster_id"])
    except KafkaError as e:
        raise ConnectionError(f"the broker does not give its cluster id: {e!r}") from e
    finally:
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_STOP_DEADLINE_S):
                await admin.close()


async def start_client(client: Client, deadline_s: float) -> None:
    """Connect; raises ConnectionError or TimeoutError, and leaves nothing of the client behind."""
    try:
        async with asyncio.timeout(deadline_s):
            await client.start()
    except KafkaError as e:
        await stop_client(client)
        raise ConnectionError(f"no connection to the broker: {e!r}") from e
    except BaseException:
        await stop_client(client)
        raise


async def stop_client(client: Client) -> None:
    """Close; a client that does not manage it in time is dropped."""
    close = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    try:
        async with asyncio.timeout(_STOP_DEADLINE_S):
            await close()
    except (TimeoutError, KafkaError, OSError) as e:
        _log.warning("a Kafka client did not stop, dropped", error=repr(e))
