"""W7: a planning run over items with open demand and supply, through the service with its database.

Meanwhile both processes of the service are asked whether they live, a hundred times a second: how late they answer is
how long their event loops stand still at most.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import msgspec

from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from deploy.local.client import Koppel
from deploy.local.stack import LocalStack
from tests.performance.harness import cpu_s, percentile

LINES_PER_ITEM: Final = 10
"""Seven of demand and three of supply."""
DEMANDS_PER_ITEM: Final = 7
LINES_PER_ORDER: Final = 10
FIRST: Final = date(2026, 1, 5)
DAYS: Final = 120
POLL_S: Final = 0.05
PING_S: Final = 0.01
POLICIES: Final[tuple[dict[str, Any], ...]] = (
    {"reordering_policy": "lot_for_lot", "lot_accumulation_period_days": 7, "rescheduling_period_days": 14},
    {"reordering_policy": "order"},
    {"reordering_policy": "fixed_reorder_qty", "reorder_point": "20", "reorder_quantity": "60"},
    {"reordering_policy": "maximum_qty", "reorder_point": "20", "maximum_inventory": "90"},
)


@dataclass(slots=True)
class PlannedRun:
    """What one run took."""

    items: int
    lines: int
    seconds: float
    messages: int
    peak_mib: float
    """The most that the worker and its children held together."""
    cpu_s: float
    """CPU seconds of the worker and its children."""
    late_s: dict[str, list[float]] = field(default_factory=dict)
    """By process: how late it answered, while the run was under way."""

    def late_ms(self, process: str, percent: float) -> float:
        """The process' lateness in milliseconds."""
        return percentile(self.late_s[process] or [0.0], percent) * 1000


async def measure_koppel(stack: LocalStack, koppel: Koppel, *, items: int) -> PlannedRun:
    """One run over so many items; what was there before is gone."""
    await load(stack.database_url("planning"), items)
    asked = {"from_date": str(FIRST), "to_date": str(FIRST + timedelta(days=DAYS))}
    pings = {
        "serve": stack.url("planning") + "/health/live",
        "work": f"http://{stack.settings.host}:{stack.settings.work_port('planning')}/health/live",
    }
    late: dict[str, list[float]] = {name: [] for name in pings}
    peak = Peak(stack.children["planning-work"].family)
    watchers = [asyncio.create_task(_ping(url, late[name])) for name, url in pings.items()]
    watchers.append(asyncio.create_task(peak.watch()))
    worker = stack.children["planning-work"]
    cpu_before, begun = cpu_s(worker.family()), time.perf_counter()
    operation = await koppel.planning.post("/requisition-worksheets/DEFAULT/calculate-plan", asked)
    ended = await _ended(koppel, operation["id"])
    seconds = time.perf_counter() - begun
    # Of a child it is known once the worker has seen it end.
    while len(worker.family()) > 1:  # noqa: ASYNC110 - a process gives no event to wait for
        await asyncio.sleep(POLL_S)
    used_s = cpu_s(worker.family()) - cpu_before
    for watcher in watchers:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
    if ended["status"] != "succeeded":
        raise RuntimeError(f"the plan failed: {ended}")
    return PlannedRun(
        items, items * LINES_PER_ITEM, seconds, ended["result"]["lines"], peak.bytes / 2**20, used_s, late
    )


async def _ended(koppel: Koppel, operation_id: str) -> Any:
    """The operation once it has ended."""
    while True:
        operation = await koppel.planning.get(f"/operations/{operation_id}")
        if operation["status"] != "running":
            return operation
        await asyncio.sleep(POLL_S)


class Peak:
    """The most memory that some processes hold together, looked at ten times a second."""

    def __init__(self, pids: Any) -> None:
        self._pids = pids
        self.bytes = 0

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.bytes = max(self.bytes, sum(map(_resident_bytes, self._pids())))
            await asyncio.sleep(0.1)


def _resident_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = next((line for line in text.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(found.split()[1]) * 1024


async def _ping(url: str, late: list[float]) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        while True:
            begun = time.perf_counter()
            await client.get(url)
            late.append(time.perf_counter() - begun)
            await asyncio.sleep(PING_S)


async def load(url: str, items: int) -> None:
    """Fill the planning database with items, stock, demand and supply; the same each time."""
    rows = _Rows(random.Random(items), items)
    connection = await asyncpg.connect(url)
    now = datetime.now(UTC)
    try:
        await connection.execute("TRUNCATE master, stock, open_line, requisition_line, copy")
        await _copy(connection, "master", _masters(items, now))
        await _copy(connection, "stock", ((no, "NORTH", 10, 0, 1, now) for no in _numbers(items)))
        await _copy(connection, "open_line", rows.open_lines())
        await _copy(connection, "copy", rows.copies(now))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


_COLUMNS: Final = {
    "master": ("kind", "no", "version", "body", "updated_at", "created_at"),
    "stock": ("item_no", "location_code", "stock", "allocated", "version", "updated_at"),
    "open_line": (
        "line_id",
        "source",
        "document_no",
        "line_no",
        "item_no",
        "location_code",
        "due_date",
        "quantity",
    ),
    "copy": ("kind", "no", "version", "body", "received_at"),
}


async def _copy(connection: asyncpg.Connection[Any], table: str, records: Iterator[Any]) -> None:
    await connection.copy_records_to_table(table, records=records, columns=_COLUMNS[table])


def _numbers(items: int) -> Iterator[str]:
    return (f"I{n:06}" for n in range(items))


def _masters(items: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    yield "location", "NORTH", 1, json.dumps({"version": 1, "code": "NORTH", "name": "North"}), now, now
    yield "requisition-worksheet", "DEFAULT", 1, json.dumps({"name": "DEFAULT", "version": 1}), now, now
    for n, no in enumerate(_numbers(items)):
        item = {"no": no, "version": 1, "vendor_no": f"V{n % 100}", "lead_time_days": 7}
        yield "item", no, 1, json.dumps(item | POLICIES[n % len(POLICIES)]), now, now


class _Rows:
    """Demand and supply of all items, in the same random order each time."""

    def __init__(self, chance: random.Random, items: int) -> None:
        self._chance = chance
        self._numbers = list(_numbers(items))
        self._supplies = [
            (no, FIRST + timedelta(days=chance.randrange(DAYS)), chance.randint(5, 40))
            for no in self._numbers
            for _ in range(LINES_PER_ITEM - DEMANDS_PER_ITEM)
        ]
        chance.shuffle(self._supplies)

    def open_lines(self) -> Iterator[tuple[Any, ...]]:
        """Sales lines, then purchase lines."""
        chance, n = self._chance, 0
        for no in self._numbers:
            for _ in range(DEMANDS_PER_ITEM):
                n += 1
                day = FIRST + timedelta(days=chance.randrange(DAYS))
                yield UUID(int=n), "sale", f"S{n:07}", 10000, no, "NORTH", day, chance.randint(1, 20)
        for i, (no, day, quantity) in enumerate(self._supplies):
            yield _line_id(i), "purchase", _order_no(i), _line_no(i), no, "NORTH", day, quantity

    def copies(self, now: datetime) -> Iterator[tuple[Any, ...]]:
        """The purchase orders of the supply."""
        for first in range(0, len(self._supplies), LINES_PER_ORDER):
            lines = tuple(
                PurchaseLine(
                    id=_line_id(first + i),
                    line_no=_line_no(first + i),
                    item_no=no,
                    quantity=Decimal(quantity),
                    unit_of_measure_code="PCS",
                    location_code="NORTH",
                    expected_receipt_date=day,
                )
                for i, (no, day, quantity) in enumerate(self._supplies[first : first + LINES_PER_ORDER])
            )
            no = _order_no(first)
            order = PurchaseOrder(
                version=1, no=no, vendor_no="V1", order_date=FIRST, status="open", lines=lines
            )
            yield "purchase-order", no, 1, msgspec.json.encode(order).decode(), now


def _line_id(n: int) -> UUID:
    return UUID(int=10**9 + n)


def _order_no(n: int) -> str:
    return f"P{n // LINES_PER_ORDER:07}"


def _line_no(n: int) -> int:
    return (n % LINES_PER_ORDER + 1) * 10000
