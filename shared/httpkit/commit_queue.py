"""Group commit: commands of one use case that arrive while a transaction runs are stored together in the next one."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

import structlog

from contracts.refusals import Refusal
from eventkit.errors import OvertakenError
from httpkit import metrics, problems
from httpkit.limits import Limits

C = TypeVar("C")
O = TypeVar("O")  # noqa: E741 - outcome

_BACKOFF_S: Final = 0.01
_log = structlog.get_logger(__name__)


class DecideAgain(OvertakenError):  # noqa: N818 - a decision's fate, not an error of the program
    """Raised in a transaction that lost a race: it is rolled back and decided again on the new state."""


class Later:
    """The outcome of a call that must wait for the next transaction."""


LATER: Final = Later()


class _Entry(Generic[C, O]):
    __slots__ = ("call", "deadline", "future", "started")

    def __init__(self, call: C, future: asyncio.Future[O], deadline: float) -> None:
        self.call = call
        self.future = future
        self.deadline = deadline
        self.started = False


class CommitQueue(Generic[C, O]):
    """The calls of one use case, one transaction at a time.

    An idle queue runs a call at once, alone. `store` decides and stores a batch in one transaction and returns an
    outcome per call, `LATER` for one that must wait for the next transaction. If it raises, nothing of the batch was
    stored: the batch is halved until the failing call is alone, and only its caller gets the error. No call waits
    longer than `act_deadline_s`: one that is still queued then is not done, one that is being stored has an unknown
    outcome (503 in both cases; the caller repeats the request with the same key).
    """

    def __init__(
        self, name: str, store: Callable[[Sequence[C]], Awaitable[Sequence[O | Later]]], limits: Limits
    ) -> None:
        self.name = name
        self._store = store
        self._limits = limits
        self._queue: deque[_Entry[C, O]] = deque()
        self._unanswered: deque[_Entry[C, O]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._worker: asyncio.Task[None] | None = None
        self._sizes = metrics.COMMIT_BATCH.labels(name)

    async def submit(self, call: C) -> O:
        """The outcome of a call; raises the error of its transaction, or a 503 Refusal."""
        if len(self._queue) >= self._limits.queue_max_commands:
            raise problems.unavailable("too many acts are waiting; ask again", "overloaded")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.act_deadline_s
        entry: _Entry[C, O] = _Entry(call, loop.create_future(), deadline)
        self._queue.append(entry)
        self._watch(loop, entry)
        if self._worker is None:
            self._worker = loop.create_task(self._work(), name=f"commit queue {self.name}")
        return await entry.future

    def _watch(self, loop: asyncio.AbstractEventLoop, entry: _Entry[C, O]) -> None:
        """Add the call to those with a deadline. One timer serves all: deadlines are in the order of the calls."""
        # A timer per call would cost a heap operation each, although hardly any deadline is ever reached.
        waiting = self._unanswered
        while waiting and waiting[0].future.done():
            waiting.popleft()
        waiting.append(entry)
        if self._timer is None:
            self._timer = loop.call_at(waiting[0].deadline, self._expire_overdue, loop)

    def _expire_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting, now = self._unanswered, loop.time()
        while waiting and (waiting[0].future.done() or waiting[0].deadline <= now):
            self._expire(waiting.popleft())
        self._timer = loop.call_at(waiting[0].deadline, self._expire_overdue, loop) if waiting else None

    def _expire(self, entry: _Entry[C, O]) -> None:
        if entry.future.done():
            return
        # A started call is not cancelled: its batch holds other callers' acts and may be committing already.
        if entry.started:
            late = problems.unavailable(
                "whether the act was done is not known yet; ask again with the same key", "outcome-unknown"
            )
        else:
            late = problems.unavailable("the act was not done in time; ask again", "overloaded")
        entry.future.set_exception(late)

    async def _work(self) -> None:
        try:
            while self._queue:
                await self._settle(self._take(), tries=1)
        finally:
            # No await since the queue was found empty, so no call can be added between that and this line.
            self._worker = None
            for entry in self._queue:  # only if the worker itself was cancelled
                self._fail(entry, problems.unavailable("the service is stopping", "stopping"))
            self._queue.clear()

    def _take(self) -> list[_Entry[C, O]]:
        batch: list[_Entry[C, O]] = []
        while self._queue and len(batch) < self._limits.batch_max_commands:
            entry = self._queue.popleft()
            if not entry.future.done():  # else its caller was answered "not done", or is gone
                entry.started = True
                batch.append(entry)
        return batch

    async def _settle(self, entries: list[_Entry[C, O]], tries: int) -> None:
        if not entries:
            return
        try:
            async with asyncio.timeout(self._limits.transaction_deadline_s):
                outcomes = await self._store([e.call for e in entries])
        except asyncio.CancelledError:
            for entry in entries:
                self._fail(entry, problems.unavailable("the service is stopping", "stopping"))
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to a caller, who gets it
            await self._divide(entries, error, tries)
        else:
            self._sizes.observe(len(entries))
            self._answer(entries, outcomes)

    def _answer(self, entries: list[_Entry[C, O]], outcomes: Sequence[O | Later]) -> None:
        later = []
        for entry, outcome in zip(entries, outcomes, strict=True):
            if isinstance(outcome, Later):
                entry.started = False
                later.append(entry)
            elif not entry.future.done():
                entry.future.set_result(outcome)
        # To the front, in their old order: they are older than everything that is queued.
        self._queue.extendleft(reversed(later))

    async def _divide(self, entries: list[_Entry[C, O]], error: Exception, tries: int) -> None:
        # Halving finds the failing call in log2(n) steps. Without a database each half would wait for its time-out.
        if len(entries) > 1 and not problems.is_unavailable(error):
            half = len(entries) // 2
            await self._settle(entries[:half], tries=1)
            await self._settle(entries[half:], tries=1)
            return
        if problems.is_transient(error) and tries < self._limits.decide_again_times:
            # Jitter: two processes that met in a deadlock would meet again after equal pauses.
            await asyncio.sleep(_BACKOFF_S * tries * (1 + random.random()))  # noqa: S311 - jitter
            await self._settle(entries, tries + 1)
            return
        if not isinstance(error, Refusal):
            _log.warning("act failed", use_case=self.name, commands=len(entries), error=repr(error))
        for entry in entries:
            self._fail(entry, error)

    def _fail(self, entry: _Entry[C, O], error: Exception) -> None:
        if not entry.future.done():
            entry.future.set_exception(error)
