"""Where the tests get a real PostgreSQL and a real Kafka from: containers, the local stack, or one that runs.

`KOPPEL_TEST_SERVERS` forces a choice (`docker`, `local`); `KOPPEL_TEST_STACK` names the data directory of a
running `python -m deploy.local infrastructure`, which saves the start while one works on a test.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docker import DockerClient
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.container import DockerContainer, Reaper

from deploy.local import LocalStack, StackSettings, postgres, settings_on_free_ports
from deploy.local.data_directory import settings_of_running_stack
from deploy.local.settings import free_ports

POSTGRES_IMAGE: Final = "postgres:15-alpine"
KAFKA_IMAGE: Final = "apache/kafka:4.3.1"
DOCKER_SOCKET: Final = Path("/var/run/docker.sock")
KAFKA_HOST_PORT: Final = 19092
POSTGRES_PASSWORD: Final = "tests-only"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which servers the tests use, and why."""

    kind: str
    reason: str

    def __str__(self) -> str:
        return f"PostgreSQL and Kafka: {self.kind} ({self.reason})"


def choose() -> Choice:
    """Containers where an engine answers and has or gets the images, else the local stack."""
    if running := os.environ.get("KOPPEL_TEST_STACK"):
        return Choice("running", f"KOPPEL_TEST_STACK={running}")
    if forced := os.environ.get("KOPPEL_TEST_SERVERS"):
        return Choice(forced, "KOPPEL_TEST_SERVERS")
    if missing := why_no_containers():
        return Choice("local", missing)
    return Choice("docker", "the engine answers and has the images")


def why_no_containers() -> str:
    """Empty when containers can be used; else what stands against it."""
    if "DOCKER_HOST" not in os.environ and not DOCKER_SOCKET.exists():
        return "no Docker engine answers"
    try:
        client = DockerClient.from_env(timeout=5)
    except DockerException:
        return "no Docker engine answers"
    try:
        client.ping()
        for image in (POSTGRES_IMAGE, KAFKA_IMAGE):
            fetch_image(client, image)
    except DockerException as error:
        return f"Docker: {type(error).__name__}"
    finally:
        client.close()
    return ""


def fetch_image(client: DockerClient, image: str) -> None:
    try:
        client.images.get(image)
    except ImageNotFound:
        client.images.pull(image)


@asynccontextmanager
async def servers(choice: Choice) -> AsyncIterator[LocalStack]:
    """A stack whose PostgreSQL and Kafka run; its services are started by whoever needs them."""
    directory = Path(tempfile.mkdtemp(prefix="koppel-tests-"))
    try:
        with settings_for(choice, directory) as settings:
            async with LocalStack(settings, services=()) as stack:
                yield stack
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def settings_for(choice: Choice, directory: Path) -> Iterator[StackSettings]:
    if choice.kind == "docker":
        with containers() as (postgres_url, bootstrap):
            yield settings_on_free_ports(
                directory, postgres_url_external=postgres_url, kafka_bootstrap_external=bootstrap
            )
    elif choice.kind == "running":
        yield settings_beside(Path(os.environ["KOPPEL_TEST_STACK"]), directory)
    else:
        yield settings_on_free_ports(directory, postgres_durable=False)


def settings_beside(running: Path, directory: Path) -> StackSettings:
    """A second stack on the servers of a running one, with the passwords that its roles have."""
    shutil.copytree(running / "secrets", directory / "secrets")
    theirs = settings_of_running_stack(StackSettings(data_dir=running))
    return settings_on_free_ports(
        directory,
        postgres_url_external=postgres.admin_url(theirs),
        kafka_bootstrap_external=theirs.kafka_bootstrap,
    )


@contextmanager
def containers() -> Iterator[tuple[str, str]]:
    """PostgreSQL and Kafka in containers: the administrator's URL and the bootstrap address."""
    try:
        with postgres_container() as database, kafka_container(free_ports(1)[0]) as broker:
            host = database.get_container_host_ip()
            address = f"{host}:{database.get_exposed_port(5432)}"
            bootstrap = f"{broker.get_container_host_ip()}:{broker.get_exposed_port(KAFKA_HOST_PORT)}"
            yield f"postgresql://postgres:{POSTGRES_PASSWORD}@{address}/postgres", bootstrap
    finally:
        Reaper.delete_instance()  # its socket stays open until the process ends


def postgres_container() -> DockerContainer:
    container = DockerContainer(POSTGRES_IMAGE).with_exposed_ports(5432)
    # The data goes with the container.
    options = "-c max_connections=300 -c fsync=off -c full_page_writes=off"
    return container.with_env("POSTGRES_PASSWORD", POSTGRES_PASSWORD).with_command(options)


def kafka_container(port: int) -> DockerContainer:
    """The broker tells its clients the port of the host, which therefore is chosen beforehand."""
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(KAFKA_HOST_PORT, port)
    host = container.get_docker_client().host()
    environment = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": f"HOST://:{KAFKA_HOST_PORT},INTERNAL://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"HOST://{host}:{port},INTERNAL://localhost:9092",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "HOST:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_MESSAGE_MAX_BYTES": "16777216",
    }
    for name, value in environment.items():
        container = container.with_env(name, value)
    return container
