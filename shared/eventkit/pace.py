"""Under load, a little patience: a batch costs two commits however small it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Pace:
    """How long to wait before the next poll, so that batches are worth their commits.

    Nothing waits as long as fewer than `from_events_per_s` were read in about the last second: an idle system answers
    at once. From there on batches begin at least `spacing_s` apart, and what comes meanwhile is read together.
    """

    def __init__(
        self, *, spacing_s: float, from_events_per_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._spacing_s = spacing_s
        self._from = from_events_per_s
        self._clock = clock
        self._began_at = -math.inf
        self._recent = 0.0

    def began(self, events: int) -> None:
        """A batch of so many events begins now."""
        now = self._clock()
        self._recent = self._recent * math.exp(self._began_at - now) + events
        self._began_at = now

    def wait_s(self) -> float:
        """Seconds to wait now; 0 on an idle system."""
        past_s = self._clock() - self._began_at
        if self._recent * math.exp(-past_s) < self._from:
            return 0.0
        return max(0.0, self._spacing_s - past_s)
