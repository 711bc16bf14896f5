"""Runs the tasks of a process together: when one ends, all end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any

import structlog
import uvicorn

from eventkit.errors import ConfigurationError

EXIT_FAILED = 1
GC_THRESHOLD = 50_000
"""New objects between two runs of the garbage collector. A batch makes tens of thousands that live until its end: at
Python's default of 700 it would run a hundred times during the batch, for nothing."""
_BACKLOG = 2048
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


class HttpServer(uvicorn.Server):
    """uvicorn as one task among others on a socket that listens already; the runner handles the signals."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config)
        self._listening = listening

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no signal handlers."""
        yield

    async def run_until_cancelled(self) -> None:
        """Serve; when cancelled, finish the requests under way."""
        serving = asyncio.create_task(self.serve([self._listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.should_exit = True
            await serving
            raise


def http_server(app: Any, listening: socket.socket, stop_deadline_s: float) -> HttpServer:
    """An HTTP server for an ASGI application; access logs are the application's own."""
    return HttpServer(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nothing here asks for a client's address
            timeout_graceful_shutdown=max(1, int(stop_deadline_s) - 1),
        ),
        listening,
    )


def listen(host: str, port: int, variable: str) -> socket.socket:
    """A listening socket. Raises ConfigurationError that names the setting when the port is taken.

    Taken before anything else starts: the server's own attempt would end the process in the middle of its tasks.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as e:
        reason = os.strerror(e.errno).lower() if e.errno else str(e)
        raise ConfigurationError(f"cannot listen on {host}:{port}, {reason}; set {variable}") from e


async def freeze_after_start(delay_s: float = 2.0) -> None:
    """Exclude the objects made at start, which stay, from garbage collection, and let it run less often."""
    await asyncio.sleep(delay_s)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    await asyncio.Event().wait()
