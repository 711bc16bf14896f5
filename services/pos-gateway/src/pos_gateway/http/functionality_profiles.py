"""Functionality profiles: what the tills of a store may do."""

from __future__ import annotations

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
    FunctionalityProfile,
    ProfileSettings,
)
from pos_gateway.http.answers.setup import (
    FunctionalityProfileAnswer,
)
from pos_gateway.http.dependencies import MANAGE, GatewayParts
from pos_gateway.http.filters import SetupFilters
from pos_gateway.http.resources import PROFILE

router = APIRouter(prefix="/v1", tags=["set-up"], dependencies=[requires(MANAGE)])


@router.put("/functionality-profiles/{id}", responses=upserts(FunctionalityProfileAnswer))
async def put_functionality_profile(
    act: ChangeAct,
    id: RecordNo,  # noqa: A002 - the contract's name
    body: TillBody[ProfileSettings],
    parts: GatewayParts,
) -> Response:
    """Set a functionality profile up; it holds at once, and raises the configuration's version."""
    profile = FunctionalityProfile(id=id, **asdict(body))
    return await act.answer(await act.run(parts.setup.put_profiles, profile, resource=PROFILE))


@router.get("/functionality-profiles/{id}", responses=answers(FunctionalityProfileAnswer))
async def get_functionality_profile(reading: ReadOne, id: RecordNo) -> Response:  # noqa: A002
    """A functionality profile as it is set up."""
    return await reading.one(PROFILE, id)


@router.get("/functionality-profiles", responses=answers(FunctionalityProfileAnswer, changes=True))
async def list_functionality_profiles(reading: ReadMany, page: Filters[SetupFilters]) -> Response:
    """The functionality profiles, by id."""
    return await PROFILE.page(reading, page)
