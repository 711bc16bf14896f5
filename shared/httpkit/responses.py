"""Responses: bodies encoded once by msgspec, and the headers of resources and changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from contracts.keys import in_header
from eventkit.transaction import Queryable
from httpkit import preconditions

Headers = list[tuple[bytes, bytes]]
_JSON: Final = (b"content-type", b"application/json")
NO_STORE: Final = (b"cache-control", b"no-store")
"""Of answers with a secret or a token: nothing on the way may keep them."""
PARKED: Final = "koppel.parked"
"""Member of the scope: versions that the request did not wait for, as `Koppel-Parked` names them."""
_NO_BODY: Final = frozenset({204, 304})
_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class Shown(msgspec.Struct, frozen=True):
    """A resource as it is now: its body (a msgspec struct) and its version, if it has one."""

    body: Any
    version: int | None = None


class Resource(msgspec.Struct, frozen=True):
    """A kind of resource that is addressed by a number.

    `read` gives one by its number, None if there is none. `location` is its address, "/v1/sales-orders/{no}".
    """

    kind: str
    """As in `unknown-<kind>` and `Koppel-Seen`: sales-order."""
    read: Callable[[Queryable, str], Awaitable[Shown | None]]
    location: str = ""

    def location_of(self, no: str) -> str:
        """The address of the resource with this number."""
        return location_of(self.location, no)


class Json(Response):
    """A finished JSON response; made without the work that Starlette does for arbitrary content."""

    def __init__(self, body: bytes, status: int = 200, headers: Headers | None = None) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [*(headers or ())]
        if status not in _NO_BODY:
            self.raw_headers.append((b"content-length", str(len(body)).encode()))
            self.raw_headers.append(_JSON)


def json_response(body: Any, status: int = 200, headers: Headers | None = None) -> Json:
    """A response with this body: a msgspec struct, or anything that msgspec encodes."""
    return Json(_encode(body), status, headers)


def encoded(body: Any, warnings: Sequence[Any] = ()) -> bytes:
    """The body's JSON; warnings become its member `warnings`."""
    plain = _encode(body)
    if not warnings:
        return plain
    joint = b"" if plain == b"{}" else b","
    return b'%b%b"warnings":%b}' % (plain[:-1], joint, _encode(warnings))


def etag_headers(version: int | None) -> Headers:
    """ETag of a version, 0 for settings that were never put; none for what has no version."""
    return [] if version is None else [(b"etag", preconditions.etag(version).encode())]


def version_of(kind: str, no: str, version: int) -> str:
    """An aggregate's version as headers name it: percent-encoded, so that any number fits."""
    return f"{kind}/{in_header(kind, no)}@{version}"


def seen_headers(seen: Iterable[tuple[str, str, int]]) -> Headers:
    """Koppel-Seen: (kind, number, version) that an act raised."""
    raised = [version_of(kind, no, version) for kind, no, version in seen if version > 0]
    return [(b"koppel-seen", ", ".join(raised).encode())] if raised else []


def location_of(template: str, no: str) -> str:
    """An address with the number in its one field."""
    return template.replace("{no}", quote(no, safe=""))
