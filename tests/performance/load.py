"""The load generator: tills post one order after the other, and what is linked is counted.

One process, no HTTP library: a request is a few bytes put together, an answer is its status and its length. Its
own CPU time is reported with the others'.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, cast
from uuid import uuid4

from tests.performance import orders

SMALLEST_WINDOW: Final = 100
WINDOW_S: Final = 1.8
"""At most so many seconds' worth of orders is under way: the sustained rate shows, not a growing backlog, and
nothing is pending 2 s after the last POST."""
COUNT_INTERVAL_S: Final = 0.1
DRAIN_DEADLINE_S: Final = 30.0
ANSWER_TIMEOUT_S: Final = 30.0


class UnexpectedAnswer(Exception):  # noqa: N818 - the run ends with it
    """The order was not accepted; the message is the status and the body."""


class Connection(asyncio.Protocol):
    """HTTP/1.1 over one connection, one request at a time; answers must say their length."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    async def request(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < content_length(head):
            return
        self._received = b""
        if self._answer and not self._answer.done():
            self._answer.set_result((int(head[9:12]), body))

    def close(self) -> None:
        self._transport.close()


def content_length(head: bytes) -> int:
    """The announced length of the body."""
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])


async def connect(host: str, port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


@dataclass(frozen=True, slots=True)
class Till:
    """A terminal with a worker signed on."""

    terminal_no: str
    token: str
    store_no: str = orders.STORE
    sequences: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def request(self) -> bytes:
        """The next order of this terminal, under a key of its own."""
        body = orders.post_body(self.store_no, self.terminal_no, next(self.sequences))
        return b"%b%d\r\nIdempotency-Key: %b\r\n\r\n%b" % (
            self._head(),
            len(body),
            uuid4().hex.encode(),
            body,
        )

    def _head(self) -> bytes:
        return (
            b"POST /v1/customer-orders HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + self.token.encode() + b"\r\nContent-Length: "
        )


@dataclass(slots=True)
class Outcome:
    """What a run of the load gave."""

    posted: int = 0
    linked: int = 0
    posting_s: float = 0.0
    drain_s: float = 0.0
    """Seconds from the last POST until the last order was linked."""
    latencies_s: list[float] = field(default_factory=list)

    @property
    def orders_per_s(self) -> float:
        """Linked orders over the seconds from the first POST until the last link stood."""
        return self.linked / (self.posting_s + self.drain_s)


class Load:
    """Tills post with a bounded number of orders under way; `linked` counts the finished ones of all time."""

    def __init__(
        self, address: tuple[str, int], tills: list[Till], linked: Callable[[], Awaitable[int]]
    ) -> None:
        self._address = address
        self._tills = tills
        self._count = linked
        self._window = SMALLEST_WINDOW
        self.outcome = Outcome()
        self._progress = asyncio.Event()

    async def run(self, seconds: float, show: Callable[[Outcome], None] = lambda _: None) -> Outcome:
        """Post for `seconds`, then wait until all is linked; raises `TimeoutError` if that does not come."""
        self.outcome = outcome = Outcome()
        self._before = await self._count()
        begun = time.perf_counter()
        counting = asyncio.create_task(self._keep_counting(show))
        try:
            async with asyncio.TaskGroup() as posting:
                for till in self._tills:
                    posting.create_task(self._post(till, begun + seconds))
            outcome.posting_s = time.perf_counter() - begun
            async with asyncio.timeout(DRAIN_DEADLINE_S):
                while outcome.linked < outcome.posted:
                    await self._wait_for_progress()
            outcome.drain_s = time.perf_counter() - begun - outcome.posting_s
        finally:
            counting.cancel()
        return outcome

    async def _post(self, till: Till, until: float) -> None:
        connection = await connect(*self._address)
        outcome = self.outcome
        try:
            while (sent := time.perf_counter()) < until:
                if outcome.posted - outcome.linked >= self._window:
                    await self._wait_for_progress()
                    continue
                outcome.posted += 1
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    status, body = await connection.request(till.request())
                if status != 202:
                    raise UnexpectedAnswer(f"{status}: {body[:2000].decode(errors='replace')}")
                outcome.latencies_s.append(time.perf_counter() - sent)
        finally:
            connection.close()

    async def _wait_for_progress(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    async def _keep_counting(self, show: Callable[[Outcome], None]) -> None:
        history: list[int] = []
        steps = round(WINDOW_S / COUNT_INTERVAL_S)
        while True:
            await asyncio.sleep(COUNT_INTERVAL_S)
            self.outcome.linked = await self._count() - self._before
            history.append(self.outcome.linked)
            if len(history) > steps:
                self._window = max(SMALLEST_WINDOW, history[-1] - history[-1 - steps])
            self._progress.set()
            show(self.outcome)
