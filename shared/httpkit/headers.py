"""A request's headers, put in order once: Starlette's own look-up goes through all of them each time."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import Scope

_FIRST: Final = "koppel.headers"


def all_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name; where one is repeated its last value."""
    given = scope["headers"]
    headers = dict(given)
    scope[_FIRST] = headers if len(headers) == len(given) else dict(reversed(given))
    return headers


def header_of(request: Request, name: str) -> str | None:
    """A header's (first) value; `name` in lower case."""
    first: dict[bytes, bytes] | None = request.scope.get(_FIRST)
    if first is None:
        return request.headers.get(name)
    value = first.get(name.encode())
    return None if value is None else value.decode("latin-1")
