"""`make demo`: the main flows, played through the HTTP APIs of a stack of its own, on sample data."""

from __future__ import annotations

import asyncio
import platform
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from deploy.local import screen
from deploy.local.client import Koppel
from deploy.local.demo import flows
from deploy.local.demo.flows import Story
from deploy.local.demo.sample import Till, load_company, open_shop
from deploy.local.settings import SERVICES, settings_on_free_ports
from deploy.local.stack import LocalStack

T = TypeVar("T")
TABLE_WIDTH = 150
"""The table of links needs this width; outside a terminal there is no width to read."""
console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console = Console(highlight=False, soft_wrap=True, width=TABLE_WIDTH)


async def play() -> None:
    """Start a stack on free ports in a temporary directory, play the flows, print the links, stop everything."""
    directory = Path(tempfile.mkdtemp(prefix="koppel-demo-"))
    playing = asyncio.create_task(_play_in(directory))
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, playing.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await playing
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _play_in(directory: Path) -> None:
    begun = time.monotonic()
    settings = settings_on_free_ports(directory)
    console.print(
        f"Koppel demo on Python {platform.python_version()}: starting Kafka, PostgreSQL and four services"
    )
    async with LocalStack(settings, supervised=True, report=screen.say) as stack:
        urls = {name: stack.url(name) for name in SERVICES}
        async with Koppel(urls, stack.token()) as koppel:
            await _step("Sample company", lambda: load_company(koppel))
            tills = [
                await open_shop(koppel, store_no="HH1", asynchronous=True),
                await open_shop(koppel, store_no="HH2", asynchronous=False),
            ]
            stories = [await _step(title, act) for title, act in _acts(koppel, *tills)]
    _print_links(stories)
    console.print(f"Everything stopped. The demo took {time.monotonic() - begun:.0f} s.")


def _acts(koppel: Koppel, till: Till, waiting_till: Till) -> list[tuple[str, Callable[[], Awaitable[Story]]]]:
    return [
        ("1  Special order, automatic", lambda: flows.special_order(koppel)),
        ("1  Special order, by hand", lambda: flows.special_order_by_hand(koppel)),
        ("2  Drop shipment, posted in sales", lambda: flows.drop_shipment(koppel)),
        ("2  Drop shipment, from the purchase side", lambda: flows.drop_shipment_from_purchasing(koppel)),
        ("3  Mixed order, several vendors", lambda: flows.mixed_order(koppel)),
        ("4  Till, asynchronous", lambda: flows.pos_asynchronous(koppel, till, 1)),
        ("4  Till, synchronous", lambda: flows.pos_synchronous(koppel, waiting_till, 1)),
    ]


async def _step(title: str, act: Callable[[], Awaitable[T]]) -> T:
    begun = time.perf_counter()
    console.print(f"  … {title}", end="\r")
    result = await act()
    console.print(f"  [green]done[/green] {title} ({(time.perf_counter() - begun) * 1000:.0f} ms)      ")
    return result


def _print_links(stories: list[Story]) -> None:
    table = Table(title="What was linked to what", title_justify="left")
    for column in ("flow", "sales line", "item", "method", "qty", "purchase order", "vendor", "state"):
        table.add_column(column, overflow="fold")
    for column in ("shipped", "invoiced", "ms to link"):
        table.add_column(column, justify="right")
    for story in stories:
        _add_story(table, story)
    console.print(table)
    for story in stories:
        documents = ", ".join(f"{kind} {no}" for kind, no in story.documents if no)
        console.print(f"{story.title}: {documents}")


def _add_story(table: Table, story: Story) -> None:
    took = f"{story.release_to_link_ms:.0f}" if story.release_to_link_ms is not None else ""
    for index, link in enumerate(story.links):
        table.add_row(
            "" if index else story.title,
            f"{link['sales_order_no']}/{link['line_no']}",
            link["item_no"],
            link["method"],
            str(link["quantity"]),
            link["purchase_order_no"],
            link["vendor_no"],
            link["state"],
            str(link["shipped"]),
            str(link["invoiced"]),
            "" if index else took,
        )
    table.add_section()
