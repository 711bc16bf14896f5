"""How often a PIN may be tried: each time that a limit is reached, the pause is twice as long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

COUNTED_FOR: Final = timedelta(days=1)
"""Then the count begins anew."""


class Tries(msgspec.Struct, frozen=True):
    """Wrong PINs since the count began. Right ones are taken back."""

    failures: int
    since: datetime
    paused_until: datetime | None = None


class TriesLimit(msgspec.Struct, frozen=True):
    """After every `tries` wrong PINs comes a pause: `first_pause`, then twice that, and so on up to `longest_pause`."""

    tries: int
    first_pause: timedelta
    longest_pause: timedelta

    def wait(self, tries: Tries, now: datetime) -> timedelta:
        """How long the next try must wait; nothing if it need not."""
        return max((tries.paused_until or now) - now, timedelta())

    def counted(self, tries: Tries, now: datetime) -> Tries:
        """With one try more: counted before the PIN is looked at, so tries at the same time cannot slip through."""
        if now - tries.since >= COUNTED_FOR:
            tries = Tries(0, now)
        failures = tries.failures + 1
        return Tries(failures, tries.since, self._paused_until(failures, now))

    def taken_back(self, tries: Tries) -> Tries:
        """The PIN was right: its try does not count, nor the pause that it brought."""
        brought_pause = tries.failures % self.tries == 0
        failures = max(tries.failures - 1, 0)
        return Tries(failures, tries.since, None if brought_pause else tries.paused_until)

    def _paused_until(self, failures: int, now: datetime) -> datetime | None:
        pauses, rest = divmod(failures, self.tries)
        if rest:
            return None
        doublings: int = 2 ** min(pauses - 1, 16)
        return now + min(self.first_pause * doublings, self.longest_pause)
