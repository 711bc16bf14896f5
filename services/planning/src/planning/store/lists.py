"""Filters of lists that are more than the comparison of a column."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from planning.domain.requisitions.lines import LIVE
from planning.domain.reservations.reservation import ACTIVE
from planning.store.tables import REQUISITION_LINES, RESERVATIONS


def has_status(statuses: tuple[str, ...], *, all_by_default: bool) -> list[ColumnElement[bool]]:
    """Of requisition lines: with one of these; without any those still to be decided, with `all` every one."""
    column = REQUISITION_LINES.c.status
    if "all" in statuses or (not statuses and all_by_default):
        return []
    return [column.in_(statuses or sorted(LIVE))]


def is_active(statuses: tuple[str, ...], *, all_by_default: bool) -> list[ColumnElement[bool]]:
    """Of reservations: with one of these; without any those that hold something, with `all` every one."""
    if "all" in statuses or (not statuses and all_by_default):
        return []
    return [RESERVATIONS.c.status.in_(statuses or (ACTIVE,))]
