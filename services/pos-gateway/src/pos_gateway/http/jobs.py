"""The pull job: its interval, its state, and a run by hand (contract point 24)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from eventkit.transaction import Queryable
from httpkit.answers import Resource, json_answer
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import Input, No20, NonNegative
from httpkit.openapi import answers
from pos_gateway.domain.new_order import no
from pos_gateway.http.tills import MANAGE
from pos_gateway.store import pull_jobs, stages
from pos_gateway.use_cases.pull_orders import JOB, Pulled, RunPull, SetPull, pull_by_hand, set_pull_jobs

STORES_MAX = 1000
INTERVAL_MAX_S = 86_400


class RunInput(Input):
    """Of which stores; all if left out."""

    store_nos: Annotated[tuple[No20, ...], Field(max_length=STORES_MAX)] | None = None


class IntervalInput(Input):
    """Seconds between two runs, fractions too; 0: by hand only."""

    interval_s: Annotated[NonNegative, Field(le=INTERVAL_MAX_S)]


class PullJobView(msgspec.Struct, frozen=True):
    """The job and what waits for it; `oldest_pending_age_s` is null when nothing does (POS-108)."""

    id: str
    interval_s: float
    last_run_at: datetime | None
    pending: int
    oldest_pending_age_s: float | None


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """`/pull-jobs`."""
    router = APIRouter(prefix="/v1", tags=["jobs"], dependencies=[Depends(tokens.require(MANAGE))])

    @router.get("/pull-jobs", responses=answers(PullJobView, items=True))
    async def list_jobs() -> Response:
        """The pull jobs: there is one."""
        async with edge.database.read() as conn:
            found = await _show_job(conn, JOB)
        return json_answer({"items": [found.body] if found else [], "next_cursor": None})

    @router.get("/pull-jobs/{id}", responses=answers(PullJobView))
    async def get_job(request: Request, id: str) -> Response:  # noqa: A002 - the contract's name
        """The job and what waits for it."""
        return await edge.show(request, _show_job, no(id), "pull-job")

    @router.put("/pull-jobs/{id}", responses=answers(PullJobView))
    async def put_job(request: Request, id: str, body: IntervalInput) -> Response:  # noqa: A002
        """Set the interval."""
        wanted = SetPull(no(id), float(body.interval_s))
        return await edge.act(request, set_pull_jobs, wanted, show=_show_job)

    @router.post("/pull-jobs/{id}/run", responses=answers(Pulled))
    async def run_job(request: Request, id: str, body: RunInput | None = None) -> Response:  # noqa: A002
        """Pull what waits now."""
        return await edge.act(request, pull_by_hand, RunPull(no(id), body.store_nos if body else None))

    return router


async def _show_job(conn: Queryable, id_: str) -> Resource | None:
    job = await pull_jobs.load(conn, id_)
    if job is None:
        return None
    pending, oldest = await stages.pending(conn)
    age_s = (datetime.now(UTC) - oldest).total_seconds() if oldest else None
    return Resource(PullJobView(job.id, job.interval_s, job.last_run_at, pending, age_s))
