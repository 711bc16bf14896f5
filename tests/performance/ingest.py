"""W4 and W5: tills alone, until they have their answer.

W4: as many orders as 32 tills can post, answered 202 and durable; nothing is pulled while it is measured.
W5: orders that a till waits for (201 with the sales order's number), 50 a second, each timed from its moment.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from deploy.local.stack import LocalStack
from tests.performance import floor_processes
from tests.performance.client import JsonClient
from tests.performance.load import Till
from tests.performance.throughput import Act, Served, Throughput, for_seconds, measure
from tests.performance.w1 import counter
from tests.performance.w3 import Show

WARM_UP_S: Final = 3.0
STORED: Final = "SELECT count(*) FROM customer_order"
FLOOR_STORED: Final = "SELECT count(*) FROM line"
RATE_PER_S: Final = 50
W4_ACCEPTED: Final = 202
W5_MADE: Final = 201


async def measure_floor(stack: LocalStack, run: str, *, seconds: float, tills: int, show: Show) -> Throughput:
    """W4 of the floor's gateway, without its pull."""
    unknown = [Till(f"T{n:04}", "e" * 600) for n in range(1, tills + 1)]
    async with (
        floor_processes.running_floor(stack, run, floor_processes.INGEST) as running,
        counter(running.database, FLOOR_STORED) as stored,
    ):
        served = Served("floor", stack, running.children, running.address, stored)
        await measure(served, _posting(unknown, WARM_UP_S), show)
        return await measure(served, _posting(unknown, seconds), show)


async def measure_ingest(
    stack: LocalStack, tills: Sequence[Till], *, seconds: float, show: Show
) -> Throughput:
    """W4 of the running gateway, whose pull job must not run."""
    async with _gateway(stack) as served:
        await measure(served, _posting(tills, WARM_UP_S), show)
        return await measure(served, _posting(tills, seconds), show)


async def measure_waiting(
    stack: LocalStack, tills: Sequence[Till], *, seconds: float, show: Show
) -> Throughput:
    """W5 of a store that creates its orders synchronously; latencies count from each order's moment."""
    async with _gateway(stack) as served:
        await measure(served, _posting(tills, WARM_UP_S, W5_MADE), show)
        late: list[float] = []
        figures = await measure(served, _at_rate(tills, round(seconds * RATE_PER_S), late), show)
        figures.latencies_s = late
        return figures


@asynccontextmanager
async def _gateway(stack: LocalStack) -> AsyncIterator[Served]:
    address = (stack.settings.host, stack.settings.serve_port("pos_gateway"))
    children = {name: child for name, child in stack.children.items() if name not in {"postgres", "kafka"}}
    async with counter(stack.database_url("pos_gateway"), STORED) as stored:
        yield Served("Koppel", stack, children, address, stored)


def _posting(tills: Sequence[Till], seconds: float, expected: int = W4_ACCEPTED) -> Act:
    time_left = for_seconds(seconds)
    turns = itertools.cycle(tills)

    async def post(client: JsonClient) -> bool:
        if not time_left():
            return False
        await client.send_raw(next(turns).request(), expected)
        return True

    return post


def _at_rate(tills: Sequence[Till], orders: int, late: list[float]) -> Act:
    """`late` gets the seconds from each order's moment until its answer."""
    turns = itertools.cycle(tills)
    moments: Iterator[float] = iter(())
    begun = False

    async def post(client: JsonClient) -> bool:
        nonlocal moments, begun
        if not begun:
            begun, first = True, time.perf_counter()
            moments = (first + n / RATE_PER_S for n in range(orders))
        moment = next(moments, None)
        if moment is None:
            return False
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        await client.send_raw(next(turns).request(), W5_MADE)
        late.append(time.perf_counter() - moment)
        return True

    return post
