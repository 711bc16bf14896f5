"""Sales quotes over HTTP: the document, its lines, and the order that it becomes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import APIRouter
from msgspec import Meta
from starlette.responses import Response

from contracts import fields
from contracts.sales import ExternalDocumentNo, OrderDate
from httpkit.acts import ChangeAct, CreateAct, DocumentAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Deletion, Listing, SearchFilters, Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, LineNoInPath
from httpkit.reads import ReadMany, ReadOne
from sales.domain.orders.commands import (
    AddLine,
    ChangeHeader,
    ChangeLine,
    DeleteLine,
    DeleteOrder,
    HeaderChanges,
    LineChanges,
    MakeOrder,
    NewSalesLine,
    NewSalesOrder,
)
from sales.domain.quotes.quote import SalesQuoteStatus
from sales.http.answers.orders import (
    SalesOrderAnswer,
    SalesQuoteAnswer,
    sales_order_answer,
    sales_quote_answer,
)
from sales.http.resources import SALES_ORDER, SALES_QUOTE
from sales.store import documents
from sales.store.tables import SALES_DOCUMENT
from sales.use_cases.quotes import (
    add_quote_lines,
    change_quote_headers,
    change_quote_lines,
    create_quotes,
    delete_quote_lines,
    delete_quotes,
    make_orders,
)

router = APIRouter(prefix="/v1/sales-quotes", tags=["sales quotes"])
_READ = [requires("sales:read")]
_WRITE = [requires("sales:write")]
_COLUMNS = SALES_DOCUMENT.c


class SalesQuoteFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of quotes."""

    status: Several[SalesQuoteStatus] = ()
    customer_no: Several[fields.CustomerNo] = ()
    external_document_no: Several[ExternalDocumentNo] = ()
    sales_order_no: Several[fields.SalesOrderNo] = ()
    order_date: Annotated[OrderDate, Meta(description="The day of the quote.")] | None = None
    order_date_from: Annotated[OrderDate, Meta(description="Of this day or later.")] | None = None
    order_date_to: Annotated[OrderDate, Meta(description="Of this day or earlier.")] | None = None

    sorts: ClassVar = ("no", "order_date", "customer_no", "status", "created_at", "updated_at")


_LISTING = Listing(
    query=documents.query(documents.QUOTE),
    key=(_COLUMNS.no,),
    item=lambda row: sales_quote_answer(documents.decoded(documents.QUOTE, row)),
    columns=Columns({**_COLUMNS}, (_COLUMNS.no, _COLUMNS.customer_no, _COLUMNS.external_document_no)),
    updated=_COLUMNS.updated_at,
    deletion=Deletion(_COLUMNS.deleted, _COLUMNS.version, _COLUMNS.no),
)


@router.post("", status_code=201, responses=answers(SalesQuoteAnswer, 201), dependencies=_WRITE)
async def create_sales_quote(act: CreateAct, body: Body[NewSalesOrder]) -> Response:
    """Make a quote by the rules of orders; nothing is bought or shipped for it."""
    outcome = await act.run(create_quotes, body, resource=SALES_QUOTE, present=sales_quote_answer)
    return await act.answer(outcome)


@router.get("", responses=answers(SalesQuoteAnswer, changes=True), dependencies=_READ)
async def list_sales_quotes(reading: ReadMany, filters: Filters[SalesQuoteFilters]) -> Response:
    """Quotes by number, with their lines."""
    return await reading.page(filters, _LISTING)


@router.get("/{no}", responses=answers(SalesQuoteAnswer), dependencies=_READ)
async def get_sales_quote(reading: ReadOne, no: DocumentNo) -> Response:
    """One quote with its lines and its totals."""
    return await reading.one(SALES_QUOTE, no)


@router.patch("/{no}", responses=answers(SalesQuoteAnswer), dependencies=_WRITE)
async def change_sales_quote(act: PatchAct, no: DocumentNo, body: Body[HeaderChanges]) -> Response:
    """Change the header of an open quote; lines keep what they copied from it."""
    data = ChangeHeader(no, body)
    outcome = await act.run(change_quote_headers, data, resource=SALES_QUOTE, present=sales_quote_answer)
    return await act.answer(outcome)


@router.delete("/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITE)
async def delete_sales_quote(act: ChangeAct, no: DocumentNo) -> Response:
    """Delete an open quote; its number stays taken."""
    return await act.answer(await act.run(delete_quotes, DeleteOrder(no)))


@router.post(
    "/{no}/lines",
    status_code=201,
    responses=answers(SalesQuoteAnswer, 201, refuses=[404]),
    dependencies=_WRITE,
)
async def add_sales_quote_line(act: DocumentAct, no: DocumentNo, body: Body[NewSalesLine]) -> Response:
    """Add a line to an open quote; the answer is the whole quote."""
    outcome = await act.run(
        add_quote_lines, AddLine(no, body), resource=SALES_QUOTE, present=sales_quote_answer, status=201
    )
    return await act.answer(outcome)


@router.patch("/{no}/lines/{line_no}", responses=answers(SalesQuoteAnswer), dependencies=_WRITE)
async def change_sales_quote_line(
    act: PatchAct, no: DocumentNo, line_no: LineNoInPath, body: Body[LineChanges]
) -> Response:
    """Change a line of an open quote."""
    data = ChangeLine(no, line_no, body)
    outcome = await act.run(change_quote_lines, data, resource=SALES_QUOTE, present=sales_quote_answer)
    return await act.answer(outcome)


@router.delete(
    "/{no}/lines/{line_no}",
    status_code=204,
    responses=answers(status=204, refuses=[409]),
    dependencies=_WRITE,
)
async def delete_sales_quote_line(act: ChangeAct, no: DocumentNo, line_no: LineNoInPath) -> Response:
    """Take a line off an open quote; its number is not used again."""
    return await act.answer(await act.run(delete_quote_lines, DeleteLine(no, line_no)))


@router.post(
    "/{no}/make-order",
    status_code=201,
    responses=answers(SalesOrderAnswer, 201, refuses=[404, 409]),
    dependencies=_WRITE,
)
async def make_order_of_sales_quote(act: DocumentAct, no: DocumentNo) -> Response:
    """Make the quote an open sales order, once; purchasing codes and flags of its lines go with it."""
    outcome = await act.run(make_orders, MakeOrder(no), resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)
