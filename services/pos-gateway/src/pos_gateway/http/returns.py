"""Returns without an order."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import RehearsableCreateAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.till_bodies import TillBody
from pos_gateway.domain.acts.commands import BlindReturn, TakeBlindReturn
from pos_gateway.http.answers.returns import BlindReturnAnswer, present_return
from pos_gateway.http.dependencies import TERMINAL, GatewayParts, InSession
from recordkit.commands import Done

router = APIRouter(prefix="/v1", tags=["acts"], dependencies=[requires(TERMINAL)])


@router.post(
    "/returns",
    status_code=201,
    responses=answers(BlindReturnAnswer, 200) | answers(BlindReturnAnswer, 201, refuses=[409]),
)
async def create_return(
    act: RehearsableCreateAct, session: InSession, new: TillBody[BlindReturn], parts: GatewayParts
) -> Response:
    """Take goods back without an order: unverified, so a manager approves it (`blind_return`).

    200 for one that is known already.
    """
    data = TakeBlindReturn(new, session, act.dry_run)
    use_case = parts.blind_returns.take_blind_returns
    return await act.answer(await act.run(use_case, data, present=present_return, status=_status_of))


def _status_of(done: Done) -> int:
    return 201 if done.created else 200
