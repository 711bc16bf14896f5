"""Workers: who may do what at which tills."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne
from httpkit.till_bodies import TillBody
from pos_gateway.domain.setup.commands import PutWorker
from pos_gateway.domain.setup.records import (
    Worker,
)
from pos_gateway.domain.terminals.pins import check_pin
from pos_gateway.http.answers.setup import (
    WorkerAnswer,
)
from pos_gateway.http.bodies import WorkerBody
from pos_gateway.http.dependencies import MANAGE, GatewayParts
from pos_gateway.http.filters import SetupFilters
from pos_gateway.http.resources import WORKER
from pos_gateway.jobs.proving_workers import hash_pin

router = APIRouter(prefix="/v1", tags=["set-up"], dependencies=[requires(MANAGE)])


@router.put("/workers/{id}", responses=upserts(WorkerAnswer))
async def put_worker(
    act: ChangeAct,
    id: RecordNo,  # noqa: A002 - the contract's name
    body: TillBody[WorkerBody],
    parts: GatewayParts,
) -> Response:
    """Set a worker up; a PIN that is not sent stays as it is."""
    worker = extended(Worker, body, id=id)
    if body.pin is not None:
        check_pin(body.pin, id)
    put = PutWorker(worker, await hash_pin(body.pin) if body.pin is not None else None)
    return await act.answer(await act.run(parts.setup.put_workers, put, resource=WORKER))


@router.get("/workers/{id}", responses=answers(WorkerAnswer))
async def get_worker(reading: ReadOne, id: RecordNo) -> Response:  # noqa: A002
    """A worker as set up, without the PIN."""
    return await reading.one(WORKER, id)


@router.get("/workers", responses=answers(WorkerAnswer, changes=True))
async def list_workers(reading: ReadMany, page: Filters[SetupFilters]) -> Response:
    """The workers of all stores, by id."""
    return await WORKER.page(reading, page)
