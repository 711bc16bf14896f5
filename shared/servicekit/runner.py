"""Runs the tasks of a process together: when one ends, all end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Mapping

import structlog

from eventkit.errors import ConfigurationError, RebuildNeededError

EXIT_FAILED = 1
GC_THRESHOLD = 50_000
"""New objects between two runs of the garbage collector. A batch makes tens of thousands that live until its end: at
Python's default of 700 it would run a hundred times during the batch, for nothing."""
_log = structlog.get_logger(__name__)


class _StopError(Exception):
    """The process was asked to end."""


async def run_together(tasks: Mapping[str, Callable[[], Awaitable[None]]], stop_deadline_s: float) -> int:
    """Run all until SIGTERM or SIGINT (exit status 0) or until one ends (1).

    A dead task ends its process, and a supervisor restarts it. Tasks that do not stop within the deadline are ended by
    a hard exit, which is as safe.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)

    async def until_stopped() -> None:
        await stop.wait()
        _log.info("stopping")
        raise _StopError

    status = EXIT_FAILED
    try:
        async with asyncio.TaskGroup() as group:
            stopper = group.create_task(until_stopped(), name="stop")
            running = [group.create_task(_mortal(name, task), name=name) for name, task in tasks.items()]
            for task in (stopper, *running):
                task.add_done_callback(lambda _: _exit_after(loop, stop_deadline_s))
    except* _StopError:
        status = 0
    except* Exception:  # noqa: BLE001 - logged where it happened
        status = EXIT_FAILED
    return status


async def _mortal(name: str, task: Callable[[], Awaitable[None]]) -> None:
    try:
        await task()
    except asyncio.CancelledError:
        raise
    except (ConfigurationError, RebuildNeededError) as e:  # for an operator, whom a traceback does not help
        _log.error("a task ends its process", task=name, error=str(e))
        raise
    except Exception:
        _log.exception("a task died, its process ends", task=name)
        raise
    _log.error("a task ended, its process ends", task=name)
    raise RuntimeError(name)


def _exit_after(loop: asyncio.AbstractEventLoop, deadline_s: float) -> None:
    def leave() -> None:
        _log.error("not stopped in time")
        os._exit(EXIT_FAILED)

    loop.call_later(deadline_s, leave)


async def freeze_after_start(delay_s: float = 2.0) -> None:
    """Exclude the objects made at start, which stay, from garbage collection, and let it run less often."""
    await asyncio.sleep(delay_s)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    await asyncio.Event().wait()
