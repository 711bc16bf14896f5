"""Posted purchase receipts and invoices."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import Day, ForeignNo, PurchaseOrderNoOrBlank, SalesOrderNoOrBlank, VendorNoOrBlank
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import ListFilters
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany
from purchasing.http.answers.posted import (
    PostedInvoiceAnswer,
    PostedReceiptAnswer,
    invoice_answer,
    receipt_answer,
)
from purchasing.http.resources import POSTED_INVOICE, POSTED_RECEIPT
from purchasing.store import invoices, lists, receipts, tables

router = APIRouter(prefix="/v1", tags=["posted documents"])
_READING: Final = [requires("purchasing:read")]

PostingDateFilter = Annotated[Day, Meta(description="Posted for this day.", examples=["2026-03-09"])]


class PostedReceiptFilters(ListFilters, frozen=True, kw_only=True):
    """Which posted receipts are listed."""

    purchase_order_no: PurchaseOrderNoOrBlank = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    vendor_no: VendorNoOrBlank = ""
    posting_date: PostingDateFilter | None = None


class PostedInvoiceFilters(ListFilters, frozen=True, kw_only=True):
    """Which posted invoices are listed."""

    purchase_order_no: PurchaseOrderNoOrBlank = ""
    vendor_no: VendorNoOrBlank = ""
    vendor_invoice_no: Annotated[
        ForeignNo, Meta(description="Number of the invoice at the vendor.", examples=["CW-4711"])
    ] = ""
    posting_date: PostingDateFilter | None = None


@router.get(
    "/posted-purchase-receipts", responses=answers(PostedReceiptAnswer, items=True), dependencies=_READING
)
async def list_posted_receipts(reading: ReadMany, page: Filters[PostedReceiptFilters]) -> Response:
    """List posted receipts in the order of their posting."""
    columns = tables.RECEIPTS.c
    return await reading.page(
        page,
        lists.receipts(page.given()),
        key=[columns.posted_at, columns.no],
        item=_receipt_of_row,
        updated=columns.posted_at,
    )


def _receipt_of_row(row: Any) -> PostedReceiptAnswer:
    return receipt_answer(receipts.decoded(row.body))


@router.get(
    "/posted-purchase-receipts/{no}",
    responses=answers(PostedReceiptAnswer, refuses=[404]),
    dependencies=_READING,
)
async def get_posted_receipt(reading: ReadMany, no: DocumentNo) -> Response:
    """Read a posted receipt; it never changes."""
    return await reading.one(POSTED_RECEIPT, no)


@router.get(
    "/posted-purchase-invoices", responses=answers(PostedInvoiceAnswer, items=True), dependencies=_READING
)
async def list_posted_invoices(reading: ReadMany, page: Filters[PostedInvoiceFilters]) -> Response:
    """List posted invoices in the order of their posting."""
    columns = tables.INVOICES.c
    return await reading.page(
        page,
        lists.invoices(page.given()),
        key=[columns.posted_at, columns.no],
        item=_invoice_of_row,
        updated=columns.posted_at,
    )


def _invoice_of_row(row: Any) -> PostedInvoiceAnswer:
    return invoice_answer(invoices.decoded(row.body))


@router.get(
    "/posted-purchase-invoices/{no}",
    responses=answers(PostedInvoiceAnswer, refuses=[404]),
    dependencies=_READING,
)
async def get_posted_invoice(reading: ReadMany, no: DocumentNo) -> Response:
    """Read a posted invoice; it never changes."""
    return await reading.one(POSTED_INVOICE, no)
