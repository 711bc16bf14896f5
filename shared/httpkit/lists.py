"""Lists: page size, opaque cursor, `updated_since`, a stable order and the link to the next page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import Select, bindparam, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from contracts import fields
from contracts.refusals import Refusal
from httpkit import problems
from httpkit.responses import Headers, json_response

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 500
_TAG_BYTES: Final = 6


class ListFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Query parameters of every list. A list with filters derives from it, one field per filter."""

    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Rows per page.", examples=[50])] = (
        LIMIT_DEFAULT
    )
    cursor: Annotated[
        str,
        fields.text(2000),
        Meta(description="`next_cursor` of the page before.", examples=["WyJhYmMiLCJTLTEwMDEiXQ"]),
    ] = ""
    updated_since: Annotated[
        fields.Timestamp | None,
        Meta(description="Changed at or after this time.", examples=["2026-03-31T12:00:00Z"]),
    ] = None

    def given(self) -> dict[str, Any]:
        """The filters that the caller set, by name; blank ones filter nothing."""
        own = (name for name in self.__struct_fields__ if name not in ListFilters.__struct_fields__)
        return {name: value for name in own if (value := getattr(self, name)) not in {"", None}}


class Wanted(msgspec.Struct, frozen=True):
    """What is listed: the filtered query, and the columns (not null, together unique) that order it.

    `updated` is the column that `updated_since` compares, if the list has one.
    """

    query: Select[Any]
    key: tuple[Any, ...]
    updated: Any = None
    descending: bool = False


async def answer(
    conn: AsyncConnection,
    request: Request,
    page: ListFilters,
    wanted: Wanted,
    body: Callable[[Any], Any],
) -> Response:
    """One page. `body` makes an item of a row; read the row by names (the key columns are appended to it)."""
    tag = _tag(request)
    limit = page.limit
    # One row more than the page: it says whether there is a next page, without a count of all rows.
    found = (await conn.execute(_statement(page, wanted, tag).limit(limit + 1))).all()
    rows = found[:limit]
    more = len(found) > limit
    cursor = _encode(tag, rows[-1][-len(wanted.key) :]) if more else None
    return page_of(request, [body(row) for row in rows], cursor)


def page_of(request: Request, items: Sequence[Any], cursor: str | None) -> Response:
    """A page of these items; `cursor` leads to the next one."""
    headers: Headers = [(b"link", _next_link(request, cursor))] if cursor else []
    return json_response({"items": items, "next_cursor": cursor}, 200, headers)


def _statement(page: ListFilters, wanted: Wanted, tag: str) -> Select[Any]:
    query = wanted.query
    if page.updated_since is not None and wanted.updated is not None:
        query = query.where(wanted.updated >= page.updated_since)
    if page.cursor:
        values = _decode(page.cursor, tag, tuple(column.type.python_type for column in wanted.key))
        # A comparison of rows, (a, b) > (x, y), is one range of the index; `a > x OR (a = x AND b > y)` is not.
        after = tuple_(*(bindparam(None, v, type_=c.type) for v, c in zip(values, wanted.key, strict=True)))
        columns = tuple_(*wanted.key)
        query = query.where(columns < after if wanted.descending else columns > after)
    labelled = [column.label(f"_key{i}") for i, column in enumerate(wanted.key)]
    return query.add_columns(*labelled).order_by(*(c.desc() if wanted.descending else c for c in wanted.key))


def _tag(request: Request) -> str:
    """A digest of the list and its filters; a cursor is refused for another list or other filters."""
    filters = sorted((k, v) for k, v in request.query_params.multi_items() if k not in {"cursor", "limit"})
    return hashlib.sha256(repr((request.url.path, filters)).encode()).hexdigest()[: _TAG_BYTES * 2]


def _encode(tag: str, values: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((tag, *values))).decode().rstrip("=")


def _decode(cursor: str, tag: str, types: tuple[type, ...]) -> tuple[Any, ...]:
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
def _decoder(types: tuple[type, ...]) -> msgspec.json.Decoder[tuple[Any, ...]]:
    cursor: Any = tuple.__class_getitem__((str, *types))
    return msgspec.json.Decoder(cursor)


def _bad_cursor(detail: str) -> Refusal:
    return problems.refusal(422, "bad-cursor", detail, pointer="/cursor", where="query")


def _next_link(request: Request, cursor: str) -> bytes:
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    query = QueryParams([*kept, ("cursor", cursor)])
    path = request.scope.get("raw_path") or request.url.path.encode()
    return b'<%b?%b>; rel="next"' % (path.split(b"?")[0], str(query).encode())
