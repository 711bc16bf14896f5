"""No record can stop a consumer: whatever it holds it is parked, and the next good event is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy as DefaultRecordBatchBuilder
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eventkit import offsets, parking
from eventkit.decoding import MAX_VERSION
from eventkit.envelope import Record
from eventkit.offsets import Range
from eventkit.parking import Failed
from eventkit.ports import Partition
from eventkit.processing import Processor
from eventkit.reader import Reader
from eventkit.redrive import redrive
from eventkit.stepping import skip
from tests.integration.eventkit.processes import output
from tests.integration.eventkit.rig import SUBSCRIPTIONS, THING, Rig, Thing, running
from tests.integration.eventkit.test_reader import SAME_PARTITION, replace_message
from tests.support import events

PARKED = 'SELECT kind, no, version, reason FROM parked ORDER BY "offset"'


class Feed:
    """A source that holds the records itself: the broker's client cannot bring all that the property tries."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = list(records)
        self._assigned: frozenset[Partition] | None = frozenset({Partition(THING.topic, 0)})

    async def start(self) -> None:
        """Nothing to join."""

    def reassigned(self) -> frozenset[Partition] | None:
        return self._assigned

    async def seek(self, offsets: Mapping[Partition, int]) -> None:
        self._assigned = None
        self._records = [r for r in self._records if r.offset >= offsets[Partition(r.topic, r.partition)]]

    async def beginning_offsets(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def poll(self, max_records: int, timeout_s: float) -> list[Record]:
        taken, self._records = self._records[:max_records], self._records[max_records:]
        await asyncio.sleep(0 if taken else timeout_s)
        return taken

    async def keep_alive(self) -> None:
        """There is no group."""

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Nobody looks at the lag."""

    def end_offsets(self) -> dict[Partition, int]:
        return {}

    async def cluster_id(self) -> str:
        return "feed"

    async def stop(self) -> None:
        """Nothing to leave."""


def good(no: str, offset: int, value: str = "fine") -> Record:
    snapshot = Thing(version=1, value=value)
    return msgspec.structs.replace(events.record(THING, no, snapshot), offset=offset)


ANY_TEXT = st.text(st.characters(), max_size=30)
ANY_BYTES = st.binary(max_size=60) | ANY_TEXT.map(lambda t: t.encode(errors="surrogatepass"))
ANY_VERSION = st.integers() | st.sampled_from([0, 2**53, 2**63, -(2**63) - 1, 10**30, MAX_VERSION])
SNAPSHOTS = st.fixed_dictionaries(
    {"version": ANY_VERSION | ANY_TEXT}, optional={"value": ANY_TEXT, "more": ANY_TEXT, "deleted": ANY_TEXT}
).map(lambda fields: msgspec.json.encode({k: _encodable(v) for k, v in fields.items()}))
NAMES = st.sampled_from(["ce_type", "ce_source", "ce_subject", "ce_id", "ce_version", "ce_by", "traceparent"])


def _encodable(value: Any) -> Any:
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


@st.composite
def strange_records(draw: st.DrawFn) -> Record:
    """A good record of which some parts are replaced by anything."""
    record = good("A", 0)
    headers = list(record.headers)
    for name, value in draw(st.lists(st.tuples(NAMES | ANY_TEXT, ANY_BYTES), max_size=3)):
        headers.insert(0, (name, value))
    return msgspec.structs.replace(
        record,
        key=draw(st.just(record.key) | st.none() | ANY_BYTES),
        value=draw(st.just(record.value) | st.none() | ANY_BYTES | SNAPSHOTS),
        headers=tuple(headers),
    )


def strange(value: bytes = b'{"version":1}', **headers: bytes) -> Record:
    record = good("A", 0)
    return msgspec.structs.replace(record, value=value, headers=(*headers.items(), *record.headers))


@pytest.fixture
def places(rig: Rig) -> Iterable[int]:
    """Where each example of the property begins in the partition."""
    del rig
    return iter(range(0, 1_000_000, 100))


@given(st.lists(strange_records(), min_size=1, max_size=6))
@example([strange(b'{"version":9223372036854775808}')])
@example([strange(b'{"version":1,"value":"a\\u0000b"}')])
@example([strange(ce_subject=b"S-40\x0099")])
@example([strange(b"\xff" * 1000, ce_subject=b"\xff" * 100_000, ce_type=b"\x00" * 100_000)])
@example([msgspec.structs.replace(strange(), headers=(("\ud800", b"x"),))])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_records_hold_the_next_good_event_is_applied(
    rig: Rig, places: Any, bad: list[Record]
) -> None:
    start = next(places)
    no = f"G{start}"
    placed = [msgspec.structs.replace(r, offset=start + n) for n, r in enumerate(bad)]
    reader = Reader(
        db=rig.db,
        source=Feed([*placed, good(no, start + 50)]),
        processor=Processor(SUBSCRIPTIONS, "feed"),
        cluster_id="feed",
        settings=rig.settings,
    )
    async with running(reader.run):
        await rig.until(f"SELECT value FROM effect WHERE no = '{no}'", [("fine",)])
    assert await rig.rows("SELECT next FROM consumer_offset") == [(start + 51,)]


async def test_a_version_that_the_database_cannot_hold_parks_alone(rig: Rig) -> None:
    a, b, c = SAME_PARTITION[:3]
    huge = rig.message(THING, b, 1, body=b'{"version":9223372036854775808,"value":"fine"}')
    await rig.sink.send([rig.message(THING, a, 1, "fine"), huge, rig.message(THING, c, 1, "fine")])
    async with running(rig.reader().run):
        await rig.until_effects({a: [(1, "fine")], c: [(1, "fine")]})
    assert await rig.rows(PARKED) == [("thing", b, 1, "undecodable")]


async def test_a_nul_in_a_header_parks_alone_and_is_shown(rig: Rig) -> None:
    a, b = SAME_PARTITION[:2]
    bad = rig.message(THING, a, 4, "fine")
    headers = [(k, b"S-40\x0099" if k == "ce_subject" else v) for k, v in bad.headers]
    await rig.sink.send([replace_message(bad, headers=headers), rig.message(THING, b, 1, "fine")])
    async with running(rig.reader().run):
        await rig.until_effects({b: [(1, "fine")]})
    assert await rig.rows(PARKED) == [("thing", "S-40\ufffd99", 4, "undecodable")]
    ((id_,),) = await rig.rows("SELECT id FROM parked")
    async with rig.db.read() as conn:
        found = await parking.show(conn, id_)
    assert found is not None
    assert (found.headers or {})["ce_subject"] == "S-40\x0099"


async def test_a_row_that_the_database_refuses_is_stored_with_its_position_alone(rig: Rig) -> None:
    async with rig.db.begin() as tx:
        await parking.park(tx, "c", [Failed(good("A", 7), "re\x00ason", "", "thing", "A", 1)])
    assert await rig.rows('SELECT kind, no, reason, "offset" FROM parked') == [("", "", "undecodable", 7)]
    ((id_,),) = await rig.rows("SELECT id FROM parked")
    assert (await redrive(rig.db, SUBSCRIPTIONS, id_)).outcome == "applied"


async def test_a_version_too_far_ahead_is_parked_and_true_ones_go_on(rig: Rig) -> None:
    a = SAME_PARTITION[0]
    async with running(rig.reader().run):
        await rig.send((THING, a, 1, "first"))
        await rig.until_effects({a: [(1, "first")]})
        await rig.send((THING, a, MAX_VERSION, "false"), (THING, a, 2, "second"))
        await rig.until_effects({a: [(1, "first"), (2, "second")]})
    assert await rig.rows(PARKED) == [("thing", a, MAX_VERSION, "implausible")]
    assert await rig.rows("SELECT version FROM copy") == [(2,)]


async def test_a_redriven_event_is_believed_whatever_its_version(rig: Rig) -> None:
    a = SAME_PARTITION[0]
    await rig.send((THING, a, MAX_VERSION, "true"))
    async with running(rig.reader().run):
        await rig.until(PARKED, [("thing", a, MAX_VERSION, "implausible")])
    ((id_,),) = await rig.rows("SELECT id FROM parked")
    assert (await redrive(rig.db, SUBSCRIPTIONS, id_)).outcome == "applied"
    assert await rig.effects() == {a: [(MAX_VERSION, "true")]}


async def test_what_another_service_wrote_is_parked_as_foreign(rig: Rig) -> None:
    a, b = SAME_PARTITION[:2]
    forged = rig.message(THING, a, 1, "forged")
    headers = [(k, b"/koppel/other" if k == "ce_source" else v) for k, v in forged.headers]
    await rig.sink.send([replace_message(forged, headers=headers), rig.message(THING, b, 1, "fine")])
    async with running(rig.reader().run):
        await rig.until_effects({b: [(1, "fine")]})
    assert await rig.rows(PARKED) == [("thing", a, 1, "foreign")]


async def test_an_undecodable_event_is_closed_by_the_next_good_one_of_its_aggregate(rig: Rig) -> None:
    a = SAME_PARTITION[0]
    async with running(rig.reader().run):
        await rig.sink.send([rig.message(THING, a, 2, body=b"{")])
        await rig.until("SELECT no, version, status FROM parked", [(a, 2, "parked")])
        await rig.send((THING, a, 2, "mended"))
        await rig.until("SELECT no, version, status FROM parked", [(a, 2, "superseded")])


async def send_with_header_name(rig: Rig, key: str, name: bytes) -> None:
    """A record as other clients may write it: ours cannot encode such a name."""

    class Name(str):
        __slots__ = ()

        def encode(self, *_: Any) -> bytes:
            return name

    batch = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 100_000)  # noqa: FBT003 - as the client calls it
    batch.append(0, 0, key.encode(), b'{"version":1}', [(Name(), b"x")])
    producer = AIOKafkaProducer(bootstrap_servers=rig.settings.kafka_bootstrap)
    await producer.start()
    try:
        made = producer.create_batch()
        made.append(key=b"", value=b"", timestamp=0)
        made._builder = batch
        topic = rig.settings.topic_prefix + THING.topic
        await (await producer.send_batch(made, topic, partition=0))
    finally:
        await producer.stop()


async def test_a_record_that_the_client_cannot_read_is_parked_and_the_others_are_applied(rig: Rig) -> None:
    a, b = SAME_PARTITION[:2]
    await rig.send((THING, a, 1, "before"))
    await send_with_header_name(rig, a, b"\xff\xfe")
    await rig.send((THING, b, 1, "after"), *((THING, f"O{i}", 1, "beside") for i in range(20)))
    async with running(rig.reader().run):
        await rig.until_effects(
            {a: [(1, "before")], b: [(1, "after")], **{f"O{i}": [(1, "beside")] for i in range(20)}}
        )
    ((offset, reason, error),) = await rig.rows('SELECT "offset", reason, error FROM parked')
    assert (offset, reason) == (1, "undecodable")
    assert "the broker's client cannot read the record at this position: UnicodeDecodeError" in error


async def test_an_operator_steps_over_an_event_from_the_command_line(rig: Rig) -> None:
    a, b = SAME_PARTITION[:2]
    await rig.send((THING, a, 1, "fine"))
    async with running(rig.reader().run):
        await rig.until_read(1)
    _, nothing = await output(rig, "offsets", "skip", THING.topic, "0")
    assert "nothing to skip" in nothing
    await rig.send((THING, a, 2, "unwanted"), (THING, b, 1, "fine"))
    status, skipped = await output(rig, "offsets", "skip", THING.topic, "0")
    assert (status, skipped.splitlines()[-1].split()[0]) == (0, f"{THING.topic}/0@1")
    _, listed = await output(rig, "offsets")
    assert [THING.topic, "0", "2", "0"] in [line.split() for line in listed.splitlines()]
    async with running(rig.reader(instance="2").run):
        await rig.until_effects({a: [(1, "fine")], b: [(1, "fine")]})
    assert await rig.rows(PARKED) == [("thing", a, 2, "skipped")]


async def test_what_the_client_cannot_read_can_be_stepped_over_too(rig: Rig) -> None:
    a = SAME_PARTITION[0]
    await offsets.begin_at(rig.db, {Partition(THING.topic, 0): 0}, rig.cluster_id)
    await send_with_header_name(rig, a, b"\xff")
    processor = Processor(SUBSCRIPTIONS, rig.cluster_id)
    where = Partition(THING.topic, 0)
    skipped = await skip(rig.db, rig.settings, processor, where, rig.cluster_id)
    assert skipped is not None
    assert await rig.rows("SELECT next FROM consumer_offset") == [(1,)]
    assert await rig.rows('SELECT "offset", reason FROM parked') == [(0, "skipped")]


async def test_a_running_consumer_notices_that_an_operator_stepped_over_an_event(rig: Rig) -> None:
    a, b = SAME_PARTITION[:2]
    where = Partition(THING.topic, 0)
    async with running(rig.reader().run):
        await rig.send((THING, a, 1, "fine"))
        await rig.until_effects({a: [(1, "fine")]})
        async with rig.db.begin() as tx:
            await offsets.claim(tx, [Range(where.topic, where.partition, 1, 2)])
        await rig.send((THING, a, 2, "stepped over"), (THING, b, 1, "fine"))
        await rig.until_effects({a: [(1, "fine")], b: [(1, "fine")]})


async def test_many_parked_events_are_redriven_and_discarded_at_once(rig: Rig) -> None:
    a, b, c = SAME_PARTITION[:3]
    await rig.sink.send(
        [
            rig.message(THING, a, MAX_VERSION, "fine"),
            rig.message(THING, b, 1, body=b"{"),
            rig.message(THING, c, 1, body=b"{"),
        ]
    )
    async with running(rig.reader().run):
        await rig.until("SELECT count(*) FROM parked", [(3,)])
    status, refused = await output(rig, "parked", "discard", "--note", "none named")
    assert (status, "name ids, or --all" in refused) == (1, True)
    status, redriven = await output(rig, "parked", "redrive", "--all", "--reason", "implausible")
    assert status == 0
    assert [line.split()[-1] for line in redriven.splitlines()] == ["applied", "applied"]
    assert redriven.splitlines()[-1] == "1 applied"
    status, _ = await output(
        rig, "parked", "discard", "--all", "--kind", "thing", "--note", "no use", "--by", "anna"
    )
    assert status == 0
    assert await rig.rows("SELECT status, note, count(*) FROM parked GROUP BY 1, 2") == [
        ("discarded", "no use", 2)
    ]


async def test_a_copy_that_a_false_version_froze_is_forgotten_and_filled_again(rig: Rig) -> None:
    a = SAME_PARTITION[0]
    await rig.send((THING, a, 1000, "false"))
    async with running(rig.reader().run):
        await rig.until_effects({a: [(1000, "false")]})
        status, printed = await output(rig, "copies", "forget", "thing", a)
        assert (status, printed.splitlines()) == (
            0,
            [
                f"thing/{a}  version 1000 forgotten",
                f"now let the owner publish again: republish thing --key {a}",
            ],
        )
        await rig.send((THING, a, 2, "true"))
        await rig.until_effects({a: [(1000, "false"), (2, "true")]})
    status, printed = await output(rig, "copies", "forget", "thing", "UNKNOWN")
    assert (status, printed.splitlines()[0]) == (1, "thing/UNKNOWN  no copy here")
