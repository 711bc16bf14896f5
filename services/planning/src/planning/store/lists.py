"""Filters of lists that are more than the comparison of a column."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from planning.domain.requisitions.lines import LIVE
from planning.store.tables import REQUISITION_LINES


def has_status(statuses: tuple[str, ...], *, all_by_default: bool) -> list[ColumnElement[bool]]:
    """Of requisition lines: with one of these; without any those still to be decided, with `all` every one."""
    column = REQUISITION_LINES.c.status
    if "all" in statuses or (not statuses and all_by_default):
        return []
    return [column.in_(statuses or sorted(LIVE))]
