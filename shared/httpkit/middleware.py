"""The outermost layer: request ids, traces, sizes and types of bodies, the access log, metrics, and the last resort."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.refusals import Refusal
from httpkit import metrics, problems, slashes, tracing
from httpkit.responses import PARKED, Headers

_BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_QUIET_ROUTES: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
_UNKNOWN_ROUTE: Final = "(none)"
_CLIENT_CLOSED: Final = 499
_NO_SNIFFING: Final = (b"x-content-type-options", b"nosniff")
_log = structlog.get_logger("koppel.access")

MoreHeaders = Callable[[Scope], Awaitable[Headers]]
"""What a service adds to each of its answers, refusals and errors too; must not throw."""


class RequestMiddleware:
    """Plain ASGI, because every request passes here."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, more_headers: MoreHeaders | None = None) -> None:
        self.app = app
        self._max_body_bytes = max_body_bytes
        self._more_headers = more_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request: bounds, trace, access log and metrics around the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = _as_get(scope, send)
        slashes.keep_apart(scope)  # before routing, which would take `%2F` for a separator
        headers = dict(scope["headers"])
        request_id = tracing.begin(scope, headers.get(b"x-request-id"), headers.get(b"traceparent"))
        answer = _Answer(scope, send, request_id, self._more_headers)
        started = time.perf_counter()
        try:
            # Refused before the application reads the body: a body that is too large never enters memory.
            refusal = _refused_at_once(scope, headers, self._max_body_bytes)
            if refusal is not None:
                await problems.respond(refusal)(scope, receive, answer.send)
            else:
                await self.app(scope, self._bounded(headers, receive), answer.send)
        except ClientDisconnect:
            pass  # it does not wait for an answer; the access log has it as 499
        except Exception as error:  # noqa: BLE001 - the last resort: the caller gets a problem, the log the error
            await self._last_resort(error, scope, receive, answer)
        finally:
            _account(scope, answer, time.perf_counter() - started)

    def _bounded(self, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        """A body whose length was announced needs no counting: the server holds the client to it."""
        if b"transfer-encoding" not in headers:
            return receive
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                raise problems.too_large(self._max_body_bytes)
            return message

        return counted

    async def _last_resort(self, error: Exception, scope: Scope, receive: Receive, answer: _Answer) -> None:
        refusal = problems.of_error(error)
        if problems.status_of(refusal) == 500:  # noqa: PLR2004 - a mistake of ours: where it happened matters
            _log.error("request failed", request_id=answer.request_id, path=scope["path"], exc_info=error)
        elif not isinstance(error, Refusal):
            _log.warning(
                "request failed", request_id=answer.request_id, path=scope["path"], error=repr(error)
            )
        # Once the headers are sent a second response would break the connection's framing: only the log has the error.
        if answer.status is None:
            await problems.respond(refusal)(scope, receive, answer.send)


class _Answer:
    """Wraps `send`: adds the request's id and the service's headers, and notes the status for log and metrics."""

    __slots__ = ("_more_headers", "_scope", "_send", "request_id", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str, more_headers: MoreHeaders | None) -> None:
        self._scope = scope
        self._send = send
        self._more_headers = more_headers
        self.request_id = request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            more = await self._more_headers(self._scope) if self._more_headers is not None else ()
            self.status = message["status"]
            message["headers"] = [
                *message["headers"],
                (b"x-request-id", self.request_id.encode()),
                _NO_SNIFFING,
                *_parked(self._scope),
                *more,
            ]
        await self._send(message)


def _parked(scope: Scope) -> Headers:
    """What the request did not wait for (`Koppel-After`): it is parked here."""
    parked = scope.get(PARKED, ())
    return [(b"koppel-parked", ", ".join(parked).encode())] if parked else []


def _as_get(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """HEAD is GET without the body: the same route answers, with the same headers."""

    async def send_without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    # A copy: the server looks at its own scope to frame an answer to HEAD.
    return {**scope, "method": "GET"}, send_without_body


def _refused_at_once(scope: Scope, headers: dict[bytes, bytes], max_body_bytes: int) -> Refusal | None:
    # PostgreSQL stores no NUL: as a parameter of a query it would be an error of ours instead of the caller's.
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        return problems.refusal(422, "invalid-text", "an address must not contain NUL")
    # Two servers that read a list of codings differently would see two different requests in the same bytes.
    if b"transfer-encoding" in headers and _codings(scope) != [b"chunked"]:
        return problems.refusal(
            400, "malformed-transfer-encoding", "Transfer-Encoding: only chunked is taken"
        )
    return _body_refused(headers, max_body_bytes) if scope["method"] in _BODY_METHODS else None


def _body_refused(headers: dict[bytes, bytes], max_body_bytes: int) -> Refusal | None:
    length = headers.get(b"content-length", b"0")
    # Cut, because `int` raises for thousands of digits.
    if not length.isdigit() or int(length[:20]) > max_body_bytes:
        return problems.too_large(max_body_bytes)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return problems.refusal(415, "unsupported-content-encoding", "send the body uncompressed")
    has_body = length.strip(b"0") != b"" or b"transfer-encoding" in headers
    if has_body and not _is_json(headers.get(b"content-type", b"")):
        return problems.refusal(415, "unsupported-media-type", "send application/json")
    return None


def _codings(scope: Scope) -> list[bytes]:
    return [value.lower() for name, value in scope["headers"] if name == b"transfer-encoding"]


def _is_json(content_type: bytes) -> bool:
    if content_type == b"application/json":
        return True
    media_type, _, parameters = content_type.lower().partition(b";")
    media_type = media_type.strip()
    if not media_type.startswith(b"application/") or not media_type.endswith((b"/json", b"+json")):
        return False
    return b"charset=" not in parameters or b"utf-8" in parameters


_children: dict[tuple[str, str, int], tuple[Any, Any]] = {}


def _account(scope: Scope, answer: _Answer, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", None) or _UNKNOWN_ROUTE
    status = answer.status or _CLIENT_CLOSED
    method = scope["method"]
    found = _children.get((method, route, status))
    if found is None:
        if route == _UNKNOWN_ROUTE:
            method = (
                "(any)"  # methods of unknown routes are the callers' words: they must not grow the metrics
            )
        found = metrics.REQUESTS.labels(method, route, str(status)), metrics.SECONDS.labels(method, route)
        if route != _UNKNOWN_ROUTE:
            _children[method, route, status] = found
    found[0].inc()
    found[1].observe(seconds)
    if route not in _QUIET_ROUTES:
        principal = scope.get("koppel.principal")
        _log.info(
            "request",
            method=scope["method"],
            path=slashes.put_back(scope["path"]),
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            by=principal.subject if principal is not None else "",
            request_id=answer.request_id,
            trace_id=tracing.trace_of(scope),
        )
