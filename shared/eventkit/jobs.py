"""Work that a service does at intervals, one active instance per service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from eventkit.transaction import Database

Interval = float | Callable[[Database], Awaitable[float]]


@dataclass(eq=False)
class Job:
    """Something to do every `interval_s` seconds (a fraction is fine; 0: only by hand).

    `run` must bear being run twice at the same time: a lease can be lost while it works. It takes its own
    transactions. An exception is logged and counted, the next run comes at the next interval.
    """

    name: str
    run: Callable[[Database], Awaitable[None]]
    interval_s: Interval
    _wake: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def wake(self) -> None:
        """Run as soon as possible, if the job's lease is in this process. Fit for `tx.after_commit`."""
        self._wake.set()
