"""problem+json (RFC 9457): the one place where refusals and errors become answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import msgspec
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response

from contracts.refusals import Reason, Refusal, Violation
from eventkit.errors import OvertakenError
from httpkit import catalogue

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
CHALLENGE = 'Bearer realm="koppel"'
ERRORS_MAX = 100
"""Nobody reads more, and a large request must not become a larger answer."""

_RESERVED = frozenset({"type", "title", "status", "detail", "code", "errors", "errors_truncated", "pointer"})
_CLASSES_DATA = ("22", "54")
_CLASS_INTEGRITY = "23"
_CLASSES_UNAVAILABLE = ("08", "28", "3D", "53", "55000", "57", "58", "XX")
"""55000 alone of its class: the database takes no connections now. The rest of 55 are locks, which a retry may get."""
_CLASSES_TRANSIENT = ("40", "55")


STATUS_OF: Final[Mapping[Reason, int]] = {
    Reason.FORBIDDEN: 403,
    Reason.NOT_FOUND: 404,
    Reason.STALE: 412,
    Reason.INVALID: 422,
    Reason.CONFLICT: 409,
}
"""The one place where a reason becomes a status."""


class HttpRefusal(Refusal):
    """A refusal of the HTTP kit itself, with a status that no rule of the business has (400, 401, 413, 503 …)."""

    def __init__(self, status: int, violation: Violation, *, retry_after_s: int | None = None) -> None:
        super().__init__(violation, retry_after_s=retry_after_s)
        self.status = status


def status_of(refusal: Refusal) -> int:
    """The status by which a refusal is answered."""
    return refusal.status if isinstance(refusal, HttpRefusal) else STATUS_OF[refusal.reason]


def document(status: int, violations: Sequence[Violation]) -> dict[str, Any]:
    """The problem document: the first violation names it, `errors` holds all.

    Beyond `ERRORS_MAX` they are left out, and `errors_truncated` says so.
    """
    first = violations[0]
    members = {k: v for k, v in first.members.items() if k not in _RESERVED}
    return {
        "type": catalogue.type_of(first.code),
        "title": first.code.replace("-", " ").capitalize(),
        "status": status,
        "detail": first.detail,
        "code": first.code,
        **members,
        "errors": [
            {**v.members, "pointer": v.pointer, "code": v.code, "detail": v.detail}
            for v in violations[:ERRORS_MAX]
        ],
        **({"errors_truncated": True} if len(violations) > ERRORS_MAX else {}),
    }


def respond(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """The problem response of a refusal, with Retry-After if it names a time, and WWW-Authenticate with each 401."""
    more = dict(headers) if headers else {}
    if refusal.retry_after_s is not None:
        more["Retry-After"] = str(refusal.retry_after_s)
    status = status_of(refusal)
    if status == 401:  # noqa: PLR2004
        more.setdefault("WWW-Authenticate", CHALLENGE)
    return respond_document(status, document(status, refusal.violations), more)


def respond_document(status: int, problem: Any, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a finished problem document."""
    return Response(_encode(problem), status, headers, MEDIA_TYPE)


def _encode(problem: Any) -> bytes:
    try:
        return msgspec.json.encode(problem)
    except UnicodeEncodeError:  # a lone surrogate of the caller's in a detail
        return msgspec.json.encode(_clean(problem))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    return value


def refusal(
    status: int,
    code: str,
    detail: str,
    *,
    pointer: str = "",
    where: str = "",
    retry_after_s: int | None = None,
) -> Refusal:
    """A refusal with a status of its own. `where`: what the pointer points into if not the body (header, query)."""
    members = {"in": where} if where else {}
    return HttpRefusal(status, Violation(code, detail, pointer, members), retry_after_s=retry_after_s)


def too_large(max_bytes: int) -> Refusal:
    """413: the body has more bytes than the route takes."""
    return refusal(413, "too-large", f"a body has at most {max_bytes} bytes")


def unavailable(detail: str = "the service cannot answer now", code: str = "unavailable") -> Refusal:
    """503: the request is fine and may be sent again with the same Idempotency-Key."""
    return refusal(503, code, detail, retry_after_s=RETRY_AFTER_S)


def internal() -> Refusal:
    """500 without internals: the log has them, under the answer's X-Request-Id."""
    return refusal(500, "internal-error", "an error of the service, not of the request")


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of an error, "" if it has none."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, asyncpg.DataError):
            return "22000"  # the driver's own: a value that does not fit its parameter, never sent
        state = getattr(seen, "sqlstate", None)
        if isinstance(state, str):
            return state
        seen = getattr(seen, "orig", None) or seen.__cause__
    return ""


def is_unavailable(error: BaseException) -> bool:
    """The database cannot be reached, is full, or did not answer in time."""
    if isinstance(error, PoolTimeoutError | DisconnectionError | OSError | TimeoutError):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, asyncpg.DataError)
    if isinstance(error, asyncpg.InternalClientError):
        return True  # the driver lost track of a connection that broke in the middle of a message
    state = sqlstate(error)
    if not isinstance(error, DBAPIError):
        return isinstance(error, asyncpg.PostgresError) and state.startswith(_CLASSES_UNAVAILABLE)
    return error.connection_invalidated or state == "" or state.startswith(_CLASSES_UNAVAILABLE)


def is_transient(error: BaseException) -> bool:
    """A deadlock, a lock time-out, or another transaction that was first: a retry may succeed."""
    state = sqlstate(error)
    return isinstance(error, OvertakenError) or state.startswith((*_CLASSES_TRANSIENT, _CLASS_INTEGRITY))


def of_error(error: BaseException) -> Refusal:
    """The refusal that answers an exception: 503 without the database, else by its SQLSTATE."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, OvertakenError):
        return _overtaken()
    if is_unavailable(error):
        return unavailable(
            "the database does not answer; ask again with the same key", "database-unavailable"
        )
    return _of_state(sqlstate(error))


def _of_state(state: str) -> Refusal:
    if state.startswith(_CLASSES_DATA):
        return refusal(422, "invalid-value", "a value is outside what can be stored")
    if state.startswith(_CLASS_INTEGRITY):
        return _overtaken()
    if state.startswith(_CLASSES_TRANSIENT):
        return unavailable("too many acts on the same documents; ask again", "contention")
    return internal()


def _overtaken() -> Refusal:
    return refusal(
        409, "concurrent-change", "another act came between; ask again", retry_after_s=RETRY_AFTER_S
    )
