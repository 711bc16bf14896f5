"""The distribution of settings to tills, of which nothing is left to do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from pos_gateway.http.answers.setup import DistributionAnswer
from pos_gateway.http.dependencies import MANAGE, GatewayParts

router = APIRouter(prefix="/v1", tags=["set-up"], dependencies=[requires(MANAGE)])


@router.post("/distribution-schedules/{no}/run", responses=answers(DistributionAnswer, refuses=[404]))
async def run_distribution_schedule(
    act: CreateAct,
    no: Annotated[RecordNo, Path(description="Number of the schedule; there is one.", examples=["1070"])],
    parts: GatewayParts,
) -> Response:
    """Say which configuration tills have now: changes hold at once, nothing must be distributed."""
    return await act.answer(await act.run(parts.setup.distribute, no, present=DistributionAnswer))
