"""Terminals with their secrets: who proves itself with one gets a token."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from httpkit import problems
from httpkit.acts import CreateAct, PatchAct
from httpkit.auth import requires
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from httpkit.reads import ReadOne
from httpkit.responses import NO_STORE, json_response
from httpkit.till_bodies import SmallTillBody, TillBody
from pos_gateway.domain.terminals.commands import ChangeTerminal, CreateTerminal
from pos_gateway.http.answers.terminals import (
    CreatedTerminalAnswer,
    TerminalAnswer,
    TerminalTokenAnswer,
    present_terminal,
)
from pos_gateway.http.bodies import TerminalBody, TerminalChangesBody, TerminalTokenBody
from pos_gateway.http.dependencies import MANAGE, GatewayParts
from pos_gateway.http.resources import TERMINAL_RESOURCE
from pos_gateway.jobs.signing_on import TerminalBlocked

router = APIRouter(prefix="/v1", tags=["terminals"])
_MANAGING: Final = [requires(MANAGE)]


@router.post(
    "/stores/{no}/terminals",
    status_code=201,
    responses=answers(CreatedTerminalAnswer, 201, refuses=[404, 409]),
    dependencies=_MANAGING,
)
async def create_terminal(
    act: CreateAct, no: RecordNo, body: SmallTillBody[TerminalBody], parts: GatewayParts
) -> Response:
    """Make a terminal, or give it a new secret. A repeated request does not show the secret again."""
    new = CreateTerminal(no, body.no)
    outcome = await act.run(
        parts.terminal_setup.create_terminals,
        new,
        resource=TERMINAL_RESOURCE,
        present=present_terminal,
        status=201,
    )
    answer = await act.answer(outcome)
    answer.raw_headers.append(NO_STORE)
    return answer


@router.get("/terminals/{no}", responses=answers(TerminalAnswer, refuses=[404]), dependencies=_MANAGING)
async def get_terminal(reading: ReadOne, no: RecordNo) -> Response:
    """A terminal, without its secret."""
    return await reading.one(TERMINAL_RESOURCE, no)


@router.patch("/terminals/{no}", responses=answers(TerminalAnswer, refuses=[404]), dependencies=_MANAGING)
async def change_terminal(
    act: PatchAct, no: RecordNo, body: TillBody[TerminalChangesBody], parts: GatewayParts
) -> Response:
    """Block a terminal, or take the block back. Its token and its sessions end at once and do not come back."""
    change = ChangeTerminal(no, body.blocked)
    outcome = await act.run(parts.terminal_setup.change_terminals, change, resource=TERMINAL_RESOURCE)
    return await act.answer(outcome)


@router.post("/terminals/token", responses=answers(TerminalTokenAnswer, refuses=[401, 503]))
async def issue_terminal_token(body: SmallTillBody[TerminalTokenBody], parts: GatewayParts) -> Response:
    """Trade a terminal's secret for a token."""
    issued = await parts.signing_on.terminal_token(body.terminal_no, body.secret)
    if isinstance(issued, TerminalBlocked):
        raise problems.refusal(401, "terminal-blocked", "the terminal is blocked")
    if issued is None:
        raise problems.refusal(401, "wrong-secret", "terminal or secret is wrong")
    answer = TerminalTokenAnswer(issued.access_token, "Bearer", issued.ttl_s)
    return json_response(answer, 200, [NO_STORE])
