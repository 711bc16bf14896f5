"""A request's id and trace: taken from the caller where usable, made here otherwise."""

from __future__ import annotations

import random
import re
from typing import Any, Final

from starlette.requests import Request

from eventkit.context import Context, child_span, trace_id
from eventkit.ids import new_id

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_TRACEPARENT: Final = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_KEY: Final = "koppel.trace"


def begin(scope: Any, request_id: bytes | None, traceparent: bytes | None) -> str:
    """Note the request's id and trace in the scope; the id."""
    usable = request_id is not None and _REQUEST_ID.fullmatch(request_id)
    id_ = request_id.decode() if request_id is not None and usable else str(new_id())
    trace = traceparent.decode() if traceparent is not None and _TRACEPARENT.fullmatch(traceparent) else ""
    scope[_KEY] = (id_, trace or _new_trace())
    return id_


def _new_trace() -> str:
    """A new `traceparent`; a pseudo-random id is unique enough and saves a system call per request."""
    return f"00-{random.getrandbits(128) or 1:032x}-{random.getrandbits(64) or 1:016x}-01"


def trace_of(scope: Any) -> str:
    """The trace's id, for the log."""
    _, trace = scope.get(_KEY) or ("", "")
    return trace_id(trace)


def context_of(request: Request, by: str) -> Context:
    """The context of acts of this request: the request is the cause, its id correlates all that follows."""
    id_, trace = request.scope.get(_KEY) or (str(new_id()), "")
    return Context(id_, id_, child_span(trace), by)
