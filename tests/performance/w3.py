"""W3: from release to the purchase orders' numbers on the sales lines, one order at a time on the idle stack.

The clock runs from sending `POST …/release` until both numbers are visible in the sales database, which is asked from
a little before the link is expected, every 2 ms: a figure is too high by up to that, never too low. Asking over HTTP
would take the CPU time that the last hop needs; that a client sees both numbers is checked by one GET afterwards.
The floor's figure has no HTTP in it: commit and send, then three times receive and commit, sending between.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import asyncpg
import msgspec
from asyncpg.prepared_stmt import PreparedStatement

from deploy.local.stack import LocalStack
from tests.performance import floor_processes
from tests.performance.company import LOCATION
from tests.performance.harness import percentile
from tests.performance.load import Connection, connect
from tests.performance.orders import CUSTOMERS, SAMPLES

WARM_UP: Final = 20
POLL_INTERVAL_S: Final = 0.002
FIRST_POLL_AT: Final = 0.7
"""Share of the shortest latency so far after which the database is first asked: before it there is nothing to see."""
LINKED: Final = "SELECT count(*) FROM line_sourcing WHERE sales_order_no = $1 AND state = 'ordered'"
"""In the sales database: lines of an order that a purchase order supplies."""
DEADLINE_S: Final = 10.0
PAUSE_S: Final = (0.02, 0.06)
Show = Callable[[int], None]


@dataclass(slots=True)
class W3:
    """Seconds per order."""

    name: str
    from_release_s: list[float] = field(default_factory=list)
    from_answer_s: list[float] = field(default_factory=list)
    """From the release's answer (it is committed then) instead of its sending; Koppel only."""

    def ms(self, percent: float) -> float:
        return percentile(self.from_release_s, percent) * 1000

    def after_answer_ms(self, percent: float) -> float:
        return percentile(self.from_answer_s, percent) * 1000


async def measure_floor(stack: LocalStack, run: str, *, orders: int, show: Show) -> W3:
    """The floor's three hops."""
    async with floor_processes.running_floor(stack, run, hops=WARM_UP + orders) as running:
        async with asyncio.timeout(DEADLINE_S + (WARM_UP + orders) * 0.5):
            while (done := len(running.hop_seconds())) < WARM_UP + orders:
                show(done)
                await asyncio.sleep(0.5)
        return W3("floor", running.hop_seconds()[WARM_UP:])


async def measure_koppel(stack: LocalStack, *, orders: int, show: Show) -> W3:
    """Release to link through `POST /v1/sales-orders` and `/release`; nothing else may run on the stack."""
    connection = await connect(stack.settings.host, stack.settings.serve_port("sales"))
    database = await asyncpg.connect(stack.database_url("sales"))
    client = _Client(connection, stack.token(), await database.prepare(LINKED))
    result = W3("Koppel")
    try:
        for n in range(WARM_UP + orders):
            await asyncio.sleep(random.uniform(*PAUSE_S))
            latest = result.from_release_s[-50:]
            timing = await _release_to_link(client, FIRST_POLL_AT * min(latest, default=0.0))
            result.from_release_s.append(timing[0])
            result.from_answer_s.append(timing[1])
            if n == WARM_UP - 1:
                del result.from_release_s[:], result.from_answer_s[:]
            show(n)
    finally:
        connection.close()
        await database.close()
    return result


async def _release_to_link(client: _Client, wait_s: float) -> tuple[float, float]:
    """Seconds from sending the release, and from its answer, until both numbers were seen."""
    order = await client.send("POST", "/v1/sales-orders", _order())
    path = f"/v1/sales-orders/{order['no']}"
    await asyncio.sleep(random.uniform(*PAUSE_S))
    begun = time.perf_counter()
    await client.send("POST", f"{path}/release", {})
    answered = time.perf_counter()
    await asyncio.sleep(max(0.0, begun + wait_s - answered))
    async with asyncio.timeout(DEADLINE_S):
        numbers = await client.linked.fetchval(order["no"])
        while numbers < 2:
            await asyncio.sleep(POLL_INTERVAL_S)
            numbers = await client.linked.fetchval(order["no"])
    seen = time.perf_counter()
    assert _linked(await client.send("GET", path)), f"{path} does not show what its database has"
    return seen - begun, seen - answered


def _order() -> dict[str, Any]:
    lines = [
        {
            "item_no": line.item_no,
            "quantity": str(line.quantity),
            "unit_price": str(line.unit_price),
            "purchasing_code": line.purchasing_code,
        }
        for line in SAMPLES.sales_order.lines
    ]
    return {"customer_no": random.choice(CUSTOMERS), "location_code": LOCATION, "lines": lines}


def _linked(order: dict[str, Any]) -> bool:
    flagged = [line for line in order["lines"] if line["special_order"] or line["drop_shipment"]]
    return len(flagged) == 2 and all(line["sourcing"]["purchase_order_no"] for line in flagged)


class _Client:
    """JSON over one connection that stays open: a library's own latency would be measured too."""

    def __init__(self, connection: Connection, token: str, linked: PreparedStatement) -> None:
        self._connection = connection
        self._token = token
        self.linked = linked

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = msgspec.json.encode(body) if body is not None else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
            f"Idempotency-Key: {uuid4().hex}\r\n\r\n"
        )
        status, answer = await self._connection.request(head.encode() + content)
        assert status < 300, f"{method} {path}: {status} {answer[:2000].decode()}"
        decoded: dict[str, Any] = msgspec.json.decode(answer)
        return decoded
