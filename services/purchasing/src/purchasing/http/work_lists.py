"""Lists that people work off: candidates of get sales order, lines, exceptions, posted documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from contracts.refusals import not_found
from httpkit.answers import json_answer
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import Date, No20OrBlank, Text50
from httpkit.fields import no as numbered
from httpkit.lists import Page
from httpkit.openapi import answers
from purchasing.domain.get_sales_order import retrievable
from purchasing.domain.orders import DROP_SHIPMENT, SPECIAL_ORDER, Order
from purchasing.http import view_types, views
from purchasing.http.shows import show_invoice, show_receipt
from purchasing.store import invoices, links, lists, orders, receipts, sales_orders
from purchasing.store.knowledge import Needs

_PAGE = {"limit", "cursor", "updated_since"}


class Lines(Page):
    """Filters of purchase lines."""

    vendor_no: No20OrBlank = ""
    status: Literal["", "open", "released", "closed"] = ""
    sell_to_customer_no: No20OrBlank = ""
    sales_order_no: No20OrBlank = ""
    overdue: bool | None = None
    outstanding: bool | None = None


class Exceptions(Page):
    """Filters of exceptions."""

    sales_order_no: No20OrBlank = ""


class Receipts(Page):
    """Filters of posted receipts."""

    purchase_order_no: No20OrBlank = ""
    sales_order_no: No20OrBlank = ""
    vendor_no: No20OrBlank = ""
    posting_date: Date | None = None


class Invoices(Page):
    """Filters of posted invoices."""

    purchase_order_no: No20OrBlank = ""
    vendor_no: No20OrBlank = ""
    vendor_invoice_no: Text50 = ""
    posting_date: Date | None = None


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """Routes of lists."""
    router = APIRouter(prefix="/v1")
    reading = [Depends(tokens.require("purchasing:read"))]
    _candidates(router, edge, reading)
    _work_lists(router, edge, reading)
    _posted(router, edge, reading)
    return router


def _candidates(router: APIRouter, edge: Edge, reading: Any) -> None:
    @router.get(
        "/purchase-orders/{no}/sales-order-candidates",
        tags=["purchase orders"],
        responses=answers(view_types.CandidatesView),
        dependencies=reading,
    )
    async def candidates(
        request: Request,
        no: str,
        kind: Literal["", "drop_shipment", "special_order"] = "",
        cursor: No20OrBlank = "",
    ) -> Response:
        """Sales orders of the order's customer with lines that get-sales-order would take."""
        await edge.copies.wait_for(request.headers.get("koppel-after"))
        async with edge.database.read() as conn:
            order = (await orders.read(conn, [numbered(no)])).get(numbered(no))
            if order is None or order.deleted:
                raise not_found("purchase-order", numbered(no))
            return json_answer(await _read_candidates(conn, order, kind, cursor))


async def _read_candidates(
    conn: AsyncConnection, order: Order, kind: str, after: str
) -> view_types.CandidatesView:
    found = await sales_orders.of_customer(conn, order.sell_to_customer_no, kind, after)
    states = await links.states(conn, [line.id for sold in found for line in sold.lines])
    kinds = (kind,) if kind else (DROP_SHIPMENT, SPECIAL_ORDER)
    items = []
    for sold in found:
        lines = [line for k in kinds for line in retrievable(sold, k, states)]
        if lines:
            items.append(views.candidate_view(sold, sorted(lines, key=lambda line: line.line_no)))
    more = len(found) == sales_orders.CANDIDATES_MAX
    return view_types.CandidatesView(items=tuple(items), next_cursor=found[-1].no if more else None)


def _work_lists(router: APIRouter, edge: Edge, reading: Any) -> None:
    @router.get(
        "/purchase-lines",
        tags=["work lists"],
        responses=answers(view_types.WorkLineView, items=True),
        dependencies=reading,
    )
    async def purchase_lines(request: Request, page: Annotated[Lines, Query()]) -> Response:
        """Lines of purchase orders: a buyer's daily screen."""
        async with edge.database.read() as conn:
            today = (await Needs().load(conn, datetime.now(UTC))).today
        columns = lists.LINES.c
        query = lists.lines(today, **page.model_dump(exclude=_PAGE))
        key = [columns.purchase_order_no, columns.line_no]
        return await edge.listing(request, page, query, key=key, body=views.work_line_row)

    @router.get(
        "/exceptions",
        tags=["work lists"],
        responses=answers(view_types.ExceptionView, items=True),
        dependencies=reading,
    )
    async def exceptions(request: Request, page: Annotated[Exceptions, Query()]) -> Response:
        """Linked lines whose sales line went away, refused purchase requests: the oldest first."""
        columns = lists.EXCEPTIONS.c
        query = lists.exceptions(page.sales_order_no)
        key = [columns.since, columns.id]
        return await edge.listing(
            request, page, query, key=key, body=views.exception_row, updated=columns.since
        )


def _posted(router: APIRouter, edge: Edge, reading: Any) -> None:
    @router.get(
        "/posted-purchase-receipts",
        tags=["posted documents"],
        responses=answers(view_types.ReceiptView, items=True),
        dependencies=reading,
    )
    async def list_receipts(request: Request, page: Annotated[Receipts, Query()]) -> Response:
        columns = lists.RECEIPTS.c
        query = lists.receipts(**page.model_dump(exclude=_PAGE))
        return await edge.listing(
            request,
            page,
            query,
            key=[columns.posted_at, columns.no],
            body=lambda row: views.receipt_view(receipts.decoded(row.body)),
            updated=columns.posted_at,
        )

    @router.get(
        "/posted-purchase-receipts/{no}",
        tags=["posted documents"],
        responses=answers(view_types.ReceiptView),
        dependencies=reading,
    )
    async def get_receipt(request: Request, no: str) -> Response:
        return await edge.show(request, show_receipt, numbered(no), "posted-purchase-receipt")

    @router.get(
        "/posted-purchase-invoices",
        tags=["posted documents"],
        responses=answers(view_types.InvoiceView, items=True),
        dependencies=reading,
    )
    async def list_invoices(request: Request, page: Annotated[Invoices, Query()]) -> Response:
        columns = lists.INVOICES.c
        query = lists.invoices(**page.model_dump(exclude=_PAGE))
        return await edge.listing(
            request,
            page,
            query,
            key=[columns.posted_at, columns.no],
            body=lambda row: views.invoice_view(invoices.decoded(row.body)),
            updated=columns.posted_at,
        )

    @router.get(
        "/posted-purchase-invoices/{no}",
        tags=["posted documents"],
        responses=answers(view_types.InvoiceView),
        dependencies=reading,
    )
    async def get_invoice(request: Request, no: str) -> Response:
        return await edge.show(request, show_invoice, numbered(no), "posted-purchase-invoice")
