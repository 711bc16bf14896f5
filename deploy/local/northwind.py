"""`make load-northwind DIR=…`: imports a company from CSV files in the columns of the Northwind sample.

Customers, vendors, items with their opening stock, and sales orders, which are released. What the shelf
cannot serve is marked by purchasing codes: the import sells the opening stock order by order, a line that it no
longer covers becomes a special order, and one of `BULK_QUANTITY` and more a drop shipment. A `purchasing_code`
column in `sales_order_lines.csv` is taken instead where there is one. Items marked as blocked in the file are
blocked at the end: their orders are history and must still be procured.

Loading the same directory again changes nothing: orders go in under idempotency keys made of their external
numbers.
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel import Locale
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.local.client import Koppel, Refused, until

LOCATION = "MAIN"
CURRENCY = "USD"
BULK_QUANTITY = Decimal(60)
"""From this quantity on a vendor ships straight to the customer, in the line's unit."""
CONCURRENCY = 12
LINK_DEADLINE_S = 120
FILES = ("customers", "vendors", "items", "sales_orders", "sales_order_lines")
COUNTRY_ALIASES = {"UK": "GB", "USA": "US"}
FLAGGED_STATES = ("ordered", "partly_received", "received")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of the five files."""

    customers: list[Row]
    vendors: list[Row]
    items: list[Row]
    sales_orders: list[Row]
    sales_order_lines: list[Row]

    @classmethod
    def read(cls, directory: Path) -> Source:
        """All files of the directory; raises `FileNotFoundError` naming what is missing."""
        missing = [f"{name}.csv" for name in FILES if not (directory / f"{name}.csv").is_file()]
        if missing:
            message = f"{directory} has no {', '.join(missing)}"
            raise FileNotFoundError(message)
        return cls(*(_rows(directory / f"{name}.csv") for name in FILES))


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mark_lines(
    orders: Sequence[Row], lines: Sequence[Row], stock: dict[str, Decimal]
) -> dict[str, list[Row]]:
    """The lines by order, each with a `purchasing_code` ("" where the shelf serves it), in the orders' order."""
    left = defaultdict(Decimal, stock)
    by_order: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        by_order[line["external_document_no"]].append(line)
    return {
        order["external_document_no"]: [
            line | {"purchasing_code": line.get("purchasing_code") or _code_for(line, left)}
            for line in by_order[order["external_document_no"]]
        ]
        for order in orders
    }


def _code_for(line: Row, left: dict[str, Decimal]) -> str:
    quantity = Decimal(line["quantity"])
    if quantity >= BULK_QUANTITY:
        return "DROP"
    if quantity > left[line["item_no"]]:
        return "SPECIAL"
    left[line["item_no"]] -= quantity
    return ""


def country_code(name: str) -> str:
    """ISO 3166 code of a country's English name; what is not known stays empty."""
    territories = {str(title): code for code, title in Locale("en").territories.items() if code.isalpha()}
    return COUNTRY_ALIASES.get(name) or territories.get(name, "")


async def load(koppel: Koppel, directory: Path, console: Console) -> Counter[str]:
    """Import everything and wait until every flagged line hangs on a purchase order; counts by sourcing state."""
    source = Source.read(directory)
    with Progress(
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        await _load_masters(koppel, source, progress)
        await _load_orders(koppel, source, progress)
        counts = await _wait_for_links(koppel, progress)
        await _each(
            progress,
            "blocked items",
            [r for r in source.items if r["blocked"] == "t"],
            _item(koppel, blocked=True),
        )
    return counts


def report(counts: Counter[str], console: Console) -> None:
    """How many sales lines ended in which sourcing state."""
    table = Table("sourcing state", "lines", title="Sales lines")
    for state, count in sorted(counts.items()):
        table.add_row(state, str(count))
    console.print(table)


async def _load_masters(koppel: Koppel, source: Source, progress: Progress) -> None:
    await koppel.sales.put(
        "/company",
        {"name": "Northwind Traders", "currency_code": CURRENCY, "time_zone": "America/Los_Angeles"},
    )
    await koppel.planning.put(f"/locations/{LOCATION}", {"name": "Main warehouse"})
    await koppel.sales.put(
        "/purchasing-codes/SPECIAL", {"description": "Special order", "special_order": True}
    )
    await koppel.sales.put("/purchasing-codes/DROP", {"description": "Drop shipment", "drop_shipment": True})
    await koppel.sales.put("/charge-codes/FREIGHT", {"description": "Freight", "tax_pct": "0"})
    await _each(
        progress, "vendors", source.vendors, lambda r: koppel.purchasing.put(f"/vendors/{r['no']}", _party(r))
    )
    await _each(
        progress,
        "customers",
        source.customers,
        lambda r: koppel.sales.put(f"/customers/{r['no']}", _party(r)),
    )
    await _each(progress, "items", source.items, _item(koppel, blocked=False))
    await _opening_stock(koppel, source)


async def _opening_stock(koppel: Koppel, source: Source) -> None:
    """Brings the stock to the file's figure, so that loading again adds nothing."""
    stock = await koppel.planning.get("/stock", location_code=LOCATION, limit=500)
    there = {entry["item_no"]: Decimal(entry["stock"]) for entry in stock["items"]}
    lines = [
        {"item_no": r["no"], "location_code": LOCATION, "quantity": r["stock"], "reason": "opening stock"}
        for r in source.items
        if Decimal(r["stock"]) > 0 and r["no"] not in there
    ]
    if lines:
        await koppel.planning.post("/item-journal", {"lines": lines})


async def _load_orders(koppel: Koppel, source: Source, progress: Progress) -> None:
    stock = {r["no"]: Decimal(r["stock"]) for r in source.items}
    marked = mark_lines(source.sales_orders, source.sales_order_lines, stock)

    async def load_one(row: Row) -> None:
        key = row["external_document_no"]
        order = await _post(koppel, "/sales-orders", _order(row, marked[key]), f"csv-order-{key}")
        if order["status"] == "open":
            await _post(koppel, f"/sales-orders/{order['no']}/release", {}, f"csv-release-{key}")

    await _each(progress, "sales orders", source.sales_orders, load_one)


async def _post(koppel: Koppel, path: str, body: dict[str, Any], key: str) -> Any:
    """An act of sales under a key made of the row, so that a second import does nothing."""
    response = await koppel.sales.send("POST", path, json=body, headers={"Idempotency-Key": key})
    return response.json()


def _order(row: Row, lines: Iterable[Row]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "customer_no": row["customer_no"],
        "external_document_no": row["external_document_no"],
        "order_date": row["order_date"],
        "requested_delivery_date": row["requested_delivery_date"] or None,
        "location_code": LOCATION,
        "ship_to": {
            "name": row["ship_to_name"],
            "address": row["ship_to_address"],
            "city": row["ship_to_city"],
            "region": row["ship_to_region"],
            "post_code": row["ship_to_post_code"],
            "country_code": country_code(row["ship_to_country"]),
        },
        "lines": [
            {
                "item_no": line["item_no"],
                "quantity": line["quantity"],
                "unit_price": line["unit_price"],
                "line_discount_pct": line["line_discount_pct"],
            }
            | ({"purchasing_code": line["purchasing_code"]} if line["purchasing_code"] else {})
            for line in lines
        ],
    }
    if Decimal(row["freight"] or 0) > 0:
        body["lines"].append(
            {"type": "charge", "charge_code": "FREIGHT", "quantity": "1", "unit_price": row["freight"]}
        )
    return body


def _party(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "address": row["address"],
        "city": row["city"],
        "region": row["region"],
        "post_code": row["post_code"],
        "country_code": country_code(row["country"]),
        "contact": row["contact"],
        "phone": row["phone"],
        "currency_code": CURRENCY,
    }


def _item(koppel: Koppel, *, blocked: bool) -> Callable[[Row], Awaitable[Any]]:
    def put(row: Row) -> Awaitable[Any]:
        return koppel.planning.put(
            f"/items/{row['no']}",
            {
                "description": f"{row['description']} ({row['quantity_per_unit']})",
                "base_unit_of_measure": "PCS",
                "vendor_no": row["vendor_no"],
                "unit_price": row["unit_price"],
                "reorder_point": row["reorder_point"],
                "blocked": blocked,
            },
        )

    return put


async def _wait_for_links(koppel: Koppel, progress: Progress) -> Counter[str]:
    task = progress.add_task("linked lines", total=None)

    async def counts() -> Counter[str]:
        found: Counter[str] = Counter()
        cursor = ""
        while True:
            page = await koppel.sales.get("/sales-lines", limit=500, **({"cursor": cursor} if cursor else {}))
            found.update((line.get("sourcing") or {}).get("state", "none") for line in page["items"])
            cursor = page.get("next_cursor") or ""
            if not cursor:
                break
        flagged = sum(n for state, n in found.items() if state != "none")
        progress.update(task, total=flagged, completed=sum(found[s] for s in FLAGGED_STATES))
        return found

    try:
        return await until(
            counts,
            lambda found: not any(found[s] for s in ("awaiting_requisition", "requisitioned", "requested")),
            deadline_s=LINK_DEADLINE_S,
            every_s=0.5,
        )
    except TimeoutError:
        return await counts()


async def _each(
    progress: Progress, title: str, rows: Sequence[Row], act: Callable[[Row], Awaitable[Any]]
) -> None:
    task = progress.add_task(title, total=len(rows))
    lane = asyncio.Semaphore(CONCURRENCY)

    async def one(row: Row) -> None:
        async with lane:
            try:
                await act(row)
            except Refused as refused:
                progress.console.print(f"[red]{title}[/red]: {refused}")
        progress.advance(task)

    async with asyncio.TaskGroup() as group:
        for row in rows:
            group.create_task(one(row))
