"""Adaptive batch spacing: above N events/s the next batch is delayed so that a commit covers more events."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Final

from eventkit.settings import EventSettings

SHARE: Final = 3
"""A busy process leaves two thirds of the time to the others."""


class Pace:
    """How long to wait before the next batch.

    Below `from_events_per_s`, measured over about the last second, there is no wait: an idle system answers at once.
    Above it batches begin at least `spacing_s` apart; on a busy machine, where a batch takes long, `SHARE` times as far
    apart as the last one took, at most `spacing_max_s`. A batch of `full` events means a backlog, which is read without
    a pause.
    """

    def __init__(
        self,
        *,
        spacing_s: float,
        spacing_max_s: float,
        from_events_per_s: float,
        full: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spacing_s = spacing_s
        self._spacing_max_s = spacing_max_s
        self._from = from_events_per_s
        self._full = full
        self._clock = clock
        self._began_at = -math.inf
        self._took_s: float | None = 0.0
        self._recent = 0.0
        self._backlog = False

    @classmethod
    def of(cls, settings: EventSettings, *, full: int) -> Pace:
        """The pace that the settings ask for."""
        return cls(
            spacing_s=settings.batch_spacing_ms / 1000,
            spacing_max_s=settings.batch_spacing_max_ms / 1000,
            from_events_per_s=settings.batch_spacing_from_events_per_s,
            full=full,
        )

    def began(self, events: int) -> None:
        """A batch of so many events begins now."""
        now = self._clock()
        self._recent = self._recent * math.exp(self._began_at - now) + events
        self._began_at = now
        self._took_s = None
        self._backlog = events >= self._full

    async def wait(self) -> None:
        """Wait until the next batch may begin."""
        if (pause_s := self.wait_s()) > 0:
            await asyncio.sleep(pause_s)

    def wait_s(self) -> float:
        """Seconds to wait now, asked when a batch has ended; 0 on an idle system."""
        past_s = self._clock() - self._began_at
        if self._took_s is None:
            self._took_s = past_s
        if self._backlog or self._recent * math.exp(-past_s) < self._from:
            return 0.0
        spacing_s = min(max(self._spacing_s, SHARE * self._took_s), self._spacing_max_s)
        return max(0.0, spacing_s - past_s)
