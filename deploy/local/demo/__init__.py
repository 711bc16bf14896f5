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

from deploy.local import screen
from deploy.local.client import Koppel
from deploy.local.demo import corrections, flows, tills
from deploy.local.demo.links import linked_lines
from deploy.local.demo.sample import Till, load_company, open_shop
from deploy.local.demo.steps import Story
from deploy.local.settings import SERVICES, settings_on_free_ports
from deploy.local.stack import LocalStack

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)
NEXT_STEPS = """
What to do next:
  make run                  the same stack, kept running; each service has /docs
  docs/getting-started.md   a special order by hand, with curl
  make load-northwind       a company of your own from CSV files: docs/csv-import.md"""


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
            shops = [
                await open_shop(koppel, store_no="HH1", asynchronous=True),
                await open_shop(koppel, store_no="HH2", asynchronous=False),
            ]
            stories = [await _step(title, act) for title, act in _acts(koppel, *shops)]
    for line in linked_lines(stories):
        console.print(line, markup=False)
    console.print(
        f"Everything stopped. The demo took {time.monotonic() - begun:.0f} s.", NEXT_STEPS, sep="\n"
    )


def _acts(koppel: Koppel, till: Till, waiting_till: Till) -> list[tuple[str, Callable[[], Awaitable[Story]]]]:
    return [
        ("1  Special order, automatic", lambda: flows.special_order(koppel)),
        ("1  Special order, by hand", lambda: flows.special_order_by_hand(koppel)),
        ("1  Special order that changes", lambda: flows.changed_order(koppel)),
        ("2  Drop shipment, posted in sales", lambda: flows.drop_shipment(koppel)),
        ("2  Drop shipment, from the purchase side", lambda: flows.drop_shipment_from_purchasing(koppel)),
        ("3  Mixed order, several vendors", lambda: flows.mixed_order(koppel)),
        ("3  Purchase for a sale, by a proposal", lambda: corrections.purchase_for_a_sale(koppel)),
        ("3  Drop shipment, taken back and sent again", lambda: corrections.undone_shipment(koppel)),
        ("3  Drop shipment, closed short", lambda: corrections.closed_short(koppel)),
        ("4  Till, asynchronous", lambda: tills.pos_asynchronous(koppel, till, 1)),
        ("4  Till, synchronous", lambda: tills.pos_synchronous(koppel, waiting_till, 1)),
        ("4  Till, from the quote to the return", lambda: tills.from_quote_to_return(koppel, till)),
    ]


async def _step(title: str, act: Callable[[], Awaitable[T]]) -> T:
    begun = time.perf_counter()
    if console.is_terminal:  # in a file or a log each step is one line
        console.print(f"  … {title}", end="\r")
    result = await act()
    console.print(f"  [green]done[/green] {title} ({(time.perf_counter() - begun) * 1000:.0f} ms)")
    return result
