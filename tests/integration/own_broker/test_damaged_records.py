"""What a damaged disk of the broker does to a consumer: it goes on, and operators see what was lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from eventkit import offsets
from eventkit.envelope import Record
from eventkit.kafka import cluster_id
from eventkit.kafka_source import KafkaSource
from eventkit.ports import Partition
from servicekit.settings import ServiceSettings
from tests.integration.eventkit.processes import output
from tests.integration.eventkit.rig import QUICK, THING, Rig, prepared, running
from tests.integration.eventkit.test_reader import SAME_PARTITION
from tests.integration.own_broker.broker import ADMIN, Broker
from tests.support.polling import eventually

BEFORE, *LOST, AFTER = SAME_PARTITION[:5]
BESIDE = [f"O{i}" for i in range(20)]
PARKED = 'SELECT "offset", reason FROM parked ORDER BY "offset"'
LENGTH_AT = 8
RECORDS_AT = 61
"""Where a batch has its length, and its first record behind the header."""


@pytest.fixture
async def rig(
    broker: Broker, topic_prefix: str, fresh_database: Callable[..., Awaitable[str]]
) -> AsyncIterator[Rig]:
    url = await fresh_database("sales", migrated=False)
    address = broker.address(ADMIN)
    settings = ServiceSettings(database_url=url, kafka_bootstrap=address, topic_prefix=topic_prefix, **QUICK)
    async with prepared(settings, await cluster_id(settings)) as made:
        yield made


async def fill(rig: Rig) -> None:
    """Three batches in one partition, the second of three events; and some beside."""
    await rig.send((THING, BEFORE, 1, "fine"))
    await rig.send(*((THING, no, 1, "fine") for no in LOST))
    await rig.send((THING, AFTER, 1, "fine"), *((THING, no, 1, "fine") for no in BESIDE))


def log_file(broker: Broker, rig: Rig) -> Path:
    return broker.data / f"{rig.settings.topic_prefix}{THING.topic}-0" / f"{0:020}.log"


def batches(content: bytes) -> Iterator[int]:
    """Where each batch begins."""
    at = 0
    while at < len(content):
        yield at
        at += 12 + int.from_bytes(content[at + LENGTH_AT : at + 12])


def damage(path: Path, batch: int, at: int) -> None:
    """Flip a bit of a batch, in the file that the broker sends as it is."""
    start = list(batches(path.read_bytes()))[batch]
    with path.open("r+b") as file:
        file.seek(start + at)
        byte = file.read(1)[0]
        file.seek(start + at)
        file.write(bytes([byte ^ 1]))


async def test_events_of_a_damaged_batch_are_parked_and_all_others_applied(broker: Broker, rig: Rig) -> None:
    await fill(rig)
    damage(log_file(broker, rig), 1, RECORDS_AT + 10)
    fine = {no: [(1, "fine")] for no in (BEFORE, AFTER, *BESIDE)}
    async with running(rig.reader().run):
        await rig.until_effects(fine, 30)
        assert await rig.rows(PARKED) == [(offset, "undecodable") for offset in (1, 2, 3)]
        assert all("Invalid CRC" in error for (error,) in await rig.rows("SELECT error FROM parked"))
        await rig.send(*((THING, no, 1, "again") for no in LOST))  # as `republish` does
        await rig.until_effects(fine | {no: [(1, "again")] for no in LOST})


async def test_a_damaged_batch_can_be_stepped_over(broker: Broker, rig: Rig) -> None:
    await fill(rig)
    damage(log_file(broker, rig), 1, RECORDS_AT + 10)
    await offsets.begin_at(rig.db, {Partition(THING.topic, 0): 1}, rig.cluster_id)
    for offset in (1, 2, 3):
        status, printed = await output(rig, "offsets", "skip", THING.topic, "0")
        assert (status, f"/0@{offset}  skipped" in printed) == (0, True), printed
    assert await rig.rows(PARKED) == [(offset, "skipped") for offset in (1, 2, 3)]
    async with running(rig.reader().run):
        await rig.until_effects({no: [(1, "fine")] for no in (AFTER, *BESIDE)}, 30)


async def test_damage_that_is_gone_at_the_next_fetch_costs_no_event(broker: Broker, rig: Rig) -> None:
    """Another replica of the broker may have the batch whole: it is fetched once more before it is given up."""
    await fill(rig)
    path = log_file(broker, rig)
    damage(path, 2, RECORDS_AT + 10)
    source = KafkaSource(rig.settings, "kit", [THING.topic])
    await source.start()
    try:
        assigned = await eventually(lambda: due(source), bool, 30)
        await source.seek(dict.fromkeys(assigned, 0))
        assert await eventually(lambda: polled_until_due(source), bool, 30) == assigned
        damage(path, 2, RECORDS_AT + 10)  # the same bit again
        await source.seek(dict.fromkeys(assigned, 0))
        seen: list[Record] = []

        async def all_seen() -> int:
            seen.extend(await source.poll(100, 0.2))
            return len(seen)

        await eventually(all_seen, lambda n: n == len([BEFORE, *LOST, AFTER, *BESIDE]), 30)
        assert not any(record.unreadable for record in seen)
    finally:
        await source.stop()


async def due(source: KafkaSource) -> frozenset[Partition]:
    return source.reassigned() or frozenset()


async def polled_until_due(source: KafkaSource) -> frozenset[Partition]:
    await source.poll(100, 0.2)
    return await due(source)
