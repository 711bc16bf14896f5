"""Why orders of tills that sales has not made are late: the first reason that a person can remove (POS-108)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from domainkit.lateness import why_late
from sales.domain.channel.transactions import CONFIGURATION, DEAD, FAILED, PULLED

PAUSED: Final = "paused"
HELD: Final = "held"


class Late(NamedTuple):
    """The status of transactions that have waited too long, and the class of what is wrong with them."""

    status: str
    fault_class: str


def warning(
    late: Collection[Late], *, paused: bool, interval_s: float, last_run_at: datetime | None, now: datetime
) -> str | None:
    """Why the late ones have no order; None while none is late.

    A paused queue keeps all others back; a job that does not run all that were never tried; then come those that were
    refused, for the set-up or for their own data, and those that a person keeps back.
    """
    if not late:
        return None
    if paused:
        return PAUSED
    if any(each.status == PULLED for each in late):
        return why_late(interval_s, last_run_at, now)
    refused = {each.fault_class for each in late if each.status in {FAILED, DEAD}}
    if refused:
        return CONFIGURATION if CONFIGURATION in refused else FAILED
    return HELD
