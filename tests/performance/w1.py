"""W1: tills' orders of three lines, asynchronous, until the purchase orders' numbers stand on the sales lines.

`python -m tests.performance --only w1`; what is measured and the targets are in `docs/performance/README.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from deploy.local.children import Child, tail
from deploy.local.client import Koppel
from deploy.local.stack import LocalStack
from tests.performance import floor_processes
from tests.performance.harness import CpuMeter, Writes, checkpoint, percentile, writes
from tests.performance.load import Load, Outcome, Till

WARM_UP_S: Final = 4.0
STATISTICS_DELAY_S: Final = 10.5
"""PostgreSQL's idle backends report their counters that late."""
LINKED: Final = "SELECT count(*) / 2 FROM line_sourcing WHERE state = 'ordered'"
"""In the sales database: orders whose flagged lines are both supplied by a purchase order."""
Show = Callable[[Outcome], None]
Observer = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class W1:
    """One measured run."""

    name: str
    outcome: Outcome
    cpu_us: dict[str, float]
    """CPU microseconds per order by process."""
    writes: Writes
    """Per order, warm-up included."""

    @property
    def orders_per_s(self) -> float:
        return self.outcome.orders_per_s

    @property
    def cpu_us_total(self) -> float:
        return sum(self.cpu_us.values())

    def post_ms(self, percent: float) -> float:
        return percentile(self.outcome.latencies_s, percent) * 1000


async def measure_floor(stack: LocalStack, run: str, *, tills: int, seconds: float, show: Show) -> W1:
    """The floor's W1; its processes live only that long."""
    async with floor_processes.running_floor(stack, run) as running:
        unknown = [Till(f"T{n:04}", "e" * 600) for n in range(1, tills + 1)]
        async with counter(running.database, floor_processes.LINKED) as linked:
            subject = Subject("floor", stack, running.children, Load(running.address, unknown, linked))
            return await _measure(subject, seconds, show)


async def measure_koppel(
    stack: LocalStack, tills: list[Till], *, seconds: float, show: Show, observer: Observer = nullcontext
) -> W1:
    """Koppel's W1 on the running stack; `observer` (a profiler) is active while it is measured."""
    gateway = (stack.settings.host, stack.settings.serve_port("pos_gateway"))
    children = {name: child for name, child in stack.children.items() if name not in {"postgres", "kafka"}}
    async with counter(stack.database_url("sales"), LINKED) as linked:
        subject = Subject("Koppel", stack, children, Load(gateway, tills, linked))
        return await _measure(subject, seconds, show, observer)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is measured: its processes, beside the stack's PostgreSQL and Kafka, and the load on it."""

    name: str
    stack: LocalStack
    processes: Mapping[str, Child]
    load: Load

    def meter(self) -> CpuMeter:
        children = self.stack.children
        return CpuMeter({**self.processes, "PostgreSQL": children["postgres"], "Kafka": children["kafka"]})


async def _measure(subject: Subject, seconds: float, show: Show, observer: Observer = nullcontext) -> W1:
    load, stack = subject.load, subject.stack
    try:
        before = await writes(stack)
        warm_up = await load.run(WARM_UP_S, show)
        await checkpoint(stack)
        async with observer():
            meter = subject.meter()
            outcome = await load.run(seconds, show)
            used_s = meter.used_s()
    except TimeoutError as error:
        raise Stuck(subject) from error
    await asyncio.sleep(STATISTICS_DELAY_S)
    per_order = {process: used / outcome.linked * 1e6 for process, used in used_s.items()}
    written = (await writes(stack)).since(before, warm_up.linked + outcome.linked)
    return W1(subject.name, outcome, per_order, written)


class Stuck(Exception):  # noqa: N818 - the run ends with it
    """Orders were accepted and not linked in time; the message shows the ends of the logs."""

    def __init__(self, subject: Subject) -> None:
        logs = "\n".join(f"{c.name}:\n{tail(c.program.log, 6)}" for c in subject.processes.values())
        outcome = subject.load.outcome
        super().__init__(f"{subject.name}: {outcome.linked} of {outcome.posted} orders were linked\n{logs}")


@asynccontextmanager
async def counter(database: str, statement: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """Asks a database for a number, over one connection."""
    connection = await asyncpg.connect(database, server_settings={"application_name": "benchmark"})

    async def count() -> int:
        return int(await connection.fetchval(statement))

    try:
        yield count
    finally:
        await connection.close()


async def verify_links(koppel: Koppel, orders: int) -> int:
    """Read every sales order over HTTP: how many have a purchase order's number on each flagged line.

    Raises `AssertionError` when fewer than `orders` do, or when one purchase order serves two sales lines.
    """
    linked, seen = 0, set[tuple[str, int]]()
    async for order in _sales_orders(koppel):
        flagged = [x for x in order["lines"] if x["special_order"] or x["drop_shipment"]]
        links = [
            (x["sourcing"]["purchase_order_no"], x["sourcing"]["purchase_order_line_no"]) for x in flagged
        ]
        assert not seen.intersection(links), f"{order['no']}: {links} serve other lines too"
        seen.update(links)
        linked += bool(links) and all(no for no, _ in links)
    assert linked >= orders, f"{linked} of {orders} orders are linked"
    return linked


async def _sales_orders(koppel: Koppel) -> AsyncIterator[dict[str, Any]]:
    cursor: dict[str, Any] = {}
    while True:
        page = await koppel.sales.get("/sales-orders", limit=500, **cursor)
        for order in page["items"]:
            yield order
        if not page["next_cursor"]:
            return
        cursor = {"cursor": page["next_cursor"]}
