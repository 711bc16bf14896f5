"""Progress of the measurements on the terminal, redrawn seldom: drawing takes the same two cores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.performance import w1, w3
from tests.performance.load import Outcome

console: Final = Console(highlight=False, soft_wrap=True)


@contextmanager
def _progress(title: str, total: float) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, refresh_per_second=2, transient=True) as progress:
        progress.add_task(title, total=total, note="")
        yield progress


@contextmanager
def shown_seconds(title: str, seconds: float) -> Iterator[w1.Show]:
    """Progress of a load: warm-up and measured seconds, with what is posted and linked."""
    with _progress(title, w1.WARM_UP_S + seconds) as progress:
        task = progress.tasks[0]

        def show(outcome: Outcome) -> None:
            note = f"{outcome.posted} posted, {outcome.linked} linked"
            progress.update(task.id, completed=min(task.total or 0, task.elapsed or 0), note=note)

        yield show


@contextmanager
def shown_count(title: str, total: int) -> Iterator[w3.Show]:
    """Progress of single orders."""
    with _progress(title, total) as progress:
        task = progress.tasks[0]
        yield lambda done: progress.update(task.id, completed=done, note=f"{done} of {total}")
