"""Locations."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.planning.masters import Location, LocationDetails
from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordCode
from httpkit.reads import ReadMany, ReadOne
from planning.http.answers import LocationAnswer
from planning.http.filters import LocationFilters
from planning.http.resources import LOCATION_CARD
from planning.use_cases.delete_masters import delete_locations
from planning.use_cases.put_masters import put_locations

router = APIRouter(prefix="/v1", tags=["locations"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.put("/locations/{code}", responses=upserts(LocationAnswer), dependencies=_WRITING)
async def put_location(act: ChangeAct, code: RecordCode, body: Body[LocationDetails]) -> Response:
    """Create a location, or replace it. Fields that are left out get their defaults."""
    location = extended(Location, body, code=code, version=0)
    return await act.answer(await act.run(put_locations, location, resource=LOCATION_CARD))


@router.get("/locations/{code}", responses=answers(LocationAnswer), dependencies=_READING)
async def get_location(reading: ReadOne, code: RecordCode) -> Response:
    """A location with its address and handling times."""
    return await reading.one(LOCATION_CARD, code)


@router.get("/locations", responses=answers(LocationAnswer, changes=True), dependencies=_READING)
async def list_locations(reading: ReadMany, page: Filters[LocationFilters]) -> Response:
    """List locations in the order of their codes."""
    return await LOCATION_CARD.page(reading, page)


@router.delete(
    "/locations/{code}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITING
)
async def delete_location(act: ChangeAct, code: RecordCode) -> Response:
    """Delete a location where nothing lies, moved or shall move."""
    return await act.answer(await act.run(delete_locations, code))
