"""How many requests a caller may send: a token bucket per caller, in this process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from httpkit import metrics, problems

CALLERS_MAX: Final = 10_000


class Rates:
    """Counts requests per caller.

    A caller may send `burst` requests at once and `per_second` on average (0: any number). Each process counts for
    itself: with two processes of a service a caller has up to twice as many.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        """Per caller: the requests that it had left, and when that was."""

    def count(self, caller: str) -> None:
        """Count one request; 429 with Retry-After if the caller has none left."""
        if self._per_second <= 0:
            return
        now = self._clock()
        left, since = self._buckets.get(caller, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._per_second)
        if left < 1:
            metrics.RATE_LIMITED.inc()
            raise problems.refusal(
                429,
                "too-many-requests",
                f"a caller has {self._per_second:g} requests per second here",
                retry_after_s=max(1, math.ceil((1 - left) / self._per_second)),
            )
        if caller not in self._buckets and len(self._buckets) >= CALLERS_MAX:
            # The one that has been there longest: at worst it gets a full bucket again.
            del self._buckets[next(iter(self._buckets))]
        self._buckets[caller] = (left - 1, now)
