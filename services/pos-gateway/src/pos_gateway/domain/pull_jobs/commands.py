"""Commands and results of the pull job."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Count


class RunPullJob(msgspec.Struct, frozen=True):
    """Pull now; `store_nos` None: of all stores."""

    job_id: str
    store_nos: tuple[str, ...] | None = None


class SetPullJob(msgspec.Struct, frozen=True):
    """How often the job runs; 0: only by hand."""

    job_id: str
    interval_s: float


class PullRun(msgspec.Struct, frozen=True):
    """How many orders a run handed over, and how many are left."""

    pulled: Annotated[Count, Meta(description="Orders that this run handed over to sales.")]
    pending: Annotated[Count, Meta(description="Orders that still wait.")]
