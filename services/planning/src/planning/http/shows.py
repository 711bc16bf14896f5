"""Reads one resource by its number, as GET and the answers of acts show it."""

from __future__ import annotations

import msgspec

from eventkit.transaction import Queryable
from httpkit.answers import Resource
from planning.domain.masters import Setup
from planning.domain.requisition import RequisitionLine, RequisitionLineView
from planning.domain.runs import answer
from planning.http.inputs import line_id
from planning.store import masters, requisitions


async def _master(conn: Queryable, kind: str, no: str) -> Resource | None:
    found = await masters.find(conn, kind, no)
    return None if found is None else Resource(found, found.version)


async def show_item(conn: Queryable, no: str) -> Resource | None:
    return await _master(conn, masters.ITEM, no)


async def show_location(conn: Queryable, no: str) -> Resource | None:
    return await _master(conn, masters.LOCATION, no)


async def show_stockkeeping_unit(conn: Queryable, no: str) -> Resource | None:
    return await _master(conn, masters.STOCKKEEPING_UNIT, no)


async def show_setup(conn: Queryable, no: str) -> Resource | None:
    """The setup; its defaults as long as nobody put one."""
    return await _master(conn, masters.SETUP, no) or Resource(Setup(), 0)


async def show_worksheet(conn: Queryable, no: str) -> Resource | None:
    return await _master(conn, masters.WORKSHEET, no)


async def show_requisition_line(conn: Queryable, no: str) -> Resource | None:
    id_ = line_id(no)
    found = await requisitions.find_lines(conn, [id_]) if id_ is not None else []
    return Resource(view_of(found[0]), found[0].version) if found else None


async def show_run(conn: Queryable, no: str) -> Resource | None:
    id_ = line_id(no)
    run = await requisitions.find_run(conn, id_) if id_ is not None else None
    return Resource(answer(run)) if run is not None else None


def view_of(line: RequisitionLine) -> RequisitionLineView:
    """The line with every field."""
    return msgspec.convert(line, RequisitionLineView, from_attributes=True)
