"""Stores: what tills of a store are bound to."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from msgspec.structs import asdict
from starlette.responses import Response

from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne
from httpkit.till_bodies import TillBody
from pos_gateway.domain.setup.records import (
    Store,
    StoreSettings,
)
from pos_gateway.http.answers.setup import (
    StoreAnswer,
)
from pos_gateway.http.dependencies import MANAGE, TERMINAL, GatewayParts
from pos_gateway.http.filters import StoreFilters
from pos_gateway.http.resources import STORE

router = APIRouter(prefix="/v1", tags=["set-up"])
_MANAGING: Final = [requires(MANAGE)]
_READING: Final = [requires(MANAGE, TERMINAL)]


@router.put("/stores/{no}", responses=upserts(StoreAnswer), dependencies=_MANAGING)
async def put_store(
    act: ChangeAct, no: RecordNo, body: TillBody[StoreSettings], parts: GatewayParts
) -> Response:
    """Set a store up; it holds at once, and raises the configuration's version."""
    store = Store(no=no, **asdict(body))
    return await act.answer(await act.run(parts.setup.put_stores, store, resource=STORE))


@router.get("/stores/{no}", responses=answers(StoreAnswer), dependencies=_READING)
async def get_store(reading: ReadOne, no: RecordNo) -> Response:
    """A store with its location, currency and profile."""
    return await reading.one(STORE, no)


@router.get("/stores", responses=answers(StoreAnswer, changes=True), dependencies=_READING)
async def list_stores(reading: ReadMany, page: Filters[StoreFilters]) -> Response:
    """The company's stores, by number."""
    return await STORE.page(reading, page)
