"""What routes depend on: who stands behind a till's token, and the gateway's own parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from contracts.pos import GATEWAY_ISSUER, TILL_SCOPE
from contracts.refusals import forbidden
from eventkit.transaction import Database
from httpkit.auth import Principal, Unauthorized, principal_of
from pos_gateway.domain.orders.permissions import refuse_missing
from pos_gateway.domain.setup.records import RECALL
from pos_gateway.domain.terminals.sessions import TerminalIdentity, TillSession, till_claims
from pos_gateway.jobs.proving_workers import ProvingWorkers
from pos_gateway.jobs.sales import Sales
from pos_gateway.jobs.signing_on import SigningOn
from pos_gateway.store.configuration import Configurations
from pos_gateway.use_cases.act_on_orders import ActsOfTills
from pos_gateway.use_cases.approve_acts import Approving
from pos_gateway.use_cases.convert_quotes import QuoteConversion
from pos_gateway.use_cases.create_orders import OrderCreation
from pos_gateway.use_cases.create_terminals import TerminalSetup
from pos_gateway.use_cases.end_sessions import SigningOff
from pos_gateway.use_cases.put_masters import Setup
from pos_gateway.use_cases.repair_returns import ReturnRepairs
from pos_gateway.use_cases.take_batches import BatchTaking
from pos_gateway.use_cases.take_blind_returns import BlindReturns

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
    """The terminal whose own token it is; refused for a token of no terminal and for a session's."""
    terminal = any_terminal(request)
    if terminal is None:
        raise forbidden("terminal-required", "workers sign on at terminals")
    if "worker_id" in principal_of(request).claims:
        raise forbidden(
            "terminal-token-required", "a session opens no further ones; send the terminal's token"
        )
    return terminal


def still_holds(configurations: Configurations, database: Database) -> Callable[[Principal], Awaitable[None]]:
    """The check of each request's token: nothing that the gateway gave it for has been taken back since.

    What another process has taken back is seen within `MAX_AGE_S` of the store of the configuration.
    """

    async def check(principal: Principal) -> None:
        claims = till_claims(principal.claims) if principal.issuer == GATEWAY_ISSUER else None
        if claims is None:
            return
        configuration = await configurations.recent(database)
        if not claims.hold(configuration, configurations.ended_sessions):
            raise Unauthorized("token-revoked", "the terminal or the session has ended; sign on again")

    return check


async def of_terminal(request: Request) -> TerminalIdentity:
    """The terminal of a terminal's or a session's token; refused for a token of no terminal."""
    terminal = any_terminal(request)
    if terminal is None:
        raise forbidden("terminal-required", "tills upload what they took; the token is of no terminal")
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


async def recalling_store(request: Request) -> str | None:
    """The store whose orders the caller finds and opens; refused to a worker who may not recall orders (POS-116).

    A terminal reads without a worker. What the worker may do is as old as what the token was checked with.
    """
    store_no = await visible_store(request)
    worker_id = principal_of(request).claims.get("worker_id")
    if store_no is not None and worker_id is not None:
        parts: Parts = request.app.state.parts
        refuse_missing({RECALL: ""}, parts.configurations.last.worker_of(str(worker_id)))
    return store_no


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway's routes work with; one for all requests of a process."""

    configurations: Configurations
    order_creation: OrderCreation
    till_acts: ActsOfTills
    blind_returns: BlindReturns
    batch_taking: BatchTaking
    quote_conversion: QuoteConversion
    terminal_setup: TerminalSetup
    signing_off: SigningOff
    setup: Setup
    sales: Sales
    signing_on: SigningOn
    proving_workers: ProvingWorkers
    approving: Approving
    return_repairs: ReturnRepairs


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def signing_off_terminal(request: Request) -> str | None:
    """The terminal whose sessions may be ended; None for an administrator, who ends any."""
    if MANAGE in principal_of(request).scopes:
        return None
    terminal = any_terminal(request)
    if terminal is None:
        raise forbidden("terminal-required", "sessions are ended at their terminal, or by an administrator")
    return terminal.terminal_no


OfTerminal = Annotated[TerminalIdentity, Depends(of_terminal)]
AtTerminal = Annotated[TerminalIdentity, Depends(terminal_of)]
InSession = Annotated[TillSession, Depends(session_of)]
SigningOffTerminal = Annotated[str | None, Depends(signing_off_terminal)]
RecallingStore = Annotated[str | None, Depends(recalling_store)]
VisibleStore = Annotated[str | None, Depends(visible_store)]
GatewayParts = Annotated[Parts, Depends(_parts)]
