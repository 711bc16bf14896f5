"""The setup."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body
from httpkit.openapi import answers, upserts
from httpkit.reads import ReadOne
from planning.domain.masters.setup import SETUP_NO, PlanningSettings, Setup
from planning.http.answers import SetupAnswer
from planning.http.resources import PLANNING_SETUP
from planning.use_cases.put_masters import put_setup

router = APIRouter(prefix="/v1", tags=["setup"])
_READING: Final = [requires("planning:read")]
_MANAGING: Final = [requires("planning:manage")]


@router.put(
    "/planning-setup",
    responses=upserts(SetupAnswer),
    dependencies=_MANAGING,
)
async def put_planning_setup(act: ChangeAct, body: Body[PlanningSettings]) -> Response:
    """Say how planning works here: automation and its limit, and what must be given."""
    outcome = await act.run(put_setup, extended(Setup, body), resource=PLANNING_SETUP)
    return await act.answer(outcome)


@router.get("/planning-setup", responses=answers(SetupAnswer), dependencies=_READING)
async def get_planning_setup(reading: ReadOne) -> Response:
    """How planning works here; the defaults until the setup was put."""
    return await reading.one(PLANNING_SETUP, SETUP_NO)
