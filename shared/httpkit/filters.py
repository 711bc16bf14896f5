"""Query parameters of lists, and what they mean for a query: filters, ranges of days, search, order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final, TypeVar

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, Select, Text, func, or_

from contracts import fields
from contracts.refusals import Refusal
from httpkit import problems

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 500
VALUES_MAX: Final = 50

T = TypeVar("T")

Several = Annotated[tuple[T, ...], Meta(max_length=VALUES_MAX)]
"""A filter that takes several values, of which one must match: `status=open,released`."""


class PageFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Query parameters of every list. A list with filters derives from it, one field per filter."""

    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Rows per page.", examples=[50])] = (
        LIMIT_DEFAULT
    )
    cursor: Annotated[
        str,
        fields.text(2000),
        Meta(description="`next_cursor` of the page before.", examples=["WyJhYmMiLCJTLTEwMDEiXQ"]),
    ] = ""
    sort: Annotated[
        str, fields.text(50), Meta(description='Order by this field; with "-" before it descending.')
    ] = ""

    sorts: ClassVar[tuple[str, ...]] = ()
    """The fields that `sort` may name."""

    def given(self) -> dict[str, Any]:
        """The filters that the caller set, by name; blank ones filter nothing."""
        own = (name for name in self.__struct_fields__ if name not in ListFilters.__struct_fields__)
        return {name: value for name in own if (value := getattr(self, name)) not in {"", None, ()}}

    @property
    def since(self) -> datetime | None:
        """From when on changes are asked for."""
        return None


class ListFilters(PageFilters, frozen=True, kw_only=True):
    """Query parameters of a list that can be read by time of change."""

    updated_since: Annotated[
        fields.Timestamp | None,
        Meta(
            description="Changed at or after this time, in the order of change; deleted ones are shown too.",
            examples=["2026-03-31T12:00:00Z"],
        ),
    ] = None

    @property
    def since(self) -> datetime | None:
        """From when on changes are asked for."""
        return self.updated_since


class SearchFilters(ListFilters, frozen=True, kw_only=True):
    """Query parameters of a list that can be searched."""

    query: Annotated[
        fields.Text100,
        Meta(
            description="Text in the number, the name or a reference; upper or lower case.", examples=["rope"]
        ),
    ] = ""


class Columns(msgspec.Struct, frozen=True):
    """What filters and `sort` compare: columns by the names that callers use.

    `searched`: where `query` looks. `sorted_only`: names of which the list compares the filter itself.
    """

    by_name: Mapping[str, ColumnElement[Any]]
    searched: tuple[ColumnElement[Any], ...] = ()
    sorted_only: frozenset[str] = frozenset()


def narrowed(query: Select[Any], filters: PageFilters, columns: Columns) -> Select[Any]:
    """The query with the filters whose names are columns; a list applies those of other names itself."""
    for name, value in filters.given().items():
        condition = _condition(name, value, columns)
        if condition is not None:
            query = query.where(condition)
    return query


def _condition(name: str, value: Any, columns: Columns) -> ColumnElement[bool] | None:
    found = columns.by_name.get(name)
    if name in columns.sorted_only:
        return None
    if found is not None:
        return found.in_(value) if isinstance(value, tuple) else found == value
    if name == "query" and columns.searched:
        return or_(*(column.icontains(value, autoescape=True) for column in columns.searched))
    if name.endswith("_from") and (day := columns.by_name.get(name.removesuffix("_from"))) is not None:
        return day >= _day(day, value)
    if name.endswith("_to") and (day := columns.by_name.get(name.removesuffix("_to"))) is not None:
        return day <= _day(day, value)
    return None


def _day(column: ColumnElement[Any], value: date) -> date | str:
    """A member of a stored body is text; days as texts have their own order."""
    return value.isoformat() if isinstance(column.type, Text) else value


def order_of(filters: PageFilters, columns: Columns) -> tuple[ColumnElement[Any], bool] | None:
    """The column that `sort` names, and whether it descends; None without `sort`."""
    if not filters.sort:
        return None
    name = filters.sort.removeprefix("-")
    if name not in filters.sorts:
        raise _bad_sort(
            f"must be one of {', '.join(filters.sorts)}" if filters.sorts else "this list has one order"
        )
    if filters.since is not None:
        raise _bad_sort("with updated_since a list is in the order of change")
    return columns.by_name[name], filters.sort.startswith("-")


def _bad_sort(detail: str) -> Refusal:
    return problems.refusal(422, "bad-sort", f"sort: {detail}", pointer="/sort", where="query")


def member(body: ColumnElement[Any], name: str, default: str = "") -> ColumnElement[str]:
    """A text member of a stored JSON body; members at their default are not stored."""
    return func.coalesce(body.op("->>")(name), default, type_=Text())
