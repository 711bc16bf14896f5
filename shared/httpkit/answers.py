"""Answers: bodies encoded once by msgspec, headers that a changing act carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from eventkit.transaction import Queryable

Headers = list[tuple[bytes, bytes]]
_JSON = (b"content-type", b"application/json")
_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class Resource(msgspec.Struct, frozen=True):
    """What GET answers: the body (a msgspec struct or a dict; Decimals become strings) and the version for ETag."""

    body: Any
    version: int | None = None


Show = Callable[[Queryable, str], Awaitable[Resource | None]]
"""Reads one resource by its number; None if there is none."""


class Json(Response):
    """A finished answer; made without the work that starlette does for arbitrary content."""

    def __init__(self, body: bytes, status: int = 200, headers: Headers | None = None) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [*(headers or ())]
        if status not in {204, 304}:
            self.raw_headers.append((b"content-length", str(len(body)).encode()))
            self.raw_headers.append(_JSON)


def json_answer(body: Any, status: int = 200, headers: Headers | None = None) -> Json:
    """An answer with this body."""
    return Json(_encode(body), status, headers)


def encoded(body: Any, warnings: Sequence[Any] = ()) -> bytes:
    """The body's JSON; warnings become its member `warnings`."""
    plain = _encode(body)
    if not warnings:
        return plain
    joint = b"" if plain == b"{}" else b","
    return b'%b%b"warnings":%b}' % (plain[:-1], joint, _encode(warnings))


def seen_header(seen: Iterable[tuple[str, str, int]]) -> bytes:
    """Koppel-Seen: what the act raised. Numbers are percent-encoded, so that any of them fits into a header."""
    return ", ".join(f"{kind}/{quote(no, safe='/')}@{version}" for kind, no, version in seen).encode()


def location_of(template: str, no: str) -> str:
    """A resource's address."""
    return template.replace("{no}", quote(no, safe=""))
