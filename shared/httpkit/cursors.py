"""Opaque cursors: where a page of a list ended, bound to the list and its filters."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from starlette.requests import Request

from contracts.refusals import Refusal
from httpkit import problems

_TAG_BYTES: Final = 6


def tag_of(request: Request) -> str:
    """A digest of the list and its filters; a cursor is refused for another list or other filters."""
    filters = sorted((k, v) for k, v in request.query_params.multi_items() if k not in {"cursor", "limit"})
    return hashlib.sha256(repr((request.url.path, filters)).encode()).hexdigest()[: _TAG_BYTES * 2]


def encoded(tag: str, values: Sequence[Any]) -> str:
    """The cursor behind a row with these key values."""
    return base64.urlsafe_b64encode(msgspec.json.encode((tag, *values))).decode().rstrip("=")


def decoded(cursor: str, tag: str, types: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a cursor, which have these types (`bad-cursor` otherwise)."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, *values = _decoder(types).decode(raw)
    except (ValueError, msgspec.MsgspecError):
        raise _bad_cursor("cursor: is not one that this service gave out") from None
    # Cursors are not signed: a caller may write its own, but only reads rows that the list shows it anyway.
    if found != tag or any(isinstance(v, str) and "\x00" in v for v in values):
        raise _bad_cursor("cursor: belongs to another list or to other filters")
    return tuple(values)


@lru_cache(maxsize=200)
def _decoder(types: tuple[Any, ...]) -> msgspec.json.Decoder[tuple[Any, ...]]:
    cursor: Any = tuple.__class_getitem__((str, *types))
    return msgspec.json.Decoder(cursor)


def _bad_cursor(detail: str) -> Refusal:
    return problems.refusal(422, "bad-cursor", detail, pointer="/cursor", where="query")
