"""The floor's processes beside a local stack: on its PostgreSQL and Kafka, with databases and topics of their own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from deploy.local import ports
from deploy.local.children import Child, Program
from deploy.local.settings import ROOT, free_ports
from deploy.local.stack import LocalStack
from tests.performance import floor, floor_sales
from tests.performance.floor_work import Settings
from tests.performance.harness import drop_databases

READY_TIMEOUT_S: Final = 30.0
SCHEMA: Final = Path(__file__).with_name("floor_schema.sql")
LINKED: Final = "SELECT count(*) / 2 FROM line WHERE mark > '2'"
"""In the floor's sales database: orders with a purchase order's number on both of their lines."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Which program it is, and its processes; the first one takes the requests and counts what is finished."""

    module: str
    roles: Mapping[str, type[floor.Role]]


TILLS: Final = Kind("tests.performance.floor", floor.ROLES)
INGEST: Final = Kind("tests.performance.floor", floor.INGEST)
SELLING: Final = Kind("tests.performance.floor_sales", floor_sales.SELLING)
POSTING: Final = Kind("tests.performance.floor_sales", floor_sales.POSTING)


@dataclass(frozen=True, slots=True)
class RunningFloor:
    """The floor's processes, ready."""

    children: dict[str, Child]
    address: tuple[str, int]
    database: str

    def hop_seconds(self) -> list[float]:
        """What sales has measured so far."""
        lines = self.children["floor sales"].program.log.read_text().splitlines()
        return [float(line) for line in lines]


@asynccontextmanager
async def running_floor(
    stack: LocalStack, run: str, kind: Kind = TILLS, *, hops: int = 0
) -> AsyncIterator[RunningFloor]:
    """The processes on new databases; `run` (a few letters) keeps the runs on one stack apart.

    With `hops`, sales measures so many orders of its own on the idle system and takes none from the gateway.
    """
    roles = kind.roles
    ends = await _topic_ends(stack, roles)
    host = stack.settings.host
    own_ports = free_ports(len(roles))
    first = next(iter(roles))
    children: dict[str, Child] = {}
    try:
        for role, port in zip(roles, own_ports, strict=True):
            settings = Settings(
                role=role,
                database=await _database(stack, _name(run, role), roles[role].topics, ends),
                bootstrap=stack.kafka_bootstrap,
                port=port,
                partitions=stack.settings.partitions,
                hops=hops if role == "sales" else 0,
            )
            children[f"floor {role}"] = Child(_program(stack, run, kind.module, settings))
        await asyncio.gather(*(child.started(READY_TIMEOUT_S) for child in children.values()))
        sales = _name(run, "sales" if "sales" in roles else first)
        yield RunningFloor(children, (host, own_ports[0]), stack.admin_url(sales))
    finally:
        for child in children.values():
            await child.kill()
        await drop_databases(stack, (_name(run, role) for role in roles))


def _name(run: str, role: str) -> str:
    return f"floor_{run}_{role}"


def _program(stack: LocalStack, run: str, module: str, settings: Settings) -> Program:
    async def ready() -> bool:
        return await ports.http_status("127.0.0.1", settings.port, "/openapi.json") == 200

    return Program(
        name=f"floor {settings.role}",
        command=(sys.executable, "-m", module, msgspec.json.encode(settings).decode()),
        environment={"PYTHONUNBUFFERED": "1"},
        log=stack.settings.logs / f"floor-{run}-{settings.role}.log",
        ready=ready,
        directory=ROOT,
    )


async def _topic_ends(stack: LocalStack, roles: Mapping[str, type[floor.Role]]) -> dict[TopicPartition, int]:
    """The topics of these roles, made once per stack, and where they end."""
    names = sorted({topic for role in roles.values() for topic in role.topics})
    count = stack.settings.partitions
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    await admin.start()
    with suppress(TopicAlreadyExistsError):
        await admin.create_topics([NewTopic(name, count, 1) for name in names])
    await admin.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap)
    await consumer.start()
    ends: dict[TopicPartition, int] = await consumer.end_offsets(
        [TopicPartition(name, partition) for name in names for partition in range(count)]
    )
    await consumer.stop()
    return ends


async def _database(
    stack: LocalStack, name: str, topics: tuple[str, ...], ends: dict[TopicPartition, int]
) -> str:
    """A new database with the floor's tables, and the offsets to go on from."""
    admin = await asyncpg.connect(stack.admin_url())
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    connection = await asyncpg.connect(stack.admin_url(name))
    await connection.execute(SCHEMA.read_text())
    offsets = [(*partition, end) for partition, end in ends.items() if partition.topic in topics]
    await connection.copy_records_to_table("consumer_offset", records=offsets)
    await connection.close()
    return stack.admin_url(name)
