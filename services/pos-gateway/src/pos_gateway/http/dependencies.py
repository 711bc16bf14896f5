"""What routes depend on: who stands behind a till's token, and the gateway's own parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from contracts.pos import GATEWAY_ISSUER, TILL_SCOPE
from contracts.refusals import forbidden
from httpkit.auth import principal_of
from pos_gateway.domain.terminals.sessions import TerminalIdentity, TillSession
from pos_gateway.jobs.sales import Sales
from pos_gateway.jobs.signing_on import SigningOn
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.create_orders import OrderCreation
from pos_gateway.use_cases.create_terminals import TerminalCreation
from pos_gateway.use_cases.put_masters import Setup

TERMINAL: Final = TILL_SCOPE
MANAGE: Final = "pos:manage"


def caller_of(claims: Mapping[str, Any]) -> str:
    """The scope of idempotency keys: the terminal, so that a till may repeat a request after a new sign-on."""
    terminal_no = claims.get("terminal_no") if claims["iss"] == GATEWAY_ISSUER else None
    return f"terminal:{terminal_no}" if terminal_no else str(claims["sub"])


def any_terminal(request: Request) -> TerminalIdentity | None:
    """The token's terminal; None for a token of no terminal.

    Only the gateway itself says who stands at a till: it has seen the terminal's secret and the worker's PIN.
    """
    principal = principal_of(request)
    claims = principal.claims
    if principal.issuer != GATEWAY_ISSUER or "terminal_no" not in claims or "store_no" not in claims:
        return None
    return TerminalIdentity(store_no=str(claims["store_no"]), terminal_no=str(claims["terminal_no"]))


async def terminal_of(request: Request) -> TerminalIdentity:
    """The token's terminal; refused for a token of no terminal."""
    terminal = any_terminal(request)
    if terminal is None:
        raise forbidden("terminal-required", "workers sign on at terminals")
    return terminal


async def session_of(request: Request) -> TillSession:
    """The terminal and the worker signed on at it; refused for a token that stands for none."""
    terminal = any_terminal(request)
    worker_id = principal_of(request).claims.get("worker_id")
    if terminal is None or worker_id is None:
        raise forbidden("session-required", "sign a worker on at a terminal first")
    return TillSession(store_no=terminal.store_no, terminal_no=terminal.terminal_no, worker_id=str(worker_id))


async def visible_store(request: Request) -> str | None:
    """The store whose orders the caller sees; None: all of them."""
    terminal = any_terminal(request)
    return terminal.store_no if terminal else None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway's routes work with; one for all requests of a process."""

    configurations: Configurations
    order_creation: OrderCreation
    terminal_creation: TerminalCreation
    setup: Setup
    sales: Sales
    signing_on: SigningOn


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


AtTerminal = Annotated[TerminalIdentity, Depends(terminal_of)]
InSession = Annotated[TillSession, Depends(session_of)]
VisibleStore = Annotated[str | None, Depends(visible_store)]
GatewayParts = Annotated[Parts, Depends(_parts)]
