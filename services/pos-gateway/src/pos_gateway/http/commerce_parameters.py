"""The company's parameters for orders at tills."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from msgspec.structs import asdict
from starlette.responses import Response

from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.openapi import answers, upserts
from httpkit.reads import ReadOne
from httpkit.till_bodies import TillBody
from pos_gateway.domain.setup.records import (
    CommerceParameters,
    ParameterSettings,
)
from pos_gateway.http.answers.setup import (
    CommerceParametersAnswer,
)
from pos_gateway.http.dependencies import MANAGE, TERMINAL, GatewayParts
from pos_gateway.http.resources import PARAMETERS
from recordkit.records import SETUP_NO

router = APIRouter(prefix="/v1", tags=["set-up"])
_MANAGING: Final = [requires(MANAGE)]
_READING: Final = [requires(MANAGE, TERMINAL)]


@router.put("/commerce-parameters", responses=upserts(CommerceParametersAnswer), dependencies=_MANAGING)
async def put_commerce_parameters(
    act: ChangeAct, body: TillBody[ParameterSettings], parts: GatewayParts
) -> Response:
    """Set the company's parameters; orders keep those that they were made with."""
    parameters = CommerceParameters(**asdict(body))
    return await act.answer(await act.run(parts.setup.put_parameters, parameters, resource=PARAMETERS))


@router.get("/commerce-parameters", responses=answers(CommerceParametersAnswer), dependencies=_READING)
async def get_commerce_parameters(reading: ReadOne) -> Response:
    """The company's parameters; before they are set, the defaults that hold instead."""
    return await reading.one(PARAMETERS, SETUP_NO)
