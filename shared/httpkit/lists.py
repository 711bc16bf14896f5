"""Lists: page size, opaque cursor, a stable order or the order of change, and the link to the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, bindparam, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from httpkit import changes, cursors
from httpkit.changes import DeletedRecord
from httpkit.filters import (
    Columns,
    ListFilters,
    PageFilters,
    SearchFilters,
    Several,
    member,
    narrowed,
    order_of,
)
from httpkit.responses import Headers, json_response

__all__ = [
    "Columns",
    "Deletion",
    "ListFilters",
    "Listing",
    "PageFilters",
    "SearchFilters",
    "Several",
    "answer",
    "member",
    "order_of",
    "page_of",
]

Key = tuple[ColumnElement[Any], ...]


class Deletion(msgspec.Struct, frozen=True):
    """The columns that say of a record that it was deleted, at which version, and its number."""

    deleted: ColumnElement[bool]
    version: ColumnElement[int]
    no: ColumnElement[str]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What is listed, and how.

    `key`: the columns, not null and together unique, that order the list. `item` makes the answer of a row.
    `updated`: the column that `updated_since` compares, if the list has one. With `deletion` the query selects deleted
    records too, which are shown by time of change alone.
    """

    query: Select[Any]
    key: Key
    item: Callable[[Any], Any]
    columns: Columns = Columns({})
    updated: ColumnElement[datetime] | None = None
    deletion: Deletion | None = None
    descending: bool = False

    def where(self, *conditions: ColumnElement[bool]) -> Listing:
        """The same list of fewer rows."""
        return replace(self, query=self.query.where(*conditions)) if conditions else self


class _Order(msgspec.Struct, frozen=True):
    key: Key
    descending: bool
    by_change: bool
    """The first column of the key is the time of change."""


async def answer(conn: AsyncConnection, request: Request, filters: PageFilters, listing: Listing) -> Response:
    """One page; items are read by names of columns."""
    tag, order = cursors.tag_of(request), _order(filters, listing)
    before = _before(filters, order, tag)
    # Before the list is read: a transaction that ends in between is then still counted as under way.
    settled = await changes.settled(conn) if order.by_change else None
    # One row more than the page: it says whether there is a next page, without a count of all rows.
    statement = _statement(filters, listing, order, before).limit(filters.limit + 1)
    found = (await conn.execute(statement)).all()
    rows = found[: filters.limit]
    more = len(found) > filters.limit
    items = [_item(listing, row) for row in rows]
    keys = [tuple(row[-len(order.key) :]) for row in rows[-1:]]
    if not order.by_change:
        return page_of(request, items, cursors.encoded(tag, keys[0]) if more else None)
    pending = _pending(before, keys, settled)
    next_cursor = cursors.encoded(tag, (*keys[0], pending)) if more else None
    mark = cursors.encoded(tag, (*changes.watermark(keys[0], pending), None)) if keys else filters.cursor
    return page_of(request, items, next_cursor, {"watermark": mark or None})


def page_of(
    request: Request, items: Sequence[Any], cursor: str | None, more: dict[str, Any] | None = None
) -> Response:
    """A page of these items; `cursor` leads to the next one."""
    headers: Headers = [(b"link", _next_link(request, cursor))] if cursor else []
    return json_response({"items": items, "next_cursor": cursor, **(more or {})}, 200, headers)


def _order(filters: PageFilters, listing: Listing) -> _Order:
    sorted_by = order_of(filters, listing.columns)
    if sorted_by is not None:
        column, descending = sorted_by
        return _Order(_first(column, listing.key), descending, by_change=False)
    if filters.since is not None and listing.updated is not None:
        return _Order(_first(listing.updated, listing.key), descending=False, by_change=True)
    return _Order(listing.key, listing.descending, by_change=False)


def _first(column: ColumnElement[Any], key: Key) -> Key:
    return (column, *(each for each in key if each is not column))


def _before(filters: PageFilters, order: _Order, tag: str) -> tuple[Any, ...]:
    """The values of the cursor: the key, and in a list by change also what was pending."""
    if not filters.cursor:
        return ()
    types: tuple[Any, ...] = tuple(column.type.python_type for column in order.key)
    if order.by_change:
        types = (*types, datetime | None)
    return cursors.decoded(filters.cursor, tag, types)


def _pending(before: Sequence[Any], keys: Sequence[Any], settled: datetime | None) -> datetime | None:
    """The earliest time behind which a page of this walk was not settled when it was read."""
    times = [before[-1]] if before and before[-1] is not None else []
    if keys and settled is not None and keys[0][0] >= settled:
        times.append(settled)
    return min(times, default=None)


def _statement(filters: PageFilters, listing: Listing, order: _Order, before: Sequence[Any]) -> Select[Any]:
    query = narrowed(listing.query, filters, listing.columns)
    if order.by_change:
        query = query.where(order.key[0] >= filters.since)
    elif listing.deletion is not None:
        query = query.where(~listing.deletion.deleted)
    if before:
        values = zip(before, order.key, strict=False)
        # A comparison of rows, (a, b) > (x, y), is one range of the index; `a > x OR (a = x AND b > y)` is not.
        after = tuple_(*(bindparam(None, v, type_=c.type) for v, c in values))
        columns = tuple_(*order.key)
        query = query.where(columns < after if order.descending else columns > after)
    if listing.deletion is not None:
        about = listing.deletion
        query = query.add_columns(
            about.deleted.label("record_deleted"),
            about.version.label("record_version"),
            about.no.label("record_no"),
        )
    labelled = [column.label(f"key{i}") for i, column in enumerate(order.key)]
    return query.add_columns(*labelled).order_by(
        *(column.desc() if order.descending else column for column in order.key)
    )


def _item(listing: Listing, row: Any) -> Any:
    if listing.deletion is not None and row.record_deleted:  # only by time of change, which is its first key
        return DeletedRecord(no=row.record_no, version=row.record_version, updated_at=row.key0)
    return listing.item(row)


def _next_link(request: Request, cursor: str) -> bytes:
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    query = QueryParams([*kept, ("cursor", cursor)])
    path = request.scope.get("raw_path") or request.url.path.encode()
    return b'<%b?%b>; rel="next"' % (path.split(b"?")[0], str(query).encode())
