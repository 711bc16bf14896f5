"""Filters of lists: a query parameter that is given must be equal to its column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select

from httpkit.lists import ListFilters


def filtered(
    query: Select[Any], columns: Any, filters: ListFilters, names: tuple[str, ...], **others: str
) -> Select[Any]:
    """The query with the filters of these names; `others` maps names to columns called otherwise."""
    column_of: Mapping[str, str] = {name: name for name in names} | others
    for name, column in column_of.items():
        value = getattr(filters, name)
        if value is not None:
            query = query.where(columns[column] == value)
    return query
