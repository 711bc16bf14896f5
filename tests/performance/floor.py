"""The floor: the least that any implementation of the measured work must do, without one business rule.

Four processes (gateway, sales, planning, purchasing) with a database each accept the same HTTP bodies, write
rows of the same count and size, and send and receive the same messages as Koppel does for one order: equally
durable, and batched as well as can be: one statement per transaction, concurrent POSTs share one, the writer
hands its messages to the producer, their outbox row leaves later, records are grouped per partition.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import asyncpg
import msgspec
import uvicorn
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from fastapi import FastAPI, Request, Response
from uuid_utils.compat import uuid7

from contracts.topics import KINDS
from tests.performance.floor_work import Settings, Work, columns
from tests.performance.orders import HEADERS, SAMPLES, SMALL_ROW, Body

STORE: Final = Path(__file__).with_name("floor.sql").read_text()
JOB_INTERVAL_S: Final = 0.2
DECODE: Final[dict[str, Callable[[bytes], Any]]] = {
    f"floor.{kind.name}": msgspec.json.Decoder(kind.model).decode for kind in KINDS.values()
}
encode: Final = msgspec.json.Encoder().encode
replace: Final[Callable[..., Any]] = msgspec.structs.replace


class Role:
    """A process: one database, one producer; every task writes through a connection of its own."""

    topics: tuple[str, ...] = ()

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.numbers = (f"{settings.role[:2]}{n:08}" for n in itertools.count())
        self.outbox_ids = itertools.count(time.time_ns())
        self.acked: list[int] = []
        self.waiting: list[tuple[str, str, bytes, asyncio.Future[None]]] = []
        self.pending: list[tuple[str, str, bytes]] = []
        self.linked, self.progress = 0, asyncio.Event()
        options = {"enable_idempotence": True, "max_batch_size": 900_000}  # idempotent: acks=all
        self.producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap, **options)

    async def commit(self, connection: asyncpg.Connection, work: Work) -> None:
        """One transaction, then the messages; what was acknowledged meanwhile leaves the outbox with it."""
        outbox_id, sent, self.acked = next(self.outbox_ids), self.acked, []
        outbox = b"\n".join(value for _, _, value in work.messages) or None
        rows = [*columns(work.entries, 2), *columns(work.lines, 2), *columns([*work.marks.items()], 2)]
        await connection.execute(STORE, *rows, sent, outbox_id, outbox, *columns(work.offsets, 4))
        if work.messages:
            acks = asyncio.gather(*await self.send(work.messages))
            acks.add_done_callback(lambda done: self.acked.append(outbox_id) if done.result() else None)

    async def send(self, messages: list[tuple[str, str, bytes]]) -> list[asyncio.Future[Any]]:
        acks: list[asyncio.Future[Any]] = []
        builders: dict[tuple[str, int], Any] = {}
        for topic, key, value in messages:
            slot = topic, crc32(key.encode()) % self.settings.partitions
            headers = [*HEADERS, ("ce_id", str(uuid7()).encode()), ("ce_subject", key.encode())]
            record = {"timestamp": None, "key": key.encode(), "value": value, "headers": headers}
            builder = builders.get(slot) or builders.setdefault(slot, self.producer.create_batch())
            if builder.append(**record) is None:  # full
                acks.append(await self.producer.send_batch(builder, topic, partition=slot[1]))
                builders[slot] = self.producer.create_batch()
                builders[slot].append(**record)
        for (topic, partition), builder in builders.items():
            acks.append(await self.producer.send_batch(builder, topic, partition=partition))
        return acks

    async def consume(self) -> None:
        """Batches from the own offsets on, for ever."""
        connection = await asyncpg.connect(self.settings.database)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.bootstrap, enable_auto_commit=False)
        await consumer.start()
        rows = await connection.fetch("SELECT topic, partition, next FROM consumer_offset")
        consumer.assign([TopicPartition(topic, partition) for topic, partition, _ in rows])
        for topic, partition, offset in rows:
            consumer.seek(TopicPartition(topic, partition), offset)
        while True:
            polled, work = await consumer.getmany(timeout_ms=1000, max_records=500), Work()
            for partition, records in polled.items():
                work.offsets.append((*partition, records[0].offset, records[-1].offset + 1))
                for record in records:
                    self.handle(work, record.topic, record.key.decode(), record.value)
            if polled:
                await self.commit(connection, work)
                self.stored(work)

    async def every_interval(self, job: Callable[[Work], None]) -> None:
        connection = await asyncpg.connect(self.settings.database)
        while True:
            await asyncio.sleep(JOB_INTERVAL_S)
            job(work := Work())
            if work.messages:
                await self.commit(connection, work)

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None: ...

    def stored(self, work: Work) -> None: ...

    def tasks(self) -> Iterator[Any]:
        yield self.consume()

    def routes(self) -> dict[str, Callable[..., Any]]:
        """What is posted to it, by path."""
        return {}


class Gateway(Role):
    """POST: the order, its stage and its idempotency key; pulled every 200 ms; marked when sales answered."""

    topics = ("floor.channel-transaction",)

    async def post(self, request: Request) -> Response:
        body, no = msgspec.json.decode(await request.body(), type=Body), next(self.numbers)
        identity = {"confirmation_no": no, "transaction": body.transaction, "customer_no": body.customer_no}
        order = encode(replace(SAMPLES.channel_order, **identity))
        stored = asyncio.get_running_loop().create_future()
        self.waiting.append((no, request.headers["idempotency-key"], order, stored))
        self.progress.set()
        await stored
        return Response(order, status_code=202, media_type="application/json")

    async def group_commits(self) -> None:
        connection = await asyncpg.connect(self.settings.database)
        while await self.progress.wait():
            self.progress.clear()
            taken, self.waiting = self.waiting, []
            orders = [(no, order) for no, _, order, _ in taken]
            keys, stages = [(key, SMALL_ROW) for _, key, *_ in taken], [(no, SMALL_ROW) for no, _ in orders]
            await self.commit(connection, Work(entries=orders + keys, lines=stages))
            self.pending += [("floor.channel-order", no, order) for no, order in orders]
            for *_, stored in taken:
                stored.set_result(None)

    def pull(self, work: Work) -> None:
        work.messages, self.pending = self.pending, []
        work.marks = {no: "1 pulled" for _, no, _ in work.messages}

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None:
        work.entries.append((f"copy/{key}", SMALL_ROW))
        work.mark(key, f"2 {DECODE[topic](value).sales_order_no}")

    def tasks(self) -> Iterator[Any]:
        yield from (self.consume(), self.group_commits(), self.every_interval(self.pull))

    def routes(self) -> dict[str, Callable[..., Any]]:
        return {"/v1/customer-orders": self.post}


class Ingest(Gateway):
    """W4: orders are taken and nothing else."""

    def tasks(self) -> Iterator[Any]:
        yield self.group_commits()


class Sales(Role):
    """Transactions become orders every 200 ms; planning and purchasing mark two lines of each."""

    topics: tuple[str, ...] = ("floor.channel-order", "floor.demand", "floor.purchase-order")

    def release(self, work: Work, confirmation_no: str) -> str:
        no = next(self.numbers)
        order = encode(replace(SAMPLES.sales_order, no=no, confirmation_no=confirmation_no))
        work.entries.append((no, order))
        work.lines += [(f"{no}/20000", SMALL_ROW), (f"{no}/30000", SMALL_ROW)]
        work.messages.append(("floor.sales-order", no, order))
        return no

    def synchronize(self, work: Work) -> None:
        taken, self.pending = self.pending, []
        for _, key, _ in taken:
            no = self.release(work, key)
            work.mark(key, f"1 {no}")
            answer = replace(SAMPLES.channel_transaction, confirmation_no=key, sales_order_no=no)
            work.messages.append(("floor.channel-transaction", key, encode(answer)))

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None:
        snapshot = DECODE[topic](value)
        work.entries.append((f"{topic}/{key}", SMALL_ROW))
        if topic == "floor.channel-order":
            work.lines.append((key, value))
        elif topic == "floor.demand":
            for line in snapshot.lines:
                work.mark(f"{key}/{line.sales_order_line_no}", f"1 {line.state}")
        else:
            sold = snapshot.lines[0].link.sales
            work.mark(f"{sold.sales_order_no}/{sold.sales_order_line_no}", f"2 {key}")

    def stored(self, work: Work) -> None:
        self.pending += [("", key, b"") for key, _ in work.lines]
        self.linked += sum(mark > "2" for mark in work.marks.values())
        self.progress.set()

    async def hops(self) -> None:
        """Seconds from an order's first commit until both its marks are committed, one order at a time."""
        connection = await asyncpg.connect(self.settings.database)
        for _ in range(self.settings.hops):
            await asyncio.sleep(random.uniform(0.02, 0.06))  # out of step with every timer
            work, begun, expected = Work(), time.perf_counter(), self.linked + 2
            self.release(work, "")
            await self.commit(connection, work)
            while self.linked < expected:
                self.progress.clear()
                await self.progress.wait()
            sys.stdout.write(f"{time.perf_counter() - begun}\n")

    def tasks(self) -> Iterator[Any]:
        yield self.consume()
        yield self.hops() if self.settings.hops else self.every_interval(self.synchronize)


class Planning(Role):
    """A sales order: two each of demand, requisition, request, open line; purchase orders mark two rows."""

    topics = ("floor.sales-order", "floor.purchase-order")

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None:
        snapshot = DECODE[topic](value)
        work.entries.append((key, value))
        if topic == "floor.purchase-order":
            sold = snapshot.lines[0].link.sales
            for kind in "demand", "requisition":
                work.mark(f"{kind}/{sold.sales_order_no}/{sold.sales_order_line_no}", f"2 {key}")
            return
        work.entries.append((f"order/{key}", SMALL_ROW))
        work.messages.append(("floor.demand", key, encode(replace(SAMPLES.demand, sales_order_no=key))))
        for sample in SAMPLES.purchase_requests:
            id_, line = uuid7(), sample.lines[0]
            sold = replace(line.sales, sales_order_no=key)
            for kind in "demand", "requisition":
                work.lines.append((f"{kind}/{key}/{sold.sales_order_line_no}", SMALL_ROW))
            request = encode(replace(sample, id=id_, lines=(replace(line, sales=sold),)))
            work.entries += [(f"request/{id_}", request), (f"open/{key}/{line.item_no}", SMALL_ROW)]
            work.messages.append(("floor.purchase-request", str(id_), request))


class Purchasing(Role):
    """A purchase request: its fence, a purchase order and a link. A sales order: its copy."""

    topics = ("floor.sales-order", "floor.purchase-request")

    def handle(self, work: Work, topic: str, key: str, value: bytes) -> None:
        work.entries.append((key, value))
        if topic == "floor.purchase-request":
            asked = DECODE[topic](value).lines[0]
            sample, no = SAMPLES.purchase_orders[asked.drop_shipment], next(self.numbers)
            line = replace(sample.lines[0], link=replace(sample.lines[0].link, sales=asked.sales))
            order = encode(replace(sample, no=no, lines=(line,)))
            work.entries += [(f"fence/{key}", SMALL_ROW), (no, order), (f"link/{no}", SMALL_ROW)]
            work.messages.append(("floor.purchase-order", no, order))


ROLES: Final[dict[str, type[Role]]] = {
    "gateway": Gateway,
    "sales": Sales,
    "planning": Planning,
    "purchasing": Purchasing,
}


INGEST: Final[dict[str, type[Role]]] = {"ingest": Ingest}


async def serve(role: Role, port: int) -> None:
    app = FastAPI()
    await role.producer.start()
    for path, act in role.routes().items():
        app.add_api_route(path, act, methods=["POST"])
    server = uvicorn.Server(uvicorn.Config(app, port=port, access_log=False, log_level="warning"))
    gc.freeze()
    async with asyncio.TaskGroup() as group:
        for task in role.tasks():
            group.create_task(task)
        await server.serve()


async def run(roles: dict[str, type[Role]]) -> None:
    """The process of the role that the argument names."""
    settings = msgspec.json.decode(sys.argv[1], type=Settings)
    await serve(roles[settings.role](settings), settings.port)


if __name__ == "__main__":
    uvloop.run(run(ROLES | INGEST))
