"""Starts again what died or hangs: with growing pauses, and with the last lines of its log shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from deploy.errors import StackError
from deploy.local.children import Child, tail
from deploy.local.settings import StackSettings

WATCH_INTERVAL_S: Final = 0.1
STABLE_AFTER_S: Final = 60.0


class Supervisor:
    """Watches children and restarts those that end without having been stopped, or do not answer any more."""

    def __init__(self, settings: StackSettings, report: Callable[[str], None]) -> None:
        self._settings = settings
        self._report = report
        self._watches: dict[str, asyncio.Task[None]] = {}

    def watch(self, child: Child) -> None:
        """Keep this child running until it is forgotten."""
        current = self._watches.get(child.name)
        if current is None or current.done():
            self._watches[child.name] = asyncio.create_task(
                self._keep_running(child), name=f"watch {child.name}"
            )

    async def forget(self, name: str) -> None:
        """Stop watching: the child is about to be stopped on purpose and must not be restarted."""
        task = self._watches.pop(name, None)
        if task is None:
            return
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def close(self) -> None:
        for name in list(self._watches):
            await self.forget(name)

    async def _keep_running(self, child: Child) -> None:
        backoff_s = self._settings.restart_backoff_s
        started = time.monotonic()
        while True:
            await self._until_ended(child)
            if time.monotonic() - started > STABLE_AFTER_S:
                backoff_s = self._settings.restart_backoff_s
            self._report(
                f"{child.name} ended with code {child.exit_code}; again in {backoff_s:.1f} s. Its last lines:"
            )
            self._report(tail(child.program.log))
            await asyncio.sleep(backoff_s)
            backoff_s = min(backoff_s * 2, self._settings.restart_backoff_max_s)
            started = time.monotonic()
            await self._start_again(child)

    async def _until_ended(self, child: Child) -> None:
        """Return when the child has ended; one that does not answer is ended."""
        answered = probed = time.monotonic()
        while child.running:
            await asyncio.sleep(WATCH_INTERVAL_S)
            answers = child.program.alive
            if answers is None or time.monotonic() - probed < self._settings.probe_interval_s:
                continue
            if child.paused or await answers():
                answered = time.monotonic()
            elif time.monotonic() - answered > self._settings.probe_timeout_s:
                self._report(f"{child.name} does not answer for {time.monotonic() - answered:.0f} s: ended")
                await child.kill()
            probed = time.monotonic()

    async def _start_again(self, child: Child) -> None:
        try:
            seconds = await child.started(self._settings.ready_timeout_s)
        except StackError as error:
            self._report(str(error))
        else:
            self._report(f"{child.name} is ready again ({seconds:.1f} s)")
