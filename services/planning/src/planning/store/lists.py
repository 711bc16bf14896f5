"""Queries behind lists: filters and stable orders; everything else is set-based SQL in the repositories."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from planning.domain.masters.items import ItemCard
from planning.domain.requisitions.lines import LIVE
from planning.store.kinds import KINDS_OF_PLANNING
from planning.store.tables import ENTRIES, REQUISITION_LINES, STOCK
from recordkit.records import MASTER, listed


def items(*, vendor_no: str = "", query: str = "") -> Select[Any]:
    """Items of a vendor, or with a text in number or description."""
    found = listed(KINDS_OF_PLANNING, ItemCard)
    if vendor_no:
        found = found.where(func.json_extract_path_text(MASTER.c.body, "vendor_no") == vendor_no)
    if query:
        description = func.json_extract_path_text(MASTER.c.body, "description")
        found = found.where(
            MASTER.c.no.icontains(query, autoescape=True) | description.icontains(query, autoescape=True)
        )
    return found


def requisition_lines(*, status: str = "", **filters: str) -> Select[Any]:
    """Requisition lines; without a status those that are open or being carried out, with `all` every one."""
    columns = REQUISITION_LINES.c
    found = select(columns.body)
    if not status:
        found = found.where(columns.status.in_(sorted(LIVE)))
    elif status != "all":
        found = found.where(columns.status == status)
    for name, value in filters.items():
        if value:
            found = found.where(columns[name] == value)
    return found


def entries(*, location_code: str | None = None, **filters: str) -> Select[Any]:
    """Item ledger entries; `filters` are columns and the values that they must have."""
    found = select(ENTRIES)
    if location_code is not None:
        found = found.where(ENTRIES.c.location_code == location_code)
    for name, value in filters.items():
        if value:
            found = found.where(ENTRIES.c[name] == value)
    return found


def stock(*, item_no: str = "", location_code: str | None = None) -> Select[Any]:
    """Stock by item and location."""
    found = select(STOCK)
    if item_no:
        found = found.where(STOCK.c.item_no == item_no)
    if location_code is not None:
        found = found.where(STOCK.c.location_code == location_code)
    return found
