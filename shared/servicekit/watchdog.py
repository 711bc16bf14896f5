"""Ends a process whose event loop stands still: a hanging process is worth less than one that is started again."""

from __future__ import annotations

import asyncio
import faulthandler
from typing import Final

from prometheus_client import Histogram

LOOP_LAG: Final = Histogram(
    "koppel_event_loop_lag_seconds",
    "How much later than asked the event loop runs a task",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
TICK_S: Final = 0.5


async def watch_loop(hang_timeout_s: float) -> None:
    """Tick until cancelled; if no tick comes for so long, the process ends with the stacks of its threads on stderr.

    The timer is a thread of the interpreter that needs no lock of it: it fires also while an extension hangs. A process
    that was stopped by a signal for longer ends when it goes on. 0: never.
    """
    loop = asyncio.get_running_loop()
    try:
        while True:
            if hang_timeout_s:
                faulthandler.dump_traceback_later(hang_timeout_s, exit=True)
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            LOOP_LAG.observe(max(0.0, loop.time() - due))
    finally:
        faulthandler.cancel_dump_traceback_later()
