"""Fails a run that leaves something open: clients of Kafka, PostgreSQL and HTTP, sockets, tasks, child processes.

What is left open is closed by the garbage collector at any time, or never: it raises in another test or behind the last
one, and in a service it would be a leak.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import warnings
from asyncio.transports import BaseTransport
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import AIOKafkaConnection

IS_OPEN: Final[Mapping[type[Any], Callable[[Any], bool]]] = {
    AIOKafkaConsumer: lambda consumer: not consumer._closed,
    AIOKafkaProducer: lambda producer: not producer._closed,
    AIOKafkaAdminClient: lambda admin: admin._started and not admin._closed,
    AIOKafkaConnection: lambda connection: connection.connected(),
    asyncpg.Connection: lambda connection: not connection.is_closed(),
    httpx.AsyncClient: lambda client: not client.is_closed,
    aiohttp.ClientSession: lambda session: not session.closed,
    asyncio.StreamWriter: lambda writer: not writer.is_closing(),
    asyncio.Server: lambda server: server.is_serving(),
    asyncio.Task: lambda task: not task.done(),
    BaseTransport: lambda transport: not transport.is_closing(),
    socket.socket: lambda sock: sock.fileno() >= 0,
    subprocess.Popen: lambda process: process.poll() is None,
}
"""How each kind of resource says that it is open."""


def open_resources() -> list[str]:
    """Everything of these kinds that is open in this process."""
    found = []
    for each in gc.get_objects():
        kind = next((kind for kind in IS_OPEN if isinstance_of(each, kind)), None)
        if kind is not None and _is_open(each, kind):
            found.append(f"{kind.__name__}: {each!r}"[:300])
    return sorted(found)


def isinstance_of(each: object, kind: type[Any]) -> bool:
    """As `isinstance`, but it asks the type alone: proxies would begin to work when they are asked what they are."""
    return issubclass(type(each), kind)


def _is_open(each: Any, kind: type[Any]) -> bool:
    try:
        return IS_OPEN[kind](each)
    except (AttributeError, ReferenceError):  # made, never used
        return False


class OpenResources:
    """Looks at the end of a run, when all fixtures have been torn down."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.config.option.collectonly:
            return
        with _heard() as dropped:
            gc.collect()
        self._found = [*dropped, *open_resources()]
        if self._found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._found:
            terminalreporter.section("left open")
            terminalreporter.write_line("\n".join(self._found))


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What objects complain of when they are collected."""
    heard: list[str] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda unraisable: heard.append(f"dropped: {unraisable.exc_value!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            yield heard
    finally:
        sys.unraisablehook = before
