"""Every client signs on at a broker that demands it, encrypted or not, and trusts the right broker only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from deploy.local import StackSettings, kafka, kafka_tools
from eventkit.errors import ConfigurationError
from eventkit.kafka import cluster_id
from eventkit.settings import EventSettings
from servicekit.health import kafka_answers
from servicekit.settings import ServiceSettings
from tests.integration.eventkit.processes import output
from tests.integration.eventkit.rig import QUICK, THING, prepared, running
from tests.integration.own_broker.broker import (
    CLIENTS,
    ENCRYPTED,
    MUTUAL,
    OPERATOR,
    OPERATOR_PASSWORD,
    Broker,
    run,
)

SIGN_ON = {"kafka_username": OPERATOR, "kafka_password": OPERATOR_PASSWORD}


def ways(broker: Broker) -> dict[str, tuple[str, dict[str, Any]]]:
    """Listener and settings of each way to sign on."""
    files = broker.certificates
    trusting = {"kafka_ca_file": files.authority}
    certified = {"kafka_certificate_file": files.client, "kafka_key_file": files.client_key}
    encrypted = {"kafka_security_protocol": "SASL_SSL", **SIGN_ON, **trusting}
    return {
        "SCRAM": (CLIENTS, {"kafka_security_protocol": "SASL_PLAINTEXT", **SIGN_ON}),
        "SCRAM, encrypted": (ENCRYPTED, encrypted),
        "PLAIN, encrypted": (ENCRYPTED, encrypted | {"kafka_sasl_mechanism": "PLAIN"}),
        "certificate": (MUTUAL, {"kafka_security_protocol": "SSL", **trusting, **certified}),
    }


@pytest.mark.parametrize("way", ["SCRAM", "SCRAM, encrypted", "PLAIN, encrypted", "certificate"])
async def test_every_client_signs_on(
    broker: Broker, way: str, topic_prefix: str, fresh_database: Callable[..., Awaitable[str]]
) -> None:
    """`migrate` makes topics, the relay writes, the consumer reads, operators step over, probes ask."""
    listener, given = ways(broker)[way]
    settings = ServiceSettings(
        database_url=await fresh_database("sales", migrated=False),
        kafka_bootstrap=broker.address(listener),
        topic_prefix=topic_prefix,
        **given,
        **QUICK,
    )
    async with prepared(settings, await cluster_id(settings)) as rig:
        async with running(rig.relay().run, rig.reader().run):
            await rig.publish(THING, "A", 1, "fine")
            await rig.until_effects({"A": [(1, "fine")]})
        await rig.send((THING, "A", 2, "unwanted"))
        ((partition,),) = await rig.rows("SELECT partition FROM consumer_offset WHERE next > 0")
        status, printed = await output(rig, "offsets", "skip", THING.topic, str(partition))
        assert (status, "skipped" in printed) == (0, True), printed
    assert await kafka_answers(settings)


@pytest.mark.parametrize("way", ["SCRAM", "SCRAM, encrypted", "PLAIN, encrypted", "certificate"])
async def test_kafkas_own_tools_sign_on_too(broker: Broker, way: str, tmp_path: Path) -> None:
    listener, given = ways(broker)[way]
    settings = StackSettings(data_dir=tmp_path, kafka_bootstrap_external=broker.address(listener), **given)
    command = kafka_tools.tool_command(settings, "kafka-topics", ["--list"])
    await asyncio.to_thread(run, command)
    assert await kafka.broker_answers(settings)
    assert (tmp_path / "kafka-client.properties").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"kafka_password": "wrong"},
        {"kafka_username": "nobody"},
        {"kafka_ca_file": "stranger"},
        {"kafka_ca_file": None},
    ],
)
async def test_a_client_that_cannot_prove_itself_or_trust_the_broker_is_refused(
    broker: Broker, wrong: dict[str, Any]
) -> None:
    listener, given = ways(broker)["SCRAM, encrypted"]
    if wrong.get("kafka_ca_file") == "stranger":
        wrong = {"kafka_ca_file": broker.certificates.stranger}
    settings = broker.connecting(listener, **given | wrong)
    with pytest.raises(ConnectionError):
        await cluster_id(settings)


async def test_a_client_without_a_certificate_is_refused_where_one_is_demanded(broker: Broker) -> None:
    ca_file = broker.certificates.authority
    settings = broker.connecting(MUTUAL, kafka_security_protocol="SSL", kafka_ca_file=ca_file)
    with pytest.raises(ConnectionError):
        await cluster_id(settings)


async def test_a_broker_under_another_name_than_its_certificates_is_refused(broker: Broker) -> None:
    listener, given = ways(broker)["SCRAM, encrypted"]
    address = broker.address(listener).replace("127.0.0.1", "localhost")
    settings = broker.connecting(listener, **given).model_copy(update={"kafka_bootstrap": address})
    with pytest.raises(ConnectionError):
        await cluster_id(settings)
    assert not await kafka_answers(settings)


async def test_certificates_that_cannot_be_read_are_named(broker: Broker, tmp_path: Path) -> None:
    settings = broker.connecting(
        ENCRYPTED, kafka_security_protocol="SSL", kafka_ca_file=tmp_path / "missing.pem"
    )
    with pytest.raises(ConfigurationError, match="certificates for Kafka"):
        await cluster_id(settings)


@pytest.mark.parametrize(
    "given",
    [
        {"kafka_security_protocol": "SASL_SSL"},
        {"kafka_security_protocol": "SASL_SSL", "kafka_username": "sales"},
        {"kafka_username": "sales", "kafka_password": "secret"},
        {"kafka_ca_file": Path("authority.pem")},
        {
            "kafka_security_protocol": "SASL_PLAINTEXT",
            "kafka_sasl_mechanism": "PLAIN",
            "kafka_username": "sales",
            "kafka_password": "secret",
        },
    ],
)
def test_settings_that_protect_nothing_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EventSettings(database_url="", kafka_bootstrap="h:1", **given)


def test_the_password_is_not_shown(broker: Broker) -> None:
    listener, given = ways(broker)["SCRAM"]
    assert OPERATOR_PASSWORD not in repr(broker.connecting(listener, **given))
