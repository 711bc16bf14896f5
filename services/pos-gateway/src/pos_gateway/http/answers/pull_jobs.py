"""Answers about the pull job."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Count, choice
from domainkit.lateness import BACKLOG, JOB_ENDED, JOB_OFF
from domainkit.structs import extended
from pos_gateway.domain.pull_jobs.commands import PullResult


class PullJobAnswer(msgspec.Struct, frozen=True):
    """The job and what waits for it."""

    id: Annotated[str, Meta(description="Id of the job.", examples=["P-0001"])]
    interval_s: Annotated[float, Meta(description="Seconds between runs; 0: only by hand.", examples=[5.0])]
    last_run_at: Annotated[
        datetime | None, Meta(description="When it ran last.", examples=["2026-03-02T09:14:59Z"])
    ]
    pending: Annotated[Count, Meta(description="Orders that wait for the job.")]
    oldest_pending_age_s: Annotated[
        float | None,
        Meta(description="For how many seconds the oldest has waited; null when none does.", examples=[3.2]),
    ]
    warning: (
        Annotated[
            str,
            choice(JOB_OFF, JOB_ENDED, BACKLOG),
            Meta(
                description="Why an order has waited for 15 minutes: the job is off, it has ended, or it runs and has "
                "more to do than it can; null while none has.",
                examples=[JOB_OFF],
            ),
        ]
        | None
    )


class PullRunAnswer(msgspec.Struct, frozen=True):
    """What one run of the pull job handed over, and what still waits."""

    pulled: Annotated[Count, Meta(description="Orders that this run handed over to sales.")]
    pending: Annotated[Count, Meta(description="Orders that still wait.")]


def present_run(result: PullResult) -> PullRunAnswer:
    """The answer of a run by hand."""
    return extended(PullRunAnswer, result)
