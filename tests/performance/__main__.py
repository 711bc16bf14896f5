"""`python -m tests.performance` (`make bench`): one PostgreSQL, one Kafka; figures go into the documents."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop

from deploy.local.settings import ROOT, settings_on_free_ports
from deploy.local.stack import LocalStack
from tests.performance.bench import INTERVAL_S, PARTS, SUBJECTS, Bench, Plan
from tests.performance.harness import Machine
from tests.performance.load import WINDOW_S
from tests.performance.report import Report
from tests.performance.screen import console

DOCUMENT: Final = ROOT / "docs" / "performance" / "latest.md"
SEED: Final = 1
"""Of the pauses between single orders."""
FULL: Final = os.environ.get("FULL") == "1"


def main(
    *,
    seconds: Annotated[float, typer.Option(help="How long W1, W2, W4 and W5 post.")] = 60 if FULL else 20,
    orders: Annotated[int, typer.Option(help="How many orders W3 times.")] = 200,
    tills: Annotated[int, typer.Option(help="Tills that post side by side in W1.")] = 32,
    only: Annotated[list[str] | None, typer.Option(help="w1 to w7, floor or koppel; several times.")] = None,
    profile: Annotated[bool, typer.Option("--profile", help="Show where Koppel's time goes in W1.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep data and logs of the stack.")] = False,
) -> None:
    """Measure W1 to W7 of Koppel beside the floor, on a stack of its own.

    A whole run (no --only, no --profile) writes docs/performance/latest.md, any other one prints its figures.
    """
    chosen = frozenset(only or ())
    if unknown := chosen - PARTS - SUBJECTS:
        raise typer.BadParameter(f"unknown: {', '.join(unknown)}")
    parts, subjects = chosen & PARTS or PARTS, chosen & SUBJECTS or SUBJECTS
    plan = Plan(
        parts,
        subjects,
        seconds=seconds,
        orders=orders,
        tills=tills,
        profiled=profile,
        items=(1_000, 10_000, 100_000) if FULL else (1_000, 10_000),
    )
    random.seed(SEED)
    report = uvloop.run(measured(plan, keep=keep))
    if chosen or profile:
        console.print(report.markdown(), markup=False)
        return
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(report.markdown())
    console.print(f"Written: {DOCUMENT.relative_to(ROOT)}")


async def measured(plan: Plan, *, keep: bool) -> Report:
    """Start PostgreSQL and Kafka in a temporary directory, measure, stop everything."""
    directory = Path(tempfile.mkdtemp(prefix="koppel-bench-"))
    task = asyncio.current_task()
    assert task is not None
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, task.cancel)
    try:
        stack_settings = settings_on_free_ports(directory)
        async with LocalStack(stack_settings, services=(), report=console.print) as stack:
            report = Report(await Machine.describe(stack), described(plan, stack))
            await Bench(stack, plan, report).run()
            return report
    finally:
        if keep:
            console.print(f"Data and logs: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def described(plan: Plan, stack: LocalStack) -> dict[str, str]:
    """The settings that a figure depends on."""
    return {
        "seed": str(SEED),
        "seconds": f"{plan.seconds:g}",
        "tills": str(plan.tills),
        "orders under way at most": f"{WINDOW_S} s of the rate",
        "pull and synchronization every": f"{INTERVAL_S} s",
        "partitions": str(stack.settings.partitions),
        "fsync and synchronous_commit": "on",
        "acks": "all",
    }


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
