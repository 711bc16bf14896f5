"""Where the time goes: py-spy on every Python process, and PostgreSQL's own statistics of its statements."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Final

import asyncpg
from rich.table import Table

from deploy.local.children import Child
from deploy.local.stack import LocalStack
from tests.performance.screen import console

RATE_HZ: Final = 97
SHOWN: Final = 25
OURS: Final = (
    "contracts",
    "eventkit",
    "servicekit",
    "httpkit",
    "sales",
    "purchasing",
    "planning",
    "pos_gateway",
)
STARTERS: Final = ("servicekit/cli.py", "__main__.py")
WAITING: Final = ("Runner.run (asyncio", "run (uvloop")
TOP_STATEMENTS: Final = """
SELECT d.datname, s.calls, s.rows, s.total_exec_time + s.total_plan_time AS total_ms,
       regexp_replace(s.query, '\\s+', ' ', 'g') AS query
FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
ORDER BY total_ms DESC LIMIT 25
"""


async def track_statements(stack: LocalStack, *, on: bool) -> None:
    """PostgreSQL counts statements only while somebody looks: it costs a little, in the floor too."""
    connection = await asyncpg.connect(stack.admin_url())
    if "pg_stat_statements" in await connection.fetchval("SHOW shared_preload_libraries"):
        await connection.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{'all' if on else 'none'}'")
        await connection.execute(
            f"ALTER SYSTEM SET pg_stat_statements.track_planning = '{'on' if on else 'off'}'"
        )
        await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


@asynccontextmanager
async def profile(stack: LocalStack, directory: Path, seconds: float) -> AsyncIterator[None]:
    """Observe the services for about `seconds`; prints the top of each and leaves folded stacks in `directory`."""
    await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
    services = {n: c for n, c in stack.children.items() if n not in {"postgres", "kafka"}}
    admin = await asyncpg.connect(stack.admin_url("sales"))
    await admin.execute("SELECT pg_stat_statements_reset()")
    recorders = await _record(services, directory, seconds)
    yield
    await asyncio.gather(*(recorder.wait() for recorder in recorders))
    for name in services:
        _print_functions(name, directory / f"{name}.folded")
    _print_statements(await admin.fetch(TOP_STATEMENTS))
    await admin.close()


async def _record(
    services: Mapping[str, Child], directory: Path, seconds: float
) -> list[asyncio.subprocess.Process]:
    py_spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy"
    options = ["--format", "raw", "--rate", str(RATE_HZ), "--duration", str(round(seconds)), "--nonblocking"]
    return [
        await asyncio.create_subprocess_exec(
            py_spy,
            "record",
            *options,
            "--pid",
            str(child.pid),
            "--output",
            str(directory / f"{name}.folded"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        for name, child in services.items()
    ]


def _stacks(folded: Path) -> Iterator[tuple[list[str], int]]:
    """Stacks that were at work; an event loop that waits looks busy to py-spy and ends in one of `WAITING`."""
    for line in folded.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if frames[-1] and not frames[-1].startswith(WAITING):
            yield frames, int(count)


def _print_functions(name: str, folded: Path) -> None:
    if not folded.exists():
        console.print(f"{name}: py-spy wrote nothing")
        return
    own, inclusive, samples = Counter[str](), Counter[str](), 0
    for stack, count in _stacks(folded):
        samples += count
        own[stack[-1]] += count
        for function in {without_line(frame) for frame in stack if is_ours(frame)}:
            inclusive[function] += count
    table = Table("own %", "line", "with callees %", "function", title=f"{name}: {samples} samples at work")
    for (leaf, leaf_count), (function, function_count) in zip_longest(
        own.most_common(SHOWN), inclusive.most_common(SHOWN), fillvalue=("", 0)
    ):
        table.add_row(f"{leaf_count / samples:.1%}", leaf, f"{function_count / samples:.1%}", function)
    console.print(table)


def is_ours(frame: str) -> bool:
    """Whether a frame belongs to Koppel and not to a library; what only starts a process says nothing."""
    return any(f"({package}/" in frame for package in OURS) and not any(name in frame for name in STARTERS)


def without_line(frame: str) -> str:
    """A frame without its line number."""
    return frame.rpartition(":")[0] + ")"


def _print_statements(rows: list[asyncpg.Record]) -> None:
    table = Table("database", "calls", "rows", "total ms", "µs per call", "statement", title="PostgreSQL")
    for row in rows:
        mean_us = row["total_ms"] / row["calls"] * 1000
        figures = f"{row['calls']}", f"{row['rows']}", f"{row['total_ms']:.0f}", f"{mean_us:.0f}"
        table.add_row(row["datname"], *figures, row["query"][:110])
    console.print(table)
