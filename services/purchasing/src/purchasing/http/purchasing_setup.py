"""The purchasing setup."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body
from httpkit.openapi import answers, upserts
from httpkit.reads import ReadOne
from purchasing.domain.setup import SETUP_NO, PurchasingChoices, PurchasingSetup
from purchasing.http.answers.masters import PurchasingSetupAnswer
from purchasing.http.resources import PURCHASING_SETUP
from purchasing.use_cases.put_masters import put_setups

router = APIRouter(prefix="/v1/purchasing-setup", tags=["setup"])


@router.put(
    "",
    responses=upserts(PurchasingSetupAnswer),
    dependencies=[requires("purchasing:manage")],
)
async def put_purchasing_setup(act: ChangeAct, body: Body[PurchasingChoices]) -> Response:
    """Write the choices of the company."""
    data = extended(PurchasingSetup, body, version=0)
    return await act.answer(await act.run(put_setups, data, resource=PURCHASING_SETUP))


@router.get("", responses=answers(PurchasingSetupAnswer), dependencies=[requires("purchasing:read")])
async def get_purchasing_setup(reading: ReadOne) -> Response:
    """Read the choices of the company; the defaults before they are first written."""
    return await reading.one(PURCHASING_SETUP, SETUP_NO)
