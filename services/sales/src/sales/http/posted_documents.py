"""Posted shipments and invoices over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Annotated, Any, ClassVar

import msgspec
from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import ColumnElement, Table, select
from starlette.requests import Request
from starlette.responses import Response

from contracts import fields
from contracts.refusals import not_found
from contracts.sales.fields import PostingDate
from contracts.sales.masters import Company
from domainkit.references import COMPANY_NO
from domainkit.structs import extended
from eventkit.transaction import Queryable
from httpkit.acts import OperationAct, RehearsableOperationAct
from httpkit.auth import requires
from httpkit.bodies import Filters, OptionalBody
from httpkit.lists import Columns, Listing, SearchFilters, Several
from httpkit.openapi import answers, printed
from httpkit.papers import HTML, PDF, PaperFormat, paper_response
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany, ReadOne, ReadRequest
from httpkit.responses import Resource
from paperkit.paper import Paper
from recordkit import records
from recordkit.stored import StoredDocument
from sales.domain.papers import credit_memo_paper, invoice_paper, packing_slip
from sales.domain.posting.commands import CorrectInvoice, ShipmentUndo, UndoShipment
from sales.http.answers.posted_documents import (
    CorrectionAnswer,
    CorrectionPreviewAnswer,
    CreditMemoAnswer,
    PostedInvoiceAnswer,
    PostedShipmentAnswer,
    UndoneShipmentAnswer,
    correction_answer,
    credit_memo_answer,
    invoice_answer,
    shipment_answer,
)
from sales.http.resources import POSTED_CREDIT_MEMO, POSTED_INVOICE, POSTED_SHIPMENT
from sales.store.kinds import KINDS_OF_SALES
from sales.store.posted_documents import (
    credit_memo_of,
    find_credit_memo,
    find_invoice,
    find_shipment,
    invoice_of,
    shipment_of,
)
from sales.store.tables import POSTED_SALES_CREDIT_MEMO, POSTED_SALES_INVOICE, POSTED_SALES_SHIPMENT
from sales.use_cases.correct_invoices import correct_invoices
from sales.use_cases.undo_shipments import undo_shipments

router = APIRouter(prefix="/v1", tags=["posted documents"])
_READ = [requires("sales:read")]


class PostedDocumentFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the lists of posted documents: the header names of their source."""

    no: Several[
        Annotated[fields.No, Meta(description="Number of the posted document.", examples=["SS-1001"])]
    ] = ()
    sales_order_no: Several[fields.SalesOrderNo] = ()
    customer_no: Several[fields.CustomerNo] = ()
    posting_date: Annotated[PostingDate, Meta(description="The day of the posting.")] | None = None
    posting_date_from: Annotated[PostingDate, Meta(description="Posted on this day or later.")] | None = None
    posting_date_to: Annotated[PostingDate, Meta(description="Posted on this day or earlier.")] | None = None

    sorts: ClassVar = ("no", "posting_date", "customer_no", "sales_order_no", "created_at", "updated_at")


def _listing(
    table: Table, item: Callable[[Any], Any], *, compared_here: Collection[str] = frozenset()
) -> Listing:
    columns = table.c
    return Listing(
        query=select(columns.body, columns.created_at, columns.updated_at),
        key=(columns.no,),
        item=item,
        columns=Columns(
            {**columns},
            (columns.no, columns.sales_order_no, columns.customer_no),
            sorted_only=frozenset(compared_here),
        ),
        updated=columns.updated_at,
    )


def _joint_listing(table: Table, item: Callable[[Any], Any]) -> Listing:
    """Of documents with lines of several orders: filtered by `_of_orders`."""
    return _listing(table, item, compared_here={"sales_order_no"})


def _of_orders(table: Table, filters: PostedDocumentFilters) -> list[ColumnElement[bool]]:
    """With a line of one of these orders. The last release, while it still runs, notes the header's order alone."""
    nos = list(filters.sales_order_no)
    columns = table.c
    return [columns.sales_order_nos.overlap(nos) | columns.sales_order_no.in_(nos)] if nos else []


class _Printing(msgspec.Struct, frozen=True):
    """How a kind of posted documents is printed."""

    resource: Resource
    find: Callable[[Queryable, str], Awaitable[StoredDocument[Any] | None]]
    paper: Callable[[Any, Company | None], Paper]

    async def answer(self, request: Request, reading: ReadRequest, no: str, media_type: str) -> Response:
        """The document in the format that the caller asks for."""
        async with reading.runner.database.read() as conn:
            found = await self.find(conn, no)
            company = await records.find(conn, KINDS_OF_SALES, Company, COMPANY_NO)
        if found is None:
            raise not_found(self.resource.kind, no)
        return await paper_response(request, self.paper(found.document, company), media_type)


_SHIPMENTS = _listing(POSTED_SALES_SHIPMENT, lambda row: shipment_answer(shipment_of(row)))
_CREDIT_MEMOS = _joint_listing(POSTED_SALES_CREDIT_MEMO, lambda row: credit_memo_answer(credit_memo_of(row)))
_INVOICES = _joint_listing(POSTED_SALES_INVOICE, lambda row: invoice_answer(invoice_of(row)))


@router.get(
    "/posted-sales-shipments", dependencies=_READ, responses=answers(PostedShipmentAnswer, changes=True)
)
async def list_posted_sales_shipments(reading: ReadMany, filters: Filters[PostedDocumentFilters]) -> Response:
    """Posted shipments in the order of their numbers."""
    return await reading.page(filters, _SHIPMENTS)


@router.get("/posted-sales-shipments/{no}", dependencies=_READ, responses=answers(PostedShipmentAnswer))
async def get_posted_sales_shipment(reading: ReadOne, no: DocumentNo) -> Response:
    """One posted shipment with its lines."""
    return await reading.one(POSTED_SHIPMENT, no)


@router.get(
    "/posted-sales-shipments/{no}/document",
    dependencies=_READ,
    response_class=Response,
    responses=printed(PDF, HTML),
)
async def get_packing_slip(
    request: Request, reading: ReadMany, no: DocumentNo, media_type: PaperFormat
) -> Response:
    """The packing slip of a posted shipment, to lie in the parcel: no prices."""
    printing = _Printing(POSTED_SHIPMENT, find_shipment, packing_slip)
    return await printing.answer(request, reading, no, media_type)


@router.post(
    "/posted-sales-shipments/{no}/undo",
    responses=answers(UndoneShipmentAnswer, operation=True, refuses=[404, 409]),
    dependencies=[requires("sales:post")],
)
async def undo_posted_sales_shipment(
    act: OperationAct, no: DocumentNo, body: OptionalBody[ShipmentUndo]
) -> Response:
    """Take a shipment back while it is not invoiced, so that its lines can be shipped again.

    With a drop shipment on it, it is an operation: purchasing takes the receipt back first.
    """
    present = partial(extended, UndoneShipmentAnswer)
    return await act.answer(await act.run(undo_shipments, UndoShipment(no, body), present=present))


@router.get(
    "/posted-sales-invoices", dependencies=_READ, responses=answers(PostedInvoiceAnswer, changes=True)
)
async def list_posted_sales_invoices(reading: ReadMany, filters: Filters[PostedDocumentFilters]) -> Response:
    """Posted invoices in the order of their numbers."""
    return await reading.page(filters, _INVOICES.where(*_of_orders(POSTED_SALES_INVOICE, filters)))


@router.get("/posted-sales-invoices/{no}", dependencies=_READ, responses=answers(PostedInvoiceAnswer))
async def get_posted_sales_invoice(reading: ReadOne, no: DocumentNo) -> Response:
    """One posted invoice with its lines."""
    return await reading.one(POSTED_INVOICE, no)


@router.get(
    "/posted-sales-invoices/{no}/document",
    dependencies=_READ,
    response_class=Response,
    responses=printed(PDF, HTML),
)
async def get_invoice_document(
    request: Request, reading: ReadMany, no: DocumentNo, media_type: PaperFormat
) -> Response:
    """The posted invoice as the customer gets it."""
    printing = _Printing(POSTED_INVOICE, find_invoice, invoice_paper)
    return await printing.answer(request, reading, no, media_type)


@router.post(
    "/posted-sales-invoices/{no}/correct",
    responses=answers(CorrectionAnswer, operation=True, dry_run=CorrectionPreviewAnswer, refuses=[404, 409]),
    dependencies=[requires("sales:post")],
)
async def correct_posted_sales_invoice(act: RehearsableOperationAct, no: DocumentNo) -> Response:
    """Take an invoice back by a credit memo of all of it, so that its orders can be invoiced again.

    With a drop shipment on it, it is an operation: purchasing first lowers what the vendor may invoice, and refuses if
    the vendor has invoiced it. A dry run answers the steps.
    """
    data = CorrectInvoice(no, preview=act.dry_run)
    return await act.answer(await act.run(correct_invoices, data, present=correction_answer))


@router.get(
    "/posted-sales-credit-memos", dependencies=_READ, responses=answers(CreditMemoAnswer, changes=True)
)
async def list_posted_sales_credit_memos(
    reading: ReadMany, filters: Filters[PostedDocumentFilters]
) -> Response:
    """Posted credit memos in the order of their numbers."""
    return await reading.page(filters, _CREDIT_MEMOS.where(*_of_orders(POSTED_SALES_CREDIT_MEMO, filters)))


@router.get("/posted-sales-credit-memos/{no}", dependencies=_READ, responses=answers(CreditMemoAnswer))
async def get_posted_sales_credit_memo(reading: ReadOne, no: DocumentNo) -> Response:
    """One posted credit memo with its lines, each of which names the invoice line that it gives back."""
    return await reading.one(POSTED_CREDIT_MEMO, no)


@router.get(
    "/posted-sales-credit-memos/{no}/document",
    dependencies=_READ,
    response_class=Response,
    responses=printed(PDF, HTML),
)
async def get_credit_memo_document(
    request: Request, reading: ReadMany, no: DocumentNo, media_type: PaperFormat
) -> Response:
    """The posted credit memo as the customer gets it."""
    printing = _Printing(POSTED_CREDIT_MEMO, find_credit_memo, credit_memo_paper)
    return await printing.answer(request, reading, no, media_type)
