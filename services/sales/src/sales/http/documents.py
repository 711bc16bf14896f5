"""Posted shipments and invoices over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Table, select
from starlette.responses import Response

from eventkit.transaction import Queryable
from httpkit.auth import Tokens
from httpkit.edge import Edge, Resource
from httpkit.lists import Page
from httpkit.openapi import answers
from sales.domain.posted import Invoice, Shipment
from sales.domain.views import document_view
from sales.http.fields import DocumentNo
from sales.store import documents
from sales.store.tables import POSTED_SALES_INVOICE, POSTED_SALES_SHIPMENT


class DocumentPage(Page):
    """Filters of the lists of posted documents: the header names of their source."""

    no: str | None = None
    sales_order_no: str | None = None
    customer_no: str | None = None
    posting_date: date | None = None


async def show_shipment(conn: Queryable, no: str) -> Resource | None:
    """One posted shipment."""
    found = await documents.find_shipment(conn, no)
    return None if found is None else Resource(document_view(found), found.version)


async def show_invoice(conn: Queryable, no: str) -> Resource | None:
    """One posted invoice."""
    found = await documents.find_invoice(conn, no)
    return None if found is None else Resource(document_view(found), found.version)


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """All routes of posted documents."""
    router = APIRouter(prefix="/v1", tags=["posted documents"])
    read = [Depends(tokens.require("sales:read"))]

    @router.get("/posted-sales-shipments", responses=answers(Shipment, items=True), dependencies=read)
    async def shipments(request: Request, page: Annotated[DocumentPage, Query()]) -> Response:
        """Posted shipments by number."""
        return await _listing(edge, request, page, POSTED_SALES_SHIPMENT, documents.SHIPMENT.decode)

    @router.get("/posted-sales-shipments/{no}", responses=answers(Shipment), dependencies=read)
    async def shipment(request: Request, no: DocumentNo) -> Response:
        """One posted shipment."""
        return await edge.show(request, show_shipment, no, "posted-sales-shipment")

    @router.get("/posted-sales-invoices", responses=answers(Invoice, items=True), dependencies=read)
    async def invoices(request: Request, page: Annotated[DocumentPage, Query()]) -> Response:
        """Posted invoices by number."""
        return await _listing(edge, request, page, POSTED_SALES_INVOICE, documents.INVOICE.decode)

    @router.get("/posted-sales-invoices/{no}", responses=answers(Invoice), dependencies=read)
    async def invoice(request: Request, no: DocumentNo) -> Response:
        """One posted invoice."""
        return await edge.show(request, show_invoice, no, "posted-sales-invoice")

    return router


async def _listing(
    edge: Edge,
    request: Request,
    page: DocumentPage,
    table: Table,
    decode: Callable[[str], Shipment | Invoice],
) -> Response:
    query: Any = select(table.c.body)
    for field in ("no", "sales_order_no", "customer_no"):
        value = getattr(page, field)
        if value is not None:
            query = query.where(table.c[field] == value.strip().upper())
    if page.posting_date is not None:
        query = query.where(table.c.posting_date == page.posting_date)
    return await edge.listing(
        request,
        page,
        query,
        key=[table.c.no],
        updated=table.c.updated_at,
        body=lambda row: document_view(decode(row.body)),
    )
