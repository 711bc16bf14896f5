"""Commands and results of the pull job."""

from __future__ import annotations

import msgspec


class RunPullJob(msgspec.Struct, frozen=True):
    """Pull now; `store_nos` None: of all stores."""

    job_id: str
    store_nos: tuple[str, ...] | None = None


class SetPullJob(msgspec.Struct, frozen=True):
    """How often the job runs; 0: only by hand."""

    job_id: str
    interval_s: float


class PullResult(msgspec.Struct, frozen=True):
    """How many orders a run handed over, and how many are left."""

    pulled: int
    pending: int
