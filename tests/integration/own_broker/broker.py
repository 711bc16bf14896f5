"""The broker of docker-compose.yml as a child process, with its own configuration and two encrypted listeners more."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from contracts.topics import TOPICS
from deploy.local import StackSettings, kafka, kafka_tools
from deploy.local.children import Child
from deploy.local.settings import ROOT, free_ports
from servicekit.settings import ServiceSettings
from tests.integration.own_broker.certificates import Certificates, make_certificates

OPERATOR: Final = "operator"
OPERATOR_PASSWORD: Final = 'with "quotes" and \\'
SCRIPT: Final = ROOT / "deploy" / "docker" / "kafka-access.sh"
SERVICES: Final = sorted({topic.owner for topic in TOPICS.values()})
PRINCIPALS: Final = (*SERVICES, "kafka-ui")
ADMIN, CLIENTS, ENCRYPTED, MUTUAL = "INTERNAL", "CLIENTS", "ENCRYPTED", "MUTUAL"


@dataclass(frozen=True)
class Broker:
    """A running broker: `ports` by the names of its listeners."""

    settings: StackSettings
    ports: dict[str, int]
    certificates: Certificates

    def address(self, listener: str) -> str:
        return f"127.0.0.1:{self.ports[listener]}"

    def connecting(self, listener: str, **more: Any) -> ServiceSettings:
        """Settings of a client at this listener."""
        return ServiceSettings(database_url="", kafka_bootstrap=self.address(listener), **more)

    def as_service(self, name: str) -> ServiceSettings:
        """Settings of a service in compose."""
        return self.connecting(
            CLIENTS,
            kafka_security_protocol="SASL_PLAINTEXT",
            kafka_username=name,
            kafka_password=password_of(name),
            partitions=2,
        )

    @property
    def data(self) -> Path:
        """Where its log files are."""
        return self.settings.data_dir / "kafka" / "data"


def password_of(name: str) -> str:
    return f"{name}-secret"


@asynccontextmanager
async def running_broker(directory: Path) -> AsyncIterator[Broker]:
    names = (CLIENTS, ADMIN, "CONTROLLER", ENCRYPTED, MUTUAL)
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    settings = StackSettings(data_dir=directory, kafka_bootstrap_external=f"127.0.0.1:{ports[ADMIN]}")
    certificates = make_certificates(directory, OPERATOR)
    child = Child(kafka.broker(settings, configure(directory / "kafka", ports, certificates)))
    await child.started(90)
    try:
        broker = Broker(settings, ports, certificates)
        _make_operator(broker)
        yield broker
    finally:
        await child.stop()


def configure(home: Path, ports: dict[str, int], certificates: Certificates) -> Path:
    """Make configuration and storage as the image does: by Kafka's own program, from the environment."""
    home.mkdir(parents=True)
    directories = [f"--{which}-configs-dir={home}" for which in ("default", "mounted", "final")]
    wrapper = ["kafka.docker.KafkaDockerWrapper", "setup", *directories]
    log4j = f"-Dlog4j2.configurationFile={kafka.HERE / 'tools-log4j2.yaml'}"
    command = [kafka.java(), "-Xmx256m", log4j, "-cp", f"{kafka.libraries()}/*", *wrapper]
    (home / "server.properties").write_text(kafka.as_properties(_more(certificates)))
    environment = _composed() | _listening(ports) | {"KAFKA_LOG_DIRS": str(home / "data")}
    path = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command, env=path | environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "server.properties"


def _composed() -> dict[str, str]:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["kafka"]["environment"]
    return {name: str(value) for name, value in composed.items()} | {"CLUSTER_ID": "own-broker-of-the-tests"}


def _listening(ports: dict[str, int]) -> dict[str, str]:
    """The listeners of compose at free ports, and two more."""
    composed = _composed()
    protocols = composed["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
    named = [each.partition(":")[0] for each in composed["KAFKA_LISTENERS"].split(",")]
    assert set(named) == {CLIENTS, ADMIN, "CONTROLLER"}
    listeners = [f"{name}://127.0.0.1:{port}" for name, port in ports.items()]
    return {
        "KAFKA_LISTENERS": ",".join(listeners),
        "KAFKA_ADVERTISED_LISTENERS": ",".join(each for each in listeners if "CONTROLLER" not in each),
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@127.0.0.1:{ports['CONTROLLER']}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": f"{protocols},{ENCRYPTED}:SASL_SSL,{MUTUAL}:SSL",
        "KAFKA_SUPER_USERS": f"{composed['KAFKA_SUPER_USERS']};User:{OPERATOR};User:CN={OPERATOR}",
    }


def _more(certificates: Certificates) -> dict[str, str]:
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    user = f"user_{OPERATOR}={kafka_tools.quoted(OPERATOR_PASSWORD)}"
    encrypted = f"listener.name.{ENCRYPTED.lower()}"
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": certificates.broker.read_text(),
        "ssl.keystore.key": certificates.broker_key.read_text(),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": certificates.authority.read_text(),
        f"listener.name.{MUTUAL.lower()}.ssl.client.auth": "required",
        f"{encrypted}.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        f"{encrypted}.scram-sha-512.sasl.jaas.config": scram,
        f"{encrypted}.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule required {user};"
        ),
    }


def _make_operator(broker: Broker) -> None:
    password = f"SCRAM-SHA-512=[password={OPERATOR_PASSWORD}]"
    arguments = ["--alter", "--entity-type", "users", "--entity-name", OPERATOR, "--add-config", password]
    run(kafka_tools.tool_command(broker.settings, "kafka-configs", arguments))


def grant_access(broker: Broker) -> None:
    """Run the script of compose, with Kafka's tools from the jars of the local stack."""
    tools = broker.settings.data_dir / "tools"
    tools.mkdir(exist_ok=True)
    for name in ("kafka-configs", "kafka-acls"):
        tool = tools / f"{name}.sh"
        tool.write_text(f'#!/bin/sh\nexec {shlex.join(kafka_tools.tool_program(name))} "$@"\n')
        tool.chmod(0o755)
    passwords = {
        f"{name.upper().replace('-', '_')}_KAFKA_PASSWORD": password_of(name) for name in SERVICES
    } | {"KAFKA_UI_PASSWORD": password_of("kafka-ui")}
    where = {"KAFKA_TOOLS": str(tools), "KAFKA_ADMIN_BOOTSTRAP": broker.address(ADMIN)}
    run(["bash", str(SCRIPT)], **passwords, **where)


def run(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
