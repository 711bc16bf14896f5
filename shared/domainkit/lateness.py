"""When orders of tills wait too long for the next step of their way to sales, and why (POS-108).

Both steps, the pull and the synchronization, warn alike.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

LATE_AFTER: Final = timedelta(minutes=15)
JOB_OFF: Final = "job-off"
JOB_ENDED: Final = "job-ended"
BACKLOG: Final = "backlog"


def is_late(since: datetime | None, now: datetime) -> bool:
    """Whether something that waits since then waits too long; None: nothing waits."""
    return since is not None and now - since >= LATE_AFTER


def why_late(interval_s: float, last_run_at: datetime | None, now: datetime) -> str:
    """Why a job's oldest order is late: nobody starts the job, it runs no more, or it has more to do than it can.

    `interval_s`: seconds between two runs of the job; 0: it runs by hand alone.
    """
    if interval_s <= 0:
        return JOB_OFF
    if last_run_at is None or is_late(last_run_at + timedelta(seconds=interval_s), now):
        return JOB_ENDED
    return BACKLOG
