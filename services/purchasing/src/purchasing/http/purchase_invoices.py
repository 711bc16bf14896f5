"""Purchase invoices before they are posted: create, change, delete, get receipt lines, post."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import select
from starlette.responses import Response

from contracts.fields import No, VendorNo
from httpkit.acts import ChangeAct, CreateAct, DocumentAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Deletion, Listing, SearchFilters, Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, LineNoInPath
from httpkit.reads import ReadMany, ReadOne
from purchasing.domain.invoices.commands import (
    ActOnInvoice,
    AddInvoiceLine,
    ChangeInvoice,
    ChangeInvoiceLine,
    DeleteInvoiceLine,
    GetReceiptLines,
    InvoiceLineChanges,
    InvoicePosting,
    NewInvoiceLine,
    NewPurchaseInvoice,
    PostInvoice,
    PurchaseInvoiceChanges,
    ReceiptLinesToGet,
)
from purchasing.domain.invoices.invoice import InvoiceStatus
from purchasing.http.answers.purchase_invoices import (
    PostedInvoiceNoAnswer,
    PurchaseInvoiceAnswer,
    posted_invoice_no_answer,
    purchase_invoice_of_row,
)
from purchasing.http.resources import PURCHASE_INVOICE
from purchasing.store.tables import UNPOSTED_INVOICES
from purchasing.use_cases.change_purchase_invoices import (
    add_invoice_lines,
    change_invoice_lines,
    change_purchase_invoices,
    delete_invoice_lines,
    delete_purchase_invoices,
)
from purchasing.use_cases.create_purchase_invoices import create_purchase_invoices
from purchasing.use_cases.get_receipt_lines import get_receipt_lines
from purchasing.use_cases.post_purchase_invoices import post_purchase_invoices

router = APIRouter(prefix="/v1/purchase-invoices", tags=["purchase invoices"])
_READING: Final = [requires("purchasing:read")]
_WRITING: Final = [requires("purchasing:write")]
_POSTING: Final = [requires("purchasing:post")]


class PurchaseInvoiceFilters(SearchFilters, frozen=True, kw_only=True):
    """Which purchase invoices are listed."""

    vendor_no: Several[VendorNo] = ()
    status: Several[InvoiceStatus] = ()
    sales_document_no: Several[
        Annotated[No, Meta(description="Made for this sales document.", examples=["S-1001"])]
    ] = ()

    sorts: ClassVar = ("no", "vendor_no", "status", "created_at", "updated_at")


_COLUMNS: Final = UNPOSTED_INVOICES.c
_LISTING: Final = Listing(
    query=select(_COLUMNS.body, _COLUMNS.created_at, _COLUMNS.updated_at),
    key=(_COLUMNS.no,),
    item=purchase_invoice_of_row,
    columns=Columns({**_COLUMNS}, (_COLUMNS.no, _COLUMNS.vendor_no, _COLUMNS.sales_document_no)),
    updated=_COLUMNS.updated_at,
    deletion=Deletion(_COLUMNS.deleted, _COLUMNS.version, _COLUMNS.no),
)


@router.post(
    "", status_code=201, responses=answers(PurchaseInvoiceAnswer, 201, refuses=[409]), dependencies=_WRITING
)
async def create_purchase_invoice(act: CreateAct, body: Body[NewPurchaseInvoice]) -> Response:
    """Make a purchase invoice, with or without lines. What is left out is taken from vendor, items and company."""
    return await act.answer(await act.run(create_purchase_invoices, body, resource=PURCHASE_INVOICE))


@router.get("", responses=answers(PurchaseInvoiceAnswer, changes=True), dependencies=_READING)
async def list_purchase_invoices(reading: ReadMany, page: Filters[PurchaseInvoiceFilters]) -> Response:
    """List purchase invoices by number, or by time of change with `updated_since`."""
    return await reading.page(page, _LISTING)


@router.get("/{no}", responses=answers(PurchaseInvoiceAnswer), dependencies=_READING)
async def get_purchase_invoice(reading: ReadOne, no: DocumentNo) -> Response:
    """Read a purchase invoice with its lines and the sales lines that they were made for."""
    return await reading.one(PURCHASE_INVOICE, no)


@router.patch("/{no}", responses=answers(PurchaseInvoiceAnswer, refuses=[409]), dependencies=_WRITING)
async def change_purchase_invoice(
    act: PatchAct, no: DocumentNo, body: Body[PurchaseInvoiceChanges]
) -> Response:
    """Change the header of an invoice that is not posted; lines keep what they copied from it."""
    data = ChangeInvoice(no=no, changes=body)
    return await act.answer(await act.run(change_purchase_invoices, data, resource=PURCHASE_INVOICE))


@router.delete("/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITING)
async def delete_purchase_invoice(act: ChangeAct, no: DocumentNo) -> Response:
    """Delete an invoice that is not posted. The receipts on it can be invoiced by another one."""
    return await act.answer(await act.run(delete_purchase_invoices, ActOnInvoice(no=no)))


@router.post(
    "/{no}/lines",
    status_code=201,
    responses=answers(PurchaseInvoiceAnswer, 201, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def add_purchase_invoice_line(act: DocumentAct, no: DocumentNo, body: Body[NewInvoiceLine]) -> Response:
    """Add a line of goods that no receipt has brought: posting the invoice receives them."""
    data = AddInvoiceLine(no=no, line=body)
    return await act.answer(await act.run(add_invoice_lines, data, resource=PURCHASE_INVOICE, status=201))


@router.patch(
    "/{no}/lines/{line_no}",
    responses=answers(PurchaseInvoiceAnswer, refuses=[409]),
    dependencies=_WRITING,
)
async def change_purchase_invoice_line(
    act: PatchAct, no: DocumentNo, line_no: LineNoInPath, body: Body[InvoiceLineChanges]
) -> Response:
    """Change a line. What a line that bills a receipt stands for stays; its quantity and cost may change."""
    data = ChangeInvoiceLine(no=no, line_no=line_no, changes=body)
    return await act.answer(await act.run(change_invoice_lines, data, resource=PURCHASE_INVOICE))


@router.delete(
    "/{no}/lines/{line_no}",
    status_code=204,
    responses=answers(status=204, refuses=[409]),
    dependencies=_WRITING,
)
async def delete_purchase_invoice_line(act: ChangeAct, no: DocumentNo, line_no: LineNoInPath) -> Response:
    """Take a line off an invoice that is not posted."""
    return await act.answer(await act.run(delete_invoice_lines, DeleteInvoiceLine(no=no, line_no=line_no)))


@router.post(
    "/{no}/get-receipt-lines",
    responses=answers(PurchaseInvoiceAnswer, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def get_lines_of_receipt(act: DocumentAct, no: DocumentNo, body: Body[ReceiptLinesToGet]) -> Response:
    """Put the lines of a posted receipt that are not invoiced yet onto this invoice."""
    data = GetReceiptLines(no=no, wanted=body)
    return await act.answer(await act.run(get_receipt_lines, data, resource=PURCHASE_INVOICE))


@router.post(
    "/{no}/post", responses=answers(PostedInvoiceNoAnswer, refuses=[404, 409]), dependencies=_POSTING
)
async def post_purchase_invoice(act: DocumentAct, no: DocumentNo, body: Body[InvoicePosting]) -> Response:
    """Post an invoice: it bills the receipts on it, and receives into stock what came with it alone."""
    data = PostInvoice(no=no, posting=body)
    return await act.answer(await act.run(post_purchase_invoices, data, present=posted_invoice_no_answer))
