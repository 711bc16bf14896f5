"""Workers who sign on at terminals."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.refusals import Refusal
from httpkit import problems
from httpkit.acts import UnversionedAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.responses import NO_STORE, json_response
from httpkit.till_bodies import SmallTillBody
from pos_gateway.domain.terminals.commands import EndSession
from pos_gateway.http.answers.terminals import SessionAnswer
from pos_gateway.http.bodies import SessionBody
from pos_gateway.http.dependencies import MANAGE, TERMINAL, AtTerminal, GatewayParts, SigningOffTerminal
from pos_gateway.jobs.proving_workers import TooManyTries
from pos_gateway.jobs.signing_on import Session

router = APIRouter(prefix="/v1", tags=["terminals"])
_AT_TERMINAL: Final = [requires(TERMINAL)]


@router.post(
    "/sessions",
    status_code=201,
    responses=answers(SessionAnswer, 201, refuses=[429]),
    dependencies=_AT_TERMINAL,
)
async def sign_on(body: SmallTillBody[SessionBody], terminal: AtTerminal, parts: GatewayParts) -> Response:
    """Sign a worker on at the token's terminal."""
    result = await parts.signing_on.open_session(terminal, body.worker_id, body.pin)
    if isinstance(result, TooManyTries):
        raise too_many_tries(result.wait_s)
    if not isinstance(result, Session):
        raise problems.refusal(401, "wrong-pin", "worker or PIN is wrong")
    issued = result.issued
    answer = SessionAnswer(result.id, issued.access_token, issued.expires_at)
    return json_response(answer, 201, [NO_STORE])


@router.delete(
    "/sessions/{id}",
    status_code=204,
    responses=answers(status=204, refuses=[404]),
    dependencies=[requires(TERMINAL, MANAGE)],
)
async def delete_session(
    act: UnversionedAct,
    id: IdInPath,  # noqa: A002 - the contract's name
    asks: SigningOffTerminal,
    parts: GatewayParts,
) -> Response:
    """Sign a worker off: the session's token ends at once. A till ends sessions of its own terminal."""
    return await act.answer(await act.run(parts.signing_off.end_sessions, EndSession(id, asks)))


def too_many_tries(wait_s: int) -> Refusal:
    """429: the next PIN is looked at after the pause."""
    detail = "too many wrong PINs; wait before the next try"
    return problems.refusal(429, "too-many-tries", detail, retry_after_s=wait_s)
