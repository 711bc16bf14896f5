"""The pull job: its interval, its state, and a run by hand (POS-108)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from httpkit.acts import CreateAct, UnversionedAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from httpkit.till_bodies import OptionalTillBody, TillBody
from pos_gateway.domain.pull_jobs.commands import RunPullJob, SetPullJob
from pos_gateway.http.answers.pull_jobs import PullJobAnswer, PullRunAnswer, present_run
from pos_gateway.http.bodies import PullJobBody, PullRunBody
from pos_gateway.http.dependencies import MANAGE
from pos_gateway.http.resources import PULL_JOB, read_pull_job
from pos_gateway.use_cases.pull_orders import PULL_JOB as PULL_JOB_ID
from pos_gateway.use_cases.pull_orders import run_pull_jobs, set_pull_jobs

router = APIRouter(prefix="/v1", tags=["jobs"], dependencies=[requires(MANAGE)])
JobId = Annotated[RecordNo, Path(description="Id of the job; there is one.", examples=["P-0001"])]


@router.get("/pull-jobs", responses=answers(PullJobAnswer, items=True))
async def list_pull_jobs(reading: ReadMany) -> Response:
    """The pull jobs: there is one."""
    async with reading.runner.database.read() as conn:
        job = await read_pull_job(conn, PULL_JOB_ID)
    return json_response({"items": [job.body] if job else [], "next_cursor": None})


@router.get("/pull-jobs/{id}", responses=answers(PullJobAnswer, refuses=[404]))
async def get_pull_job(reading: ReadMany, id: JobId) -> Response:  # noqa: A002 - the contract's name
    """The job and what waits for it."""
    return await reading.one(PULL_JOB, id)


@router.put("/pull-jobs/{id}", responses=answers(PullJobAnswer, refuses=[404]))
async def put_pull_job(act: UnversionedAct, id: JobId, body: TillBody[PullJobBody]) -> Response:  # noqa: A002
    """Set how often the job runs."""
    data = SetPullJob(id, float(body.interval_s))
    return await act.answer(await act.run(set_pull_jobs, data, resource=PULL_JOB))


@router.post("/pull-jobs/{id}/run", responses=answers(PullRunAnswer, refuses=[404]))
async def run_pull_job(act: CreateAct, id: JobId, body: OptionalTillBody[PullRunBody]) -> Response:  # noqa: A002
    """Hand the orders that wait over to sales now."""
    data = RunPullJob(id, body.store_nos)
    return await act.answer(await act.run(run_pull_jobs, data, present=present_run))
