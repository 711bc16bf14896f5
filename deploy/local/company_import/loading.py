"""Sends a company to the running services and waits until its flagged lines hang on purchase orders.

Loading the same files again changes nothing: master data is put as it is, stock is counted for items that have none,
and orders go in under idempotency keys made of their external numbers.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.local.client import Koppel, Refused
from deploy.local.company_import import bodies
from deploy.local.company_import.bodies import LOCATION
from deploy.local.company_import.files import Tables, read_tables
from deploy.local.company_import.mapping import Table
from deploy.local.company_import.report import Report, Row, RowError

CONCURRENCY: Final = 12
JOURNAL_LINES_MAX: Final = 1_000
LINK_DEADLINE_S: Final = 120.0
PROGRESS_EVERY_S: Final = 5.0
NORTHWIND: Final = {
    "name": "Northwind Traders",
    "currency_code": "USD",
    "time_zone": "America/Los_Angeles",
}
UNDER_WAY: Final = frozenset({"awaiting_requisition", "requested", "requisitioned"})
DONE: Final = frozenset({"ordered", "partly_received", "received"})

Say = Callable[[str], None]


@dataclass
class _Import:
    koppel: Koppel
    say: Say
    report: Report
    tables: Tables
    order_nos: list[str] = field(default_factory=list)
    """Numbers of the imported sales orders."""


async def load(
    koppel: Koppel,
    directory: Path,
    mapping: dict[str, Table],
    say: Say,
    *,
    company: bool,
    deadline_s: float = LINK_DEADLINE_S,
) -> Report:
    """Import everything; what is refused stands in the report, and the others go on.

    The company that is there stays as it is unless `company` says to make it the sample's; without one it is made.
    """
    report = Report()
    work = _Import(koppel, say, report, read_tables(directory, mapping, report))
    await _set_up(work, company=company)
    await _load_masters(work)
    await _load_orders(work)
    await _wait_for_links(work, deadline_s)
    blocked = [row for row in work.tables["items"] if bodies.is_true(row, "blocked")]
    await _each(work, "blocked items", blocked, _put_item(work, blocked=True))
    return report


async def _set_up(work: _Import, *, company: bool) -> None:
    koppel = work.koppel
    if company or not await _has_company(koppel):
        await koppel.sales.put("/company", NORTHWIND)
        work.say(f"company: {NORTHWIND['name']}, {NORTHWIND['currency_code']}")
    await koppel.planning.put(f"/locations/{LOCATION}", {"name": "Main warehouse"})
    special = {"description": "Special order", "special_order": True}
    await koppel.sales.put("/purchasing-codes/SPECIAL", special)
    drop = {"description": "Drop shipment", "drop_shipment": True}
    await koppel.sales.put("/purchasing-codes/DROP", drop)
    await koppel.sales.put("/charge-codes/FREIGHT", {"description": "Freight", "tax_pct": "0"})


async def _has_company(koppel: Koppel) -> bool:
    try:
        await koppel.sales.get("/company")
    except Refused as refused:
        if refused.status != httpx.codes.NOT_FOUND:
            raise
        return False
    return True


async def _load_masters(work: _Import) -> None:
    koppel = work.koppel

    async def put_vendor(row: Row) -> None:
        await koppel.purchasing.put(f"/vendors/{row['no']}", bodies.party(row))

    async def put_customer(row: Row) -> None:
        await koppel.sales.put(f"/customers/{row['no']}", bodies.party(row))

    await _each(work, "vendors", work.tables["vendors"], put_vendor)
    await _each(work, "customers", work.tables["customers"], put_customer)
    await _each(work, "items", work.tables["items"], _put_item(work, blocked=False))
    await _open_stock(work)


def _put_item(work: _Import, *, blocked: bool) -> Callable[[Row], Awaitable[None]]:
    async def put(row: Row) -> None:
        await work.koppel.planning.put(f"/items/{row['no']}", bodies.item(row, blocked=blocked))

    return put


async def _open_stock(work: _Import) -> None:
    """Give each item that has no stock entry the figure of its file, so that loading again adds nothing."""
    there = {
        entry["item_no"] for entry in await _all(work.koppel.planning.get, "/stock", location_code=LOCATION)
    }
    counted = []
    for row in work.tables["items"]:
        try:
            quantity = bodies.number(row, "stock")
        except RowError as error:
            work.report.refuse(row, error.column, error.reason)
            continue
        if quantity > 0 and row["no"].upper() not in there:
            counted.append((row, quantity))
    for some in _chunks(counted, JOURNAL_LINES_MAX):
        await _post_journal(work, some)


async def _post_journal(work: _Import, counted: Sequence[tuple[Row, Decimal]]) -> None:
    lines = [
        {
            "item_no": row["no"],
            "location_code": LOCATION,
            "quantity": str(quantity),
            "reason": "opening stock",
        }
        for row, quantity in counted
    ]
    try:
        await work.koppel.planning.post("/item-journal", {"lines": lines})
    except Refused as refused:
        rows = [row for row, _ in counted]
        work.report.refused(rows[0], refused, {"lines": rows})


async def _load_orders(work: _Import) -> None:
    stock = {}
    for row in work.tables["items"]:
        try:
            stock[row["no"]] = bodies.number(row, "stock")
        except RowError:  # it is reported where the stock is counted
            continue
    marked = bodies.mark_lines(work.tables["sales_orders"], work.tables["sales_order_lines"], stock)
    orders = {row["external_document_no"] for row in work.tables["sales_orders"]}
    for line in work.tables["sales_order_lines"]:
        if line["external_document_no"] not in orders:
            work.report.refuse(line, "external_document_no", "no order has this number")

    async def load_one(row: Row) -> None:
        number = row["external_document_no"]
        lines = marked[number]
        try:
            order = await _post(work, "/sales-orders", bodies.sales_order(row, lines), f"order {number}")
            if order["status"] == "open":
                await _post(work, f"/sales-orders/{order['no']}/release", {}, f"release {number}")
        except Refused as refused:
            work.report.refused(row, refused, {"lines": lines})
            return
        work.order_nos.append(order["no"])
        work.report.taken["sales orders"] += 1

    await _each(work, "", work.tables["sales_orders"], load_one, title="sales orders")


async def _post(work: _Import, path: str, body: dict[str, Any], what: str) -> Any:
    """An act of sales under a key made of the row, so that a second import does nothing. Keys are ASCII."""
    key = "import-" + hashlib.sha256(what.encode()).hexdigest()[:40]
    response = await work.koppel.sales.send("POST", path, json=body, headers={"Idempotency-Key": key})
    return response.json()


async def _wait_for_links(work: _Import, deadline_s: float) -> None:
    """Wait for the flagged lines of the imported orders, and for no others."""
    mine = set(work.order_nos)
    if not mine:
        return
    end, next_word = time.monotonic() + deadline_s, 0.0
    while True:
        lines = [
            line
            for line in await _all(work.koppel.sales.get, "/sales-lines")
            if line["sales_order_no"] in mine and line["sourcing"]["state"] != "none"
        ]
        waiting = [line for line in lines if line["sourcing"]["state"] in UNDER_WAY and not _is_stuck(line)]
        if time.monotonic() >= next_word:
            work.say(f"linked to purchase orders: {len(lines) - len(waiting)} of {len(lines)} lines")
            next_word = time.monotonic() + PROGRESS_EVERY_S
        if not waiting or time.monotonic() > end:
            break
        await asyncio.sleep(0.5)
    work.report.states = Counter(line["sourcing"]["state"] for line in lines)
    work.report.unlinked = [_why(line) for line in lines if line["sourcing"]["state"] not in DONE]


def _is_stuck(line: dict[str, Any]) -> bool:
    """A line that waits for a person: it has a problem."""
    return line["sourcing"].get("problem") is not None


def _why(line: dict[str, Any]) -> str:
    sourcing = line["sourcing"]
    problem = sourcing.get("problem") or {}
    reason = f": {problem['code']}: {problem['detail']}" if problem else ""
    return f"sales order {line['sales_order_no']} line {line['line_no']} is {sourcing['state']}{reason}"


async def _all(get: Callable[..., Awaitable[Any]], path: str, **filters: Any) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await get(path, limit=500, **filters, **cursor)
        rows += page["items"]
        if not page["next_cursor"]:
            return rows
        cursor = {"cursor": page["next_cursor"]}


def _chunks(rows: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


async def _each(
    work: _Import, what: str, rows: Sequence[Row], act: Callable[[Row], Awaitable[None]], *, title: str = ""
) -> None:
    """Send rows side by side; one that is refused is reported alone. `what` counts those that were taken."""
    slots = asyncio.Semaphore(CONCURRENCY)
    done, next_word = 0, time.monotonic() + PROGRESS_EVERY_S

    async def one(row: Row) -> None:
        nonlocal done, next_word
        async with slots:
            try:
                await act(row)
            except Refused as refused:
                work.report.refused(row, refused)
            except RowError as error:
                work.report.refuse(row, error.column, error.reason)
            else:
                if what:
                    work.report.taken[what] += 1
        done += 1
        if time.monotonic() >= next_word:
            work.say(f"{what or title}: {done} of {len(rows)}")
            next_word = time.monotonic() + PROGRESS_EVERY_S

    async with asyncio.TaskGroup() as group:
        for row in rows:
            group.create_task(one(row))
    if rows:
        work.say(f"{what or title}: {len(rows)} of {len(rows)}")
