"""Lines of requisition worksheets."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from fastapi import APIRouter
from sqlalchemy import Select
from starlette.responses import Response

from contracts.refusals import not_found
from httpkit.acts import ChangeAct, CreateAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany, ReadOne, ReadRequest
from planning.domain.requisitions.commands import ChangeLine, CreateLine, DeleteLine, LineChanges, NewLine
from planning.http.answers import RequisitionLineAnswer
from planning.http.filters import RequisitionLineFilters, WorksheetLineFilters
from planning.http.paths import WorksheetInPath
from planning.http.resources import REQUISITION_WORKSHEET, requisition_line
from planning.store import lists, tables
from planning.use_cases.change_requisition_lines import (
    change_requisition_lines,
    create_requisition_lines,
    delete_requisition_lines,
)

router = APIRouter(prefix="/v1", tags=["requisition worksheets"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]

_LINE: Final = msgspec.json.Decoder(RequisitionLineAnswer)


@router.get(
    "/requisition-lines",
    responses=answers(RequisitionLineAnswer, items=True),
    dependencies=_READING,
)
async def list_requisition_lines(reading: ReadMany, page: Filters[RequisitionLineFilters]) -> Response:
    """Requisition lines of all worksheets, the oldest first."""
    return await _page(reading, page, _query(page, page.worksheet))


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
    return await _page(reading, page, _query(page, name))


def _query(page: WorksheetLineFilters, worksheet: str) -> Select[Any]:
    return lists.requisition_lines(
        status=page.status,
        worksheet=worksheet,
        sales_order_no=page.sales_order_no,
        item_no=page.item_no,
        vendor_no=page.vendor_no,
    )


async def _page(reading: ReadRequest, page: WorksheetLineFilters, query: Select[Any]) -> Response:
    columns = tables.REQUISITION_LINES.c
    return await reading.page(
        page,
        query,
        key=(columns.id,),
        item=lambda row: _LINE.decode(row.body),
        updated=columns.updated_at,
    )


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
    """Change an open line; action message New accepts it. Other quantities, vendors and dates are priced anew."""
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
