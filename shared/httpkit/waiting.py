"""Waits for rows that another process writes, without holding a connection: one poll serves all waiting callers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from httpkit import metrics

K = TypeVar("K")
V = TypeVar("V")

_PAUSE_AFTER_ERROR_S: Final = 0.25
_log = structlog.get_logger(__name__)


class _Waiter(Generic[K, V]):
    __slots__ = ("enough", "future", "keys")

    def __init__(
        self,
        keys: Collection[K],
        enough: Callable[[Mapping[K, V]], bool],
        future: asyncio.Future[Mapping[K, V]],
    ) -> None:
        self.keys = keys
        self.enough = enough
        self.future = future


class Waiters(Generic[K, V]):
    """The callers that wait for one kind of rows. `read` loads the rows of their keys, only while there are any."""

    def __init__(
        self,
        what: str,
        read: Callable[[Collection[K]], Awaitable[Mapping[K, V]]],
        *,
        interval_s: float,
        most: int,
        most_of_a_caller: int,
    ) -> None:
        self._read = read
        self._interval_s = interval_s
        self._most = most
        self._most_of_a_caller = most_of_a_caller
        self._slots: Counter[str] = Counter()
        self._waiting: set[_Waiter[K, V]] = set()
        self._poller: asyncio.Task[None] | None = None
        self._gauge = metrics.WAITERS.labels(what)

    @property
    def taken(self) -> int:
        """How many requests have a slot."""
        return self._slots.total()

    @contextmanager
    def slot(self, caller: str) -> Iterator[bool]:
        """A caller's right to wait, False if all slots, or the caller's share of them, are taken.

        Without the share one caller could take all slots, and no other could wait.
        """
        if self.taken >= self._most or self._slots[caller] >= self._most_of_a_caller:
            yield False
            return
        self._slots[caller] += 1
        self._gauge.inc()
        try:
            yield True
        finally:
            self._slots[caller] -= 1
            self._gauge.dec()
            if not self._slots[caller]:
                del self._slots[caller]  # callers come and go; the table must not grow

    async def until(
        self, keys: Collection[K], enough: Callable[[Mapping[K, V]], bool], timeout_s: float
    ) -> Mapping[K, V] | None:
        """The rows as soon as they are `enough`; None if they are not in time (or cannot be read)."""
        loop = asyncio.get_running_loop()
        waiter: _Waiter[K, V] = _Waiter(keys, enough, loop.create_future())
        self._waiting.add(waiter)
        if self._poller is None:
            self._poller = loop.create_task(self._poll())
        try:
            async with asyncio.timeout(timeout_s):
                return await waiter.future
        except TimeoutError:
            return None
        finally:
            self._waiting.discard(waiter)

    async def _poll(self) -> None:
        try:
            while self._waiting:  # noqa: ASYNC110 - what changes is in the database, not in this process
                await asyncio.sleep(await self._look())
        finally:
            self._poller = None

    async def _look(self) -> float:
        """Read once and answer the callers that have enough; returns how long to pause, in seconds."""
        keys = {key for waiter in self._waiting for key in waiter.keys}
        try:
            rows = await self._read(keys)
        except (SQLAlchemyError, OSError, TimeoutError) as e:
            _log.warning("cannot read what callers wait for", error=repr(e))
            return _PAUSE_AFTER_ERROR_S
        for waiter in tuple(self._waiting):
            if not waiter.future.done() and waiter.enough(rows):
                waiter.future.set_result(rows)
        return self._interval_s

    async def close(self) -> None:
        """Stop polling; callers that still wait get an answer from their own time-out."""
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
