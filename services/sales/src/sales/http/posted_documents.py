"""Posted shipments and invoices over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import Table, select
from starlette.responses import Response

from contracts import fields
from contracts.sales import PostingDate
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import ListFilters
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany, ReadOne, ReadRequest
from sales.http.answers.posted_documents import (
    PostedInvoiceAnswer,
    PostedShipmentAnswer,
    invoice_answer,
    shipment_answer,
)
from sales.http.filters import filtered
from sales.http.resources import POSTED_INVOICE, POSTED_SHIPMENT
from sales.store.posted_documents import INVOICE, SHIPMENT
from sales.store.tables import POSTED_SALES_INVOICE, POSTED_SALES_SHIPMENT

router = APIRouter(prefix="/v1", tags=["posted documents"], dependencies=[requires("sales:read")])


class PostedDocumentFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the lists of posted documents: the header names of their source."""

    no: (
        Annotated[fields.No, Meta(description="Number of the posted document.", examples=["SS-1001"])] | None
    ) = None
    sales_order_no: fields.SalesOrderNo | None = None
    customer_no: fields.CustomerNo | None = None
    posting_date: Annotated[PostingDate, Meta(description="The day of the posting.")] | None = None


@router.get("/posted-sales-shipments", responses=answers(PostedShipmentAnswer, items=True))
async def list_posted_sales_shipments(reading: ReadMany, filters: Filters[PostedDocumentFilters]) -> Response:
    """Posted shipments in the order of their numbers."""
    return await _page(
        reading, filters, POSTED_SALES_SHIPMENT, lambda row: shipment_answer(SHIPMENT.decode(row.body))
    )


@router.get("/posted-sales-shipments/{no}", responses=answers(PostedShipmentAnswer))
async def get_posted_sales_shipment(reading: ReadOne, no: DocumentNo) -> Response:
    """One posted shipment with its lines."""
    return await reading.one(POSTED_SHIPMENT, no)


@router.get("/posted-sales-invoices", responses=answers(PostedInvoiceAnswer, items=True))
async def list_posted_sales_invoices(reading: ReadMany, filters: Filters[PostedDocumentFilters]) -> Response:
    """Posted invoices in the order of their numbers."""
    return await _page(
        reading, filters, POSTED_SALES_INVOICE, lambda row: invoice_answer(INVOICE.decode(row.body))
    )


@router.get("/posted-sales-invoices/{no}", responses=answers(PostedInvoiceAnswer))
async def get_posted_sales_invoice(reading: ReadOne, no: DocumentNo) -> Response:
    """One posted invoice with its lines."""
    return await reading.one(POSTED_INVOICE, no)


async def _page(
    reading: ReadRequest, filters: PostedDocumentFilters, table: Table, item: Callable[[Any], Any]
) -> Response:
    names = ("no", "sales_order_no", "customer_no", "posting_date")
    query = filtered(select(table.c.body), table.c, filters, names)
    return await reading.page(filters, query, key=[table.c.no], updated=table.c.updated_at, item=item)
