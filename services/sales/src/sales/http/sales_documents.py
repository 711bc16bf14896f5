"""Routes that orders, quotes, invoices and return orders have in common: the document, its lines, and their list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Final

import msgspec
from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import ColumnElement, Select, Table
from starlette.requests import Request
from starlette.responses import Response

from contracts import fields
from contracts.sales.fields import ExternalDocumentNo, OrderDate
from httpkit.acts import ChangeAct, CreateAct, DocumentAct, PatchAct, PatchOperationAct
from httpkit.auth import requires
from httpkit.bodies import Body, body_of, filters_of
from httpkit.commands import UseCase
from httpkit.lists import Columns, Deletion, Listing, SearchFilters, Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, LineNoInPath
from httpkit.reads import ReadMany, ReadOne
from httpkit.responses import Resource
from sales.domain.orders.commands import (
    AddLine,
    ChangeHeader,
    ChangeLine,
    DeleteLine,
    DeleteOrder,
    HeaderChanges,
    LineChanges,
    NewSalesLine,
    NewSalesOrder,
)
from sales.domain.posting.commands import PostingOptions, PostOrder
from sales.store import documents
from sales.store.tables import SALES_DOCUMENT
from sales.use_cases.sales_documents import SalesDocuments

READ: Final = [requires("sales:read")]
WRITE: Final = [requires("sales:write")]
POST: Final = [requires("sales:post")]


MAIL_IS_CONFIGURED: Final = "mail_is_configured"


def posting_of(request: Request, no: str, body: PostingOptions) -> PostOrder:
    """What posting a document is asked for: with its mail, if this installation can send one."""
    return PostOrder(no, body, mail_is_configured=getattr(request.app.state, MAIL_IS_CONFIGURED))


class SalesDocumentFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the lists of orders, quotes, invoices and return orders."""

    customer_no: Several[fields.CustomerNo] = ()
    external_document_no: Several[ExternalDocumentNo] = ()
    order_date: Annotated[OrderDate, Meta(description="The day of the document.")] | None = None
    order_date_from: Annotated[OrderDate, Meta(description="Of this day or later.")] | None = None
    order_date_to: Annotated[OrderDate, Meta(description="Of this day or earlier.")] | None = None

    sorts: ClassVar = ("no", "order_date", "customer_no", "status", "created_at", "updated_at")


class DocumentActs(msgspec.Struct, frozen=True, kw_only=True):
    """The use cases of a kind of documents."""

    create: UseCase
    change: UseCase
    delete: UseCase
    add_line: UseCase
    change_line: UseCase
    delete_line: UseCase


def acts_of(documents: SalesDocuments) -> DocumentActs:
    """The acts on documents of one kind."""
    return DocumentActs(
        create=documents.create,
        change=documents.change_headers,
        delete=documents.delete,
        add_line=documents.add_lines,
        change_line=documents.change_lines,
        delete_line=documents.delete_lines,
    )


class DocumentRoutes(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of documents over HTTP: its name, its answers, its bodies and its acts."""

    noun: str
    """What a document is called in texts; `name` and `line_name` are parts of the names of operations."""
    name: str
    line_name: str
    creating: str
    """What making one means, for readers of the API document; `changing_a_line` likewise."""
    changing_a_line: str
    resource: Resource
    answer: type[Any]
    present: Callable[[Any], Any]
    filters: type[SalesDocumentFilters]
    listing: Listing
    acts: DocumentActs
    asks_others: bool = False
    """A change may be decided by another service: it is then an operation."""
    new: type[NewSalesOrder] = NewSalesOrder
    new_line: type[NewSalesLine] = NewSalesLine
    line_changes: type[LineChanges] = LineChanges


def listing_of(
    table: Table, query: Select[Any], item: Callable[[Any], Any], searched: tuple[ColumnElement[Any], ...]
) -> Listing:
    """The list of the documents in a table, which is searched in these columns."""
    columns = table.c
    return Listing(
        query=query,
        key=(columns.no,),
        item=item,
        columns=Columns({**columns}, searched),
        updated=columns.updated_at,
        deletion=Deletion(columns.deleted, columns.version, columns.no),
    )


def listing_of_type(type_: str, present: Callable[[Any], Any]) -> Listing:
    """The list of the documents of one type that are no orders."""
    columns = SALES_DOCUMENT.c
    return listing_of(
        SALES_DOCUMENT,
        documents.query(type_),
        lambda row: present(documents.decoded(type_, row)),
        (columns.no, columns.customer_no, columns.external_document_no),
    )


def add_routes(router: APIRouter, of: DocumentRoutes) -> None:
    """Add the routes of the document and of its lines."""
    _add_document(_Router(router, of.noun), of)
    _add_lines(_Router(router, of.noun), of)


class _Router:
    """Adds routes; their texts speak of the kind of document."""

    def __init__(self, router: APIRouter, noun: str) -> None:
        self._router = router
        self._noun = noun

    def add(  # noqa: PLR0913 - what a route is made of
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str,
        text: str,
        responses: dict[int | str, dict[str, Any]],
        status: int | None = None,
        **reads: Any,
    ) -> None:
        """Add one. `reads`: what FastAPI reads a parameter by, where the kind of document decides it."""
        endpoint.__annotations__.update(reads)
        self._router.add_api_route(
            path,
            endpoint,
            methods=[method],
            name=name,
            description=text.format(noun=self._noun),
            status_code=status,
            responses=responses,
            dependencies=READ if method == "GET" else WRITE,
        )


def _add_document(router: _Router, of: DocumentRoutes) -> None:
    async def create(act: CreateAct, body: Any) -> Response:
        outcome = await act.run(of.acts.create, body, resource=of.resource, present=of.present)
        return await act.answer(outcome)

    async def list_documents(reading: ReadMany, filters: Any) -> Response:
        return await reading.page(filters, of.listing)

    async def get(reading: ReadOne, no: DocumentNo) -> Response:
        return await reading.one(of.resource, no)

    async def change(act: PatchAct, no: DocumentNo, body: Body[HeaderChanges]) -> Response:
        data = ChangeHeader(no, body)
        outcome = await act.run(of.acts.change, data, resource=of.resource, present=of.present)
        return await act.answer(outcome)

    async def delete(act: ChangeAct, no: DocumentNo) -> Response:
        return await act.answer(await act.run(of.acts.delete, DeleteOrder(no)))

    router.add(
        "POST",
        "",
        create,
        name=f"create_{of.name}",
        text=of.creating,
        status=201,
        responses=answers(of.answer, 201),
        body=body_of(of.new),
    )
    router.add(
        "GET",
        "",
        list_documents,
        name=f"list_{of.name}s",
        text="Each {noun} in the order of their numbers, with its lines.",
        responses=answers(of.answer, changes=True),
        filters=filters_of(of.filters),
    )
    router.add(
        "GET",
        "/{no}",
        get,
        name=f"get_{of.name}",
        text="One {noun} with its lines and its totals.",
        responses=answers(of.answer),
    )
    router.add(
        "PATCH",
        "/{no}",
        change,
        name=f"change_{of.name}",
        text="Change the header of an open {noun}; lines keep what they copied from it.",
        responses=answers(of.answer, operation=of.asks_others),
        act=PatchOperationAct if of.asks_others else PatchAct,
    )
    router.add(
        "DELETE",
        "/{no}",
        delete,
        name=f"delete_{of.name}",
        text="Delete an open {noun} that nothing was posted or bought for; its number stays taken.",
        status=204,
        responses=answers(status=204, refuses=[409]),
    )


def _add_lines(router: _Router, of: DocumentRoutes) -> None:
    async def add_line(act: DocumentAct, no: DocumentNo, body: Any) -> Response:
        data = AddLine(no, body)
        outcome = await act.run(of.acts.add_line, data, resource=of.resource, present=of.present, status=201)
        return await act.answer(outcome)

    async def change_line(act: PatchAct, no: DocumentNo, line_no: LineNoInPath, body: Any) -> Response:
        data = ChangeLine(no, line_no, body)
        outcome = await act.run(of.acts.change_line, data, resource=of.resource, present=of.present)
        return await act.answer(outcome)

    async def delete_line(act: ChangeAct, no: DocumentNo, line_no: LineNoInPath) -> Response:
        return await act.answer(await act.run(of.acts.delete_line, DeleteLine(no, line_no)))

    router.add(
        "POST",
        "/{no}/lines",
        add_line,
        name=f"add_{of.line_name}",
        text="Add a line to an open {noun}; the answer is the whole {noun}.",
        status=201,
        responses=answers(of.answer, 201, refuses=[404]),
        body=body_of(of.new_line),
    )
    router.add(
        "PATCH",
        "/{no}/lines/{line_no}",
        change_line,
        name=f"change_{of.line_name}",
        text=of.changing_a_line,
        responses=answers(of.answer, operation=of.asks_others),
        body=body_of(of.line_changes),
        act=PatchOperationAct if of.asks_others else PatchAct,
    )
    router.add(
        "DELETE",
        "/{no}/lines/{line_no}",
        delete_line,
        name=f"delete_{of.line_name}",
        text="Take a line off an open {noun}; its number is not used again.",
        status=204,
        responses=answers(status=204, refuses=[409]),
    )
