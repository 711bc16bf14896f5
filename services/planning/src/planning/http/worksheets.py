"""Requisition worksheets, their lines, and carry-out."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Select
from starlette.responses import Response

from contracts.refusals import not_found
from eventkit.transaction import Queryable
from httpkit.answers import Resource, Show
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import No20, No20OrBlank
from httpkit.fields import no as numbered
from httpkit.lists import Page
from httpkit.openapi import answers
from planning.domain.masters import Worksheet
from planning.domain.requisition import RequisitionLineView
from planning.http.inputs import (
    CarryOutInput,
    GetSalesOrdersInput,
    LineChangeInput,
    NewLineInput,
    WorksheetInput,
    line_id,
)
from planning.http.shows import show_requisition_line, show_run, show_worksheet
from planning.http.views import CarryOutRunView, GotLines
from planning.store import lists
from planning.store.masters import DECODERS, WORKSHEET
from planning.use_cases import change_requisition_lines as change
from planning.use_cases.carry_out import carry_out
from planning.use_cases.get_sales_orders import get_sales_orders
from planning.use_cases.put_masters import put_worksheets

Status = Literal["", "open", "carrying_out", "carried_out", "superseded", "cancelled", "all"]

_LINE = msgspec.json.Decoder(RequisitionLineView)
_TAGS: Any = ["requisition worksheets"]


class WorksheetLines(Page):
    """Filters of a worksheet's lines; without a status those that are open or being carried out."""

    status: Status = ""
    sales_order_no: No20OrBlank = ""
    item_no: No20OrBlank = ""
    vendor_no: No20OrBlank = ""


class Lines(WorksheetLines):
    """Filters of requisition lines of all worksheets."""

    worksheet: No20OrBlank = ""


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """Routes of worksheets."""
    router = APIRouter(prefix="/v1")
    reading = [Depends(tokens.require("planning:read"))]
    writing = [Depends(tokens.require("planning:write"))]
    _lines(router, edge, reading, writing)
    _acts(router, edge, reading, writing)
    _worksheets(router, edge, reading, writing)
    return router


def _worksheets(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    path = "/requisition-worksheets/{name}"

    @router.put(path, tags=_TAGS, responses=answers(Worksheet), dependencies=writing)
    async def put_worksheet(request: Request, name: No20, body: WorksheetInput) -> Response:
        """Make a worksheet, or describe it anew."""
        return await edge.act(request, put_worksheets, body.worksheet(name), show=show_worksheet)

    @router.get(path, tags=_TAGS, responses=answers(Worksheet), dependencies=reading)
    async def get_worksheet(request: Request, name: str) -> Response:
        return await edge.show(request, show_worksheet, numbered(name), "requisition-worksheet")

    @router.get(
        "/requisition-worksheets", tags=_TAGS, responses=answers(Worksheet, items=True), dependencies=reading
    )
    async def list_worksheets(request: Request, page: Annotated[Page, Query()]) -> Response:
        columns = lists.MASTERS.c
        return await edge.listing(
            request,
            page,
            lists.masters(WORKSHEET),
            key=[columns.no],
            body=lambda row: DECODERS[WORKSHEET].decode(row.body),
            updated=columns.updated_at,
        )


def _lines(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    path = "/requisition-worksheets/{name}/lines"
    answer = answers(RequisitionLineView)
    many = answers(RequisitionLineView, items=True)

    @router.get("/requisition-lines", tags=_TAGS, responses=many, dependencies=reading)
    async def list_lines(request: Request, page: Annotated[Lines, Query()]) -> Response:
        """Lines of all worksheets."""
        return await _listing(edge, request, page, _query(page, page.worksheet))

    @router.get(path, tags=_TAGS, responses=many, dependencies=reading)
    async def list_worksheet(
        request: Request, name: str, page: Annotated[WorksheetLines, Query()]
    ) -> Response:
        async with edge.database.read() as conn:
            if await show_worksheet(conn, numbered(name)) is None:
                raise not_found("requisition-worksheet", numbered(name))
        return await _listing(edge, request, page, _query(page, numbered(name)))

    @router.post(
        path, tags=_TAGS, status_code=201, responses=answers(RequisitionLineView, 201), dependencies=writing
    )
    async def create_line(request: Request, name: str, body: NewLineInput) -> Response:
        """A line written by hand."""
        return await edge.act(
            request,
            change.create_requisition_lines,
            body.line(numbered(name)),
            show=show_requisition_line,
            status=201,
            location=f"/v1/requisition-worksheets/{numbered(name)}/lines/{{no}}",
        )

    @router.get(f"{path}/{{id}}", tags=_TAGS, responses=answer, dependencies=reading)
    async def get_line(request: Request, name: str, id: str) -> Response:  # noqa: A002 - the path's name
        return await edge.show(request, _show_in(numbered(name)), id, "requisition-line")

    @router.patch(f"{path}/{{id}}", tags=_TAGS, responses=answer, dependencies=writing)
    async def change_line(request: Request, name: str, id: str, body: LineChangeInput) -> Response:  # noqa: A002
        """Edit a line; action message New accepts it."""
        data = body.change(numbered(name), _id(id))
        return await edge.act(request, change.change_requisition_lines, data, show=show_requisition_line)

    @router.delete(
        f"{path}/{{id}}", tags=_TAGS, status_code=204, responses=answers(status=204), dependencies=writing
    )
    async def delete_line(request: Request, name: str, id: str) -> Response:  # noqa: A002
        """Delete a line: a released sales line awaits a requisition again."""
        data = change.DeleteLine(numbered(name), _id(id))
        return await edge.act(request, change.delete_requisition_lines, data, status=204)


def _acts(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    path = "/requisition-worksheets/{name}"

    @router.post(f"{path}/get-sales-orders", tags=_TAGS, responses=answers(GotLines), dependencies=writing)
    async def get_orders(request: Request, name: str, body: GetSalesOrdersInput) -> Response:
        """Requisition lines for flagged sales lines that nothing procures yet."""
        return await edge.act(request, get_sales_orders, body.wish(numbered(name)))

    @router.post(
        f"{path}/carry-out",
        tags=_TAGS,
        status_code=202,
        responses=answers(CarryOutRunView, operation=True),
        dependencies=writing,
    )
    async def carry_out_worksheet(request: Request, name: str, body: CarryOutInput) -> Response:
        """Ask purchasing for purchase orders; an operation, its id is the run's."""
        return await edge.act(request, carry_out, body.wish(numbered(name)))

    @router.get("/carry-out-runs/{id}", tags=_TAGS, responses=answers(CarryOutRunView), dependencies=reading)
    async def get_run(request: Request, id: str) -> Response:  # noqa: A002 - the path's name
        return await edge.show(request, show_run, id, "carry-out-run")


def _query(page: WorksheetLines, worksheet: str) -> Select[Any]:
    return lists.requisition_lines(
        status=page.status,
        worksheet=worksheet,
        sales_order_no=page.sales_order_no,
        item_no=page.item_no,
        vendor_no=page.vendor_no,
    )


async def _listing(edge: Edge, request: Request, page: Page, query: Select[Any]) -> Response:
    columns = lists.REQUISITION_LINES.c
    return await edge.listing(
        request,
        page,
        query,
        key=[columns.id],
        body=lambda row: _LINE.decode(row.body),
        updated=columns.updated_at,
    )


def _show_in(worksheet: str) -> Show:
    """Shows a line of this worksheet, none of another."""

    async def show(conn: Queryable, no: str) -> Resource | None:
        found = await show_requisition_line(conn, no)
        return found if found is not None and found.body.worksheet == worksheet else None

    return show


def _id(value: str) -> UUID:
    found = line_id(value)
    if found is None:
        raise not_found("requisition-line", value)
    return found
