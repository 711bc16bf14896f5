"""A little service for the kit's tests: two kinds of aggregates, one table of effects."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import text

from eventkit.consumer import Batch, Subscription, Waiting
from eventkit.context import Context
from eventkit.envelope import HeaderWriter, Message
from eventkit.kafka_sink import KafkaSink
from eventkit.kafka_source import KafkaSource
from eventkit.processing import Processor
from eventkit.reader import Reader
from eventkit.relay import Relay
from eventkit.transaction import Database, Transaction, json_rows
from servicekit.migrate import create_topics
from servicekit.schema import DDL
from servicekit.settings import ServiceSettings
from tests.support import events
from tests.support.polling import DEADLINE_S, eventually

EFFECTS = """
CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text, no text, version bigint,
                     value text CHECK (value <> 'forbidden'), batch int);
"""
STORE_EFFECTS = text("""
INSERT INTO effect (kind, no, version, value, batch)
SELECT kind, no, version, value, batch
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(kind text, no text, version bigint, value text, batch int)
""")
CONTEXT = Context.new("tester")
QUICK: dict[str, Any] = {
    "partitions": 2,
    "poll_timeout_s": 0.2,
    "session_timeout_ms": 6000,
    "work_http_port": 0,
}
"""Settings of the kit's service that save the tests time."""


class Thing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A snapshot. The value tells the handler what to do with it."""

    version: int
    value: str = ""
    happened: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Topic:
    name: str
    compacted: bool = False
    partitions: int | None = None


@dataclass(frozen=True)
class Kind:
    name: str
    topic: str
    model: type[Any] = Thing

    @property
    def event_type(self) -> str:
        return f"koppel.{self.name}.v1"

    @property
    def owner(self) -> str:
        return "kit"

    def message_key(self, no: str) -> str:
        return no

    def number_of(self, _: Any) -> str | None:
        return None


THING = Kind("thing", "kit.thing.v1")
PART = Kind("part", "kit.part.v1")
TOPICS = (Topic(THING.topic), Topic(PART.topic, partitions=1))
_batches = itertools.count(1)


async def record_effects(tx: Transaction, batch: Batch[Thing]) -> None:
    """One effect per change.

    The value `poison` fails in the decision, `forbidden` in the database, `needs:X` waits for part X.
    """
    number = next(_batches)
    effects = []
    for change in batch:
        with batch.deciding(change):
            value = change.new.value
            if value == "poison":
                raise ValueError("poison")
            if value.startswith("needs:") and not await part_is_known(tx, value.removeprefix("needs:")):
                raise Waiting("part", value.removeprefix("needs:"))
            effects.append(
                {
                    "kind": change.kind,
                    "no": change.no,
                    "version": change.version,
                    "value": value,
                    "batch": number,
                }
            )
    await tx.run(STORE_EFFECTS, rows=json_rows(effects))


async def part_is_known(tx: Transaction, no: str) -> bool:
    return bool(await tx.all(text("SELECT 1 FROM copy WHERE kind = 'part' AND no = :no"), no=no))


SUBSCRIPTIONS: tuple[Subscription[Any], ...] = (
    Subscription(THING, record_effects),
    Subscription(PART),
)


@dataclass
class Rig:
    """Database, topics and the kit's parts on them."""

    settings: ServiceSettings
    db: Database
    sink: KafkaSink
    cluster_id: str
    headers: HeaderWriter = field(default_factory=lambda: HeaderWriter("kit"))

    async def publish(self, kind: Kind, no: str, version: int, value: str = "") -> None:
        """By the outbox, as services do."""
        async with self.db.begin() as tx:
            tx.publish(kind, no, Thing(version=version, value=value), CONTEXT)

    async def send(self, *things: tuple[Kind, str, int, str]) -> None:
        """Straight to Kafka, in this order."""
        await self.sink.send([self.message(*thing) for thing in things])

    def message(
        self, kind: Kind, no: str, version: int, value: str = "", body: bytes | None = None
    ) -> Message:
        snapshot = Thing(version=version, value=value)
        event = events.outbox_event(kind, no, snapshot)
        value_ = msgspec.json.encode(snapshot) if body is None else body
        return Message(kind.topic, no.encode(), value_, self.headers.headers(event))

    def reader(
        self,
        subscriptions: Sequence[Subscription[Any]] = SUBSCRIPTIONS,
        *,
        instance: str = "1",
        **changes: Any,
    ) -> Reader:
        settings = self.settings.model_copy(update={"instance": instance, **changes})
        source = KafkaSource(settings, "kit", [t.name for t in TOPICS])
        processor = Processor(subscriptions, self.cluster_id)
        return StartedReader(
            db=self.db, source=source, processor=processor, cluster_id=self.cluster_id, settings=settings
        )

    def relay(self, **changes: Any) -> Relay:
        settings = self.settings.model_copy(update=changes)
        return Relay(
            url=self.db.url,
            service="kit",
            sink=KafkaSink(settings, "kit"),
            wakeup=self.db.wakeup,
            settings=settings,
        )

    async def rows(self, query: str, **params: Any) -> list[tuple[Any, ...]]:
        async with self.db.read() as conn:
            return [tuple(row) for row in (await conn.execute(text(query), params)).all()]

    async def effects(self) -> dict[str, list[tuple[int, str]]]:
        """(version, value) of the effects by number, in the order they took place."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for no, version, value in await self.rows("SELECT no, version, value FROM effect ORDER BY id"):
            found[no].append((version, value))
        return dict(found)

    async def until(
        self, query: str, expected: list[tuple[Any, ...]], deadline_s: float = DEADLINE_S
    ) -> None:
        await eventually(lambda: self.rows(query), lambda rows: rows == expected, deadline_s)

    async def until_effects(
        self, expected: dict[str, list[tuple[int, str]]], deadline_s: float = DEADLINE_S
    ) -> None:
        await eventually(self.effects, lambda seen: seen == expected, deadline_s)

    async def until_read(self, n: int, deadline_s: float = DEADLINE_S) -> None:
        """Until so many events were read (or more), whatever became of them."""
        await self.until(f"SELECT coalesce(sum(next), 0) >= {n} FROM consumer_offset", [(True,)], deadline_s)


class StartedReader(Reader):
    """Starts its source itself, as `work` does."""

    async def run(self) -> None:
        await self._source.start()
        await super().run()


@asynccontextmanager
async def running(*tasks: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run tasks beside the block; an error of theirs ends it."""
    async with asyncio.TaskGroup() as group:
        started = [group.create_task(task()) for task in tasks]
        try:
            yield
        finally:
            for task in started:
                task.cancel()


@asynccontextmanager
async def prepared(settings: ServiceSettings, cluster_id: str) -> AsyncIterator[Rig]:
    """The kit's tables in the empty database and its topics at the broker that the settings name."""
    conn = await asyncpg.connect(settings.database_url)
    try:
        await conn.execute(DDL + EFFECTS)
    finally:
        await conn.close()
    await create_topics(settings, TOPICS)
    sink = KafkaSink(settings, "kit")
    await sink.start()
    db = Database(settings.database_url, pool_size=10)
    try:
        yield Rig(settings, db, sink, cluster_id)
    finally:
        await sink.stop()
        await db.close()
