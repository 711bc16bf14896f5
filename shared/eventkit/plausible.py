"""Whether a version can be true: one far ahead of the copy would freeze it, since all true ones after it are older."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from eventkit.copying import Copy
from eventkit.envelope import Event

UNSEEN_DAYS: Final = 1000
"""How old an aggregate of which there is no copy may be: a new consumer meets what grew for years."""
_DAY_S: Final = 24 * 60 * 60


class VersionBound(msgspec.Struct, frozen=True):
    """How far a version may be ahead at this time: so many a day, since the copy was received, and one day more."""

    per_day: int
    now: datetime

    def excess(self, event: Event, copy: Copy | None) -> str:
        """Why the event's version cannot be true; "" if it can."""
        known = copy.version if copy is not None else 0
        days = UNSEEN_DAYS
        if copy is not None:
            days = 1 + max(0, int((self.now - copy.received_at).total_seconds() // _DAY_S))
        if event.version - known <= self.per_day * days:
            return ""
        return (
            f"version {event.version} follows {known}: more than {self.per_day} changes a day "
            f"in {days} day{'s' if days > 1 else ''}"
        )
