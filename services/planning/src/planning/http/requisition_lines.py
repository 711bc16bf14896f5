"""Lines of requisition worksheets."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from contracts.refusals import not_found
from httpkit.acts import ChangeAct, CreateAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Listing
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany, ReadOne
from planning.domain.requisitions.commands import ChangeLine, CreateLine, DeleteLine, LineChanges, NewLine
from planning.http.answers import RequisitionLineAnswer, requisition_line_answer
from planning.http.filters import RequisitionLineFilters, WorksheetLineFilters
from planning.http.paths import WorksheetInPath
from planning.http.resources import REQUISITION_WORKSHEET, requisition_line
from planning.store import lists
from planning.store.requisitions import stored_of
from planning.store.tables import REQUISITION_LINES
from planning.use_cases.change_requisition_lines import (
    change_requisition_lines,
    create_requisition_lines,
    delete_requisition_lines,
)

router = APIRouter(prefix="/v1", tags=["requisition worksheets"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]

_COLUMNS: Final = REQUISITION_LINES.c
_LISTING: Final = Listing(
    query=select(_COLUMNS.body, _COLUMNS.created_at, _COLUMNS.updated_at),
    key=(_COLUMNS.id,),
    item=lambda row: requisition_line_answer(stored_of(row)),
    columns=Columns({**_COLUMNS}, sorted_only=frozenset({"status"})),
    updated=_COLUMNS.updated_at,
)


@router.get(
    "/requisition-lines",
    responses=answers(RequisitionLineAnswer, items=True),
    dependencies=_READING,
)
async def list_requisition_lines(reading: ReadMany, page: Filters[RequisitionLineFilters]) -> Response:
    """Requisition lines of all worksheets, the oldest first."""
    return await reading.page(page, _listing(page))


@router.get(
    "/requisition-worksheets/{name}/lines",
    responses=answers(RequisitionLineAnswer, items=True, refuses=[404]),
    dependencies=_READING,
)
async def list_worksheet_lines(
    reading: ReadMany, name: WorksheetInPath, page: Filters[WorksheetLineFilters]
) -> Response:
    """Lines of a worksheet, the oldest first."""
    async with reading.runner.database.read() as conn:
        if await REQUISITION_WORKSHEET.read(conn, name) is None:
            raise not_found(REQUISITION_WORKSHEET.kind, name)
    return await reading.page(page, _listing(page).where(_COLUMNS.worksheet == name))


def _listing(page: WorksheetLineFilters) -> Listing:
    """A caller that follows changes must see a line leave the status that it had."""
    return _LISTING.where(*lists.has_status(page.status, all_by_default=page.since is not None))


@router.post(
    "/requisition-worksheets/{name}/lines",
    status_code=201,
    responses=answers(RequisitionLineAnswer, 201, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def create_requisition_line(act: CreateAct, name: WorksheetInPath, body: Body[NewLine]) -> Response:
    """Write a line by hand. It serves no sales line."""
    data = CreateLine(name, body)
    outcome = await act.run(create_requisition_lines, data, resource=requisition_line(name))
    return await act.answer(outcome)


@router.get(
    "/requisition-worksheets/{name}/lines/{id}",
    responses=answers(RequisitionLineAnswer),
    dependencies=_READING,
)
async def get_requisition_line(
    reading: ReadOne,
    name: WorksheetInPath,
    id: IdInPath,  # noqa: A002 - the path's name
) -> Response:
    """One line of a worksheet, in any status."""
    return await reading.one(requisition_line(name), str(id))


@router.patch(
    "/requisition-worksheets/{name}/lines/{id}",
    responses=answers(RequisitionLineAnswer, refuses=[409]),
    dependencies=_WRITING,
)
async def change_requisition_line(
    act: PatchAct,
    name: WorksheetInPath,
    id: IdInPath,  # noqa: A002 - the path's name
    body: Body[LineChanges],
) -> Response:
    """Change an open line; action message New accepts it. Other quantities, vendors and dates are priced anew.

    A message about a purchase line turns with its quantity and due date; quantity 0 cancels the purchase line.
    """
    data = ChangeLine(name, id, body)
    outcome = await act.run(change_requisition_lines, data, resource=requisition_line(name))
    return await act.answer(outcome)


@router.delete(
    "/requisition-worksheets/{name}/lines/{id}",
    status_code=204,
    responses=answers(status=204, refuses=[409]),
    dependencies=_WRITING,
)
async def delete_requisition_line(
    act: ChangeAct,
    name: WorksheetInPath,
    id: IdInPath,  # noqa: A002 - the path's name
) -> Response:
    """Delete an open line; its sales line, if it serves one, awaits a requisition again."""
    return await act.answer(await act.run(delete_requisition_lines, DeleteLine(name, id)))
