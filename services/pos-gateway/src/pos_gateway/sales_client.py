"""Asks the sales service for an order or an act at once: what this service calls another one for."""

from __future__ import annotations

import asyncio
from functools import cached_property
from http import HTTPStatus
from typing import Any
from uuid import UUID

import aiohttp
import msgspec
import structlog

from contracts.channel import ChannelOrder, ChannelTransaction
from contracts.pos import SUBMIT_SCOPE
from contracts.refusals import Reason, Refusal, Violation
from eventkit.context import Context
from pos_gateway.jobs.sales import Accepted, NotReached, Refused, SalesOutcome, Unknown
from pos_gateway.tokens import TokenIssuer

PATH = "/v1/channel-transactions"
SUBJECT = "pos-gateway"
CONNECTIONS_MAX = 50
CONNECT_TIMEOUT_S = 1.0
KEEPALIVE_S = 2.0
"""Less than what servers keep idle connections, so that a request seldom meets one that is just being closed."""
_NOT_DONE = frozenset({401, 403, 404, 405, 413, 415, 428, 429})
"""Sales refused to work on the request at all: our fault or its load, not the order's."""
_log = structlog.get_logger(__name__)


class SalesClient:
    """Sales over HTTP, with this service's own token."""

    def __init__(self, url: str, tokens: TokenIssuer, *, deadline_s: float) -> None:
        """`url` is the root of sales; `deadline_s` bounds one call with everything in it."""
        self._url = url.rstrip("/")
        self._tokens = tokens
        self._deadline_s = deadline_s

    @cached_property
    def _http(self) -> aiohttp.ClientSession:
        """The connections to sales; opened at the first call, because they belong to the loop that runs then."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX, keepalive_timeout=KEEPALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S),
        )

    async def submit(self, order: ChannelOrder, context: Context) -> SalesOutcome:
        """Submit an order to sales and wait for its decision; see `Sales`."""
        return await self._ask(PATH, order, order.transaction_id, context)

    async def carry_out(self, order: ChannelOrder, act_id: UUID, context: Context) -> SalesOutcome:
        """Let sales carry an act out and wait for its decision; see `Sales`."""
        return await self._ask(f"{PATH}/{order.transaction_id}/acts", order, act_id, context)

    async def _ask(self, path: str, order: ChannelOrder, key: UUID, context: Context) -> SalesOutcome:
        """A connection that breaks is tried once more: the id of the order or the act makes that safe."""
        body, headers = msgspec.json.encode(order), self._headers(key, context)
        broken = ""
        try:
            async with asyncio.timeout(self._deadline_s):
                for _ in range(2):
                    try:
                        status, answer = await self._post(path, body, headers)
                    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as e:
                        return Unknown(broken) if broken else NotReached(repr(e))
                    except aiohttp.ClientError as e:
                        broken = repr(e)
                    else:
                        return _outcome(order, status, answer, asked_before=bool(broken))
        except TimeoutError:
            return Unknown(f"no answer within {self._deadline_s} s")
        return Unknown(broken)

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        async with self._http.post(
            self._url + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            return response.status, await response.read()

    def _headers(self, key: UUID, context: Context) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._tokens.service_token(SUBJECT, SUBMIT_SCOPE)}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(key),
            "X-Request-Id": context.correlation_id,
            "traceparent": context.traceparent,
        }

    async def close(self) -> None:
        """Close all connections to sales."""
        await self._http.close()


_REASONS = {403: Reason.FORBIDDEN, 404: Reason.NOT_FOUND, 409: Reason.CONFLICT, 412: Reason.STALE}


def _outcome(order: ChannelOrder, status: int, body: bytes, *, asked_before: bool) -> SalesOutcome:
    if status < HTTPStatus.BAD_REQUEST:
        return _accepted(order, body)
    problem = _problem(body)
    if status in _NOT_DONE:
        _log.error("sales does not serve this gateway", status=status, code=problem.code)
        why = f"sales answered {status} {problem.code}"
        return Unknown(why) if asked_before else NotReached(why)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or problem.code == "idempotency-key-running":
        return Unknown(f"sales answered {status} {problem.code}")
    reason = _REASONS.get(status, Reason.INVALID)
    return Refused(Refusal(*[_violation(e, reason) for e in problem.errors] or [problem.whole(reason)]))


def _accepted(order: ChannelOrder, body: bytes) -> SalesOutcome:
    try:
        transaction = msgspec.json.decode(body, type=ChannelTransaction)
    except msgspec.MsgspecError as e:
        _log.exception("sales' answer is not a channel transaction", confirmation_no=order.confirmation_no)
        return Unknown(repr(e))
    return Accepted(transaction)


class _ProblemDocument(msgspec.Struct):
    code: str = "unknown"
    detail: str = ""
    errors: list[dict[str, Any]] = []

    def whole(self, reason: Reason) -> Violation:
        """The whole problem as one violation."""
        return Violation(self.code, self.detail, reason=reason)


def _problem(body: bytes) -> _ProblemDocument:
    try:
        return msgspec.json.decode(body, type=_ProblemDocument)
    except msgspec.MsgspecError:
        return _ProblemDocument(detail="sales gave no reason")


def _violation(error: dict[str, Any], reason: Reason) -> Violation:
    """Sales' reason; its pointers name the same lines, of the order that this gateway sent."""
    members = {k: v for k, v in error.items() if k not in {"code", "detail", "pointer"}}
    return Violation(
        str(error.get("code", "refused")),
        str(error.get("detail", "")),
        str(error.get("pointer", "")),
        members,
        reason,
    )
