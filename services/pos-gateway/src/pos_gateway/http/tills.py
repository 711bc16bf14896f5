"""Who stands behind a till's token, and which orders it sees (contract points 2 and 31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Request

from contracts.refusals import forbidden
from httpkit.auth import principal_of
from pos_gateway.domain.case import Till

TERMINAL, MANAGE = "pos:terminal", "pos:manage"


class Terminal(msgspec.Struct, frozen=True):
    """The terminal that a token was given to."""

    store_no: str
    terminal_no: str


def caller_of(claims: Mapping[str, Any]) -> str:
    """The scope of idempotency keys: the terminal, so that a till may repeat a request after a new sign-on."""
    terminal_no = claims.get("terminal_no")
    return f"terminal:{terminal_no}" if terminal_no else str(claims["sub"])


def terminal_of(request: Request) -> Terminal | None:
    """The token's terminal; None for a token of no terminal."""
    claims = principal_of(request).claims
    if "terminal_no" not in claims or "store_no" not in claims:
        return None
    return Terminal(str(claims["store_no"]), str(claims["terminal_no"]))


def session_of(request: Request) -> Till:
    """The terminal and the worker signed on at it; 403 for a token that stands for none."""
    terminal = terminal_of(request)
    worker_id = principal_of(request).claims.get("worker_id")
    if terminal is None or worker_id is None:
        detail = "sign a worker on at a terminal first"
        raise forbidden("session-required", detail)
    return Till(store_no=terminal.store_no, terminal_no=terminal.terminal_no, worker_id=str(worker_id))


def store_of(request: Request) -> str | None:
    """The store whose orders the caller sees; None: all of them."""
    terminal = terminal_of(request)
    return terminal.store_no if terminal else None
