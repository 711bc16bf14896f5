"""Terminals with their secrets, and workers who sign on at them (contract points 1 and 2)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import SecretStr
from starlette.responses import Response

from contracts.refusals import forbidden
from eventkit.transaction import Queryable
from httpkit.answers import Resource, json_answer
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import Input, No20
from httpkit.openapi import answers
from pos_gateway.domain.new_order import no
from pos_gateway.http.tills import MANAGE, TERMINAL, terminal_of
from pos_gateway.store import signing_on
from pos_gateway.use_cases.sign_on import NewTerminal, SigningOn, Terminals, TerminalSecret


class TerminalInput(Input):
    """A terminal's number."""

    no: No20


class TokenInput(Input):
    """What a terminal proves itself with."""

    terminal_no: No20
    secret: SecretStr


class SessionInput(Input):
    """What a worker signs on with."""

    worker_id: No20
    pin: SecretStr


class TokenView(msgspec.Struct, frozen=True):
    """A terminal's token; `expires_in` in seconds."""

    access_token: str
    token_type: str
    expires_in: int


class SessionView(msgspec.Struct, frozen=True):
    """A worker's session; its token stands for terminal and worker."""

    id: str
    access_token: str
    expires_at: datetime


class TerminalView(msgspec.Struct, frozen=True):
    """A terminal; its secret was shown when it was made."""

    no: str
    store_no: str


def routes(edge: Edge, tokens: Tokens, terminals: Terminals, signing: SigningOn) -> APIRouter:
    """`/stores/{no}/terminals`, `/terminals/token`, `/sessions`."""
    router = APIRouter(prefix="/v1", tags=["terminals"])

    @router.post(
        "/stores/{store_no}/terminals",
        status_code=201,
        responses=answers(TerminalSecret, 201),
        dependencies=[Depends(tokens.require(MANAGE))],
    )
    async def make_terminal(request: Request, store_no: str, body: TerminalInput) -> Response:
        """Make a terminal, or give it a new secret. A repeated request does not show the secret again."""
        new = NewTerminal(no(store_no), body.no)
        return await edge.act(request, terminals.put_terminals, new, show=_show_terminal, status=201)

    @router.post("/terminals/token", responses=answers(TokenView))
    async def give_token(body: TokenInput) -> Response:
        """Trade a terminal's secret for a token."""
        issued = await signing.terminal_token(body.terminal_no, body.secret.get_secret_value())
        return json_answer(TokenView(issued.access_token, "Bearer", issued.ttl_s))

    @router.post(
        "/sessions",
        status_code=201,
        responses=answers(SessionView, 201),
        dependencies=[Depends(tokens.require(TERMINAL))],
    )
    async def sign_on(request: Request, body: SessionInput) -> Response:
        """Sign a worker on at the token's terminal."""
        terminal = terminal_of(request)
        if terminal is None:
            raise forbidden("terminal-required", "workers sign on at terminals")
        session = await signing.open_session(
            terminal.store_no, terminal.terminal_no, body.worker_id, body.pin.get_secret_value()
        )
        issued = session.issued
        return json_answer(SessionView(session.id, issued.access_token, issued.expires_at), 201)

    return router


async def _show_terminal(conn: Queryable, terminal_no: str) -> Resource | None:
    found = await signing_on.terminal(conn, terminal_no)
    if found is None:
        return None
    store_no, _, version = found
    return Resource(TerminalView(terminal_no, store_no), version)
