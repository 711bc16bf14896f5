"""Stores, functionality profiles, parameters and workers: what administrators set up (contract points 3, 5 to 7)."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Path
from msgspec.structs import asdict
from sqlalchemy import Row, select
from starlette.responses import Response

from contracts.values import Model
from domainkit.structs import extended
from httpkit.acts import ChangeAct, CreateAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import ListFilters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne, ReadRequest
from pos_gateway.domain.setup.commands import Distribution, PutWorker
from pos_gateway.domain.setup.records import (
    CommerceParameters,
    FunctionalityProfile,
    ParameterSettings,
    ProfileSettings,
    Store,
    StoreSettings,
    Worker,
)
from pos_gateway.http.answers.setup import (
    CommerceParametersAnswer,
    FunctionalityProfileAnswer,
    StoreAnswer,
    WorkerAnswer,
)
from pos_gateway.http.bodies import WorkerBody
from pos_gateway.http.dependencies import MANAGE, TERMINAL, UsesSetup
from pos_gateway.http.resources import PARAMETERS, PROFILE, STORE, WORKER
from pos_gateway.jobs.signing_on import hash_pin
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.store.tables import MASTER
from recordkit.records import SETUP_NO

router = APIRouter(prefix="/v1", tags=["set-up"])
_MANAGING: Final = [requires(MANAGE)]
_READING: Final = [requires(MANAGE, TERMINAL)]


@router.put("/stores/{no}", responses=upserts(StoreAnswer), dependencies=_MANAGING)
async def put_store(act: ChangeAct, no: RecordNo, body: Body[StoreSettings], setup: UsesSetup) -> Response:
    """Set a store up; it holds at once, and raises the configuration's version."""
    store = Store(no=no, **asdict(body))
    return await act.answer(await act.run(setup.put_stores, store, resource=STORE))


@router.get("/stores/{no}", responses=answers(StoreAnswer), dependencies=_READING)
async def get_store(reading: ReadOne, no: RecordNo) -> Response:
    """A store with its location, currency and profile."""
    return await reading.one(STORE, no)


@router.get("/stores", responses=answers(StoreAnswer, items=True), dependencies=_READING)
async def list_stores(reading: ReadMany, page: Filters[ListFilters]) -> Response:
    """The company's stores, by number."""
    return await _page(reading, page, Store, StoreAnswer)


@router.put(
    "/functionality-profiles/{id}", responses=upserts(FunctionalityProfileAnswer), dependencies=_MANAGING
)
async def put_functionality_profile(
    act: ChangeAct,
    id: RecordNo,  # noqa: A002 - the contract's name
    body: Body[ProfileSettings],
    setup: UsesSetup,
) -> Response:
    """Set a functionality profile up; it holds at once, and raises the configuration's version."""
    profile = FunctionalityProfile(id=id, **asdict(body))
    return await act.answer(await act.run(setup.put_profiles, profile, resource=PROFILE))


@router.get(
    "/functionality-profiles/{id}", responses=answers(FunctionalityProfileAnswer), dependencies=_MANAGING
)
async def get_functionality_profile(reading: ReadOne, id: RecordNo) -> Response:  # noqa: A002
    """A functionality profile as it is set up."""
    return await reading.one(PROFILE, id)


@router.get(
    "/functionality-profiles",
    responses=answers(FunctionalityProfileAnswer, items=True),
    dependencies=_MANAGING,
)
async def list_functionality_profiles(reading: ReadMany, page: Filters[ListFilters]) -> Response:
    """The functionality profiles, by id."""
    return await _page(reading, page, FunctionalityProfile, FunctionalityProfileAnswer)


@router.put("/commerce-parameters", responses=upserts(CommerceParametersAnswer), dependencies=_MANAGING)
async def put_commerce_parameters(
    act: ChangeAct, body: Body[ParameterSettings], setup: UsesSetup
) -> Response:
    """Set the company's parameters; orders keep those that they were made with."""
    parameters = CommerceParameters(**asdict(body))
    return await act.answer(await act.run(setup.put_parameters, parameters, resource=PARAMETERS))


@router.get("/commerce-parameters", responses=answers(CommerceParametersAnswer), dependencies=_READING)
async def get_commerce_parameters(reading: ReadOne) -> Response:
    """The company's parameters; before they are set, the defaults that hold instead."""
    return await reading.one(PARAMETERS, SETUP_NO)


@router.put("/workers/{id}", responses=upserts(WorkerAnswer), dependencies=_MANAGING)
async def put_worker(
    act: ChangeAct,
    id: RecordNo,  # noqa: A002 - the contract's name
    body: Body[WorkerBody],
    setup: UsesSetup,
) -> Response:
    """Set a worker up; a PIN that is not sent stays as it is."""
    worker = extended(Worker, body, id=id)
    put = PutWorker(worker, await hash_pin(body.pin) if body.pin is not None else None)
    return await act.answer(await act.run(setup.put_workers, put, resource=WORKER))


@router.get("/workers/{id}", responses=answers(WorkerAnswer), dependencies=_MANAGING)
async def get_worker(reading: ReadOne, id: RecordNo) -> Response:  # noqa: A002
    """A worker as set up, without the PIN."""
    return await reading.one(WORKER, id)


@router.get("/workers", responses=answers(WorkerAnswer, items=True), dependencies=_MANAGING)
async def list_workers(reading: ReadMany, page: Filters[ListFilters]) -> Response:
    """The workers of all stores, by id."""
    return await _page(reading, page, Worker, WorkerAnswer)


@router.post(
    "/distribution-schedules/{no}/run",
    responses=answers(Distribution, refuses=[404]),
    dependencies=_MANAGING,
)
async def run_distribution_schedule(
    act: CreateAct,
    no: Annotated[RecordNo, Path(description="Number of the schedule; there is one.", examples=["1070"])],
    setup: UsesSetup,
) -> Response:
    """Say which configuration tills have now: changes hold at once, nothing must be distributed."""
    return await act.answer(await act.run(setup.distribute, no))


async def _page(reading: ReadRequest, page: ListFilters, model: type[Any], answer: type[Model]) -> Response:
    kind = KINDS_OF_GATEWAY.by_model[model].name
    query = select(MASTER.c.body).where(MASTER.c.kind == kind, MASTER.c.deleted.is_(False))

    def item(row: Row[Any]) -> Model:
        return extended(answer, msgspec.json.decode(row.body, type=model))

    return await reading.page(page, query, key=(MASTER.c.no,), item=item, updated=MASTER.c.updated_at)
