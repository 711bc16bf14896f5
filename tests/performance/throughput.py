"""Clients of the back office side by side, and how much of what they asked for was finished per second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from deploy.local.children import Child
from deploy.local.stack import LocalStack
from tests.performance.client import JsonClient
from tests.performance.harness import CpuMeter, checkpoint, percentile
from tests.performance.load import connect

CLIENTS: Final = 32
FINISH_DEADLINE_S: Final = 60.0
COUNT_INTERVAL_S: Final = 0.05
Act = Callable[[JsonClient], Awaitable[bool]]
"""One unit of work of a client; False: there is no more."""


@dataclass(slots=True)
class Throughput:
    """One measured run."""

    name: str
    finished: int = 0
    seconds: float = 0.0
    """From the first request until the last unit was finished in all services."""
    cpu_us: dict[str, float] = field(default_factory=dict)
    """CPU microseconds per unit by process."""
    latencies_s: list[float] = field(default_factory=list)
    """Of a client's unit, until its last answer."""

    @property
    def per_s(self) -> float:
        return self.finished / self.seconds

    @property
    def cpu_us_total(self) -> float:
        return sum(self.cpu_us.values())

    def ms(self, percent: float) -> float:
        return percentile(self.latencies_s, percent) * 1000


@dataclass(frozen=True, slots=True)
class Served:
    """Who is measured: its processes beside the stack's PostgreSQL and Kafka, its address, and what counts the end."""

    name: str
    stack: LocalStack
    processes: Mapping[str, Child]
    address: tuple[str, int]
    finished: Callable[[], Awaitable[int]]

    def meter(self) -> CpuMeter:
        children = self.stack.children
        return CpuMeter({**self.processes, "PostgreSQL": children["postgres"], "Kafka": children["kafka"]})


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Whether time is left; the clock starts with the first question, after what precedes a measurement."""
    ends: list[float] = []

    def left() -> bool:
        if not ends:
            ends.append(time.perf_counter() + seconds)
        return time.perf_counter() < ends[0]

    return left


async def measure(served: Served, act: Act, show: Callable[[int], None]) -> Throughput:
    """Let clients act until there is no more, then wait until all is finished; TimeoutError if that does not come."""
    result, token = Throughput(served.name), served.stack.token()
    await checkpoint(served.stack)
    before, meter = await served.finished(), served.meter()
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(_client(served, token, act, result))
    asked = len(result.latencies_s)
    async with asyncio.timeout(FINISH_DEADLINE_S):
        while (done := await served.finished() - before) < asked:
            show(done)
            await asyncio.sleep(COUNT_INTERVAL_S)
    result.seconds = time.perf_counter() - begun
    result.finished = asked
    result.cpu_us = {name: used / asked * 1e6 for name, used in meter.used_s().items()}
    return result


async def _client(served: Served, token: str, act: Act, result: Throughput) -> None:
    connection = await connect(*served.address)
    client = JsonClient(connection, token)
    try:
        while True:
            sent = time.perf_counter()
            if not await act(client):
                return
            result.latencies_s.append(time.perf_counter() - sent)
    finally:
        connection.close()
