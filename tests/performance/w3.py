"""W3: from release to the purchase orders' numbers on the sales lines, one order at a time on the idle stack.

The clock runs from sending `POST …/release` until both numbers are visible in the sales database, which tells so:
a trigger that stands there during the measurement notifies. A figure is too high by what trigger and notification
cost, never too low. Asking again and again, by SQL or HTTP, would come late and take the CPU time that the last hop
needs; that a client sees both numbers is checked by one GET afterwards.
The floor's figure has no HTTP in it: commit and send, then three times receive and commit, sending between.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from deploy.local.stack import LocalStack
from tests.performance import floor_processes
from tests.performance.client import JsonClient, is_linked, sales_order
from tests.performance.harness import percentile
from tests.performance.load import connect

WARM_UP: Final = 20
CHANNEL: Final = "bench_ordered"
NOTIFYING: Final = f"""
CREATE FUNCTION {CHANNEL}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('{CHANNEL}', concat_ws(' ', new.sales_order_no, new.sales_line_id)); RETURN NULL; END $$;
CREATE TRIGGER {CHANNEL} AFTER INSERT OR UPDATE OF state ON line_sourcing FOR EACH ROW
WHEN (new.state = 'ordered') EXECUTE FUNCTION {CHANNEL}();
"""
"""In the sales database: tells of each line that a purchase order supplies, when its transaction has committed."""
SILENT: Final = f"DROP FUNCTION IF EXISTS {CHANNEL} CASCADE"
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
    client, links = JsonClient(connection, stack.token()), Links()
    result = W3("Koppel")
    try:
        await database.execute(SILENT + ";" + NOTIFYING)
        await database.add_listener(CHANNEL, links.told)
        for n in range(WARM_UP + orders):
            await asyncio.sleep(random.uniform(*PAUSE_S))
            timing = await _release_to_link(client, links)
            result.from_release_s.append(timing[0])
            result.from_answer_s.append(timing[1])
            if n == WARM_UP - 1:
                del result.from_release_s[:], result.from_answer_s[:]
            show(n)
    finally:
        connection.close()
        await database.execute(SILENT)
        await database.close()
    return result


class Links:
    """When the lines of the one order under way were linked."""

    def __init__(self) -> None:
        self._order_no = ""
        self._lines: set[str] = set()
        self._linked: asyncio.Future[float] = asyncio.Future()

    def expect(self, order_no: str) -> asyncio.Future[float]:
        """When both lines of the order will be linked, on the clock `perf_counter`."""
        self._order_no, self._lines, self._linked = order_no, set(), asyncio.Future()
        return self._linked

    def told(self, *notification: Any) -> None:
        """The database tells of a line; it may do so again for an earlier order."""
        order_no, _, line = notification[-1].partition(" ")
        if order_no == self._order_no:
            self._lines.add(line)
            if len(self._lines) == 2 and not self._linked.done():
                self._linked.set_result(time.perf_counter())


async def _release_to_link(client: JsonClient, links: Links) -> tuple[float, float]:
    """Seconds from sending the release, and from its answer, until both numbers stood there."""
    order = await client.send("POST", "/v1/sales-orders", sales_order())
    path = f"/v1/sales-orders/{order['no']}"
    await asyncio.sleep(random.uniform(*PAUSE_S))
    expected = links.expect(order["no"])
    begun = time.perf_counter()
    await client.send("POST", f"{path}/release", {})
    answered = time.perf_counter()
    async with asyncio.timeout(DEADLINE_S):
        linked = await expected
    assert is_linked(await client.send("GET", path)), f"{path} does not show what its database has"
    return linked - begun, linked - answered
