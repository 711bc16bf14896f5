"""Sales orders over HTTP: the document, its lines, and the acts on it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from eventkit.transaction import Queryable
from httpkit.auth import Tokens
from httpkit.edge import Edge, Resource
from httpkit.lists import Page
from httpkit.openapi import answers
from sales.domain.drafts import AddLine, ChangeLine, DeleteLine, OrderNo, ReleaseOrder
from sales.domain.views import LinePurchase, OrderView, line_purchase, order_view
from sales.http.fields import DocumentNo, HowToRelease, LineNoInPath
from sales.http.order_models import LineInput, LinePatch, NothingInput, OrderInput, OrderPatch, PostInput
from sales.store import order_reads
from sales.store.tables import SALES_ORDER
from sales.use_cases.change_orders import add_lines, change_headers, change_lines, delete_lines, delete_orders
from sales.use_cases.create_orders import create_orders
from sales.use_cases.post_orders import PostAnswer, post_orders
from sales.use_cases.release_orders import release_orders, reopen_orders

ORDER = "/sales-orders/{no}"
LOCATION = "/v1/sales-orders/{no}"


class OrderPage(Page):
    """Filters of the list of orders."""

    status: Literal["open", "released", "cancelling", "cancelled", "closed"] | None = None
    customer_no: str | None = None
    external_document_no: str | None = None
    confirmation_no: str | None = None
    order_date: date | None = None


async def show_order(conn: Queryable, no: str) -> Resource | None:
    """The order with its totals and the supply of its lines."""
    read = await order_reads.find(conn, no)
    return None if read is None else Resource(_view(read), read.order.version)


def _view(read: order_reads.Read) -> OrderView:
    return order_view(read.order, read.known, read.setup)


async def show_purchases(conn: Queryable, no: str) -> Resource | None:
    """Per flagged line where it is bought (BC-SO-31)."""
    read = await order_reads.find(conn, no)
    if read is None:
        return None
    flagged = [line for line in read.order.lines if line.flagged]
    return Resource({"items": [line_purchase(line, read.known.get(line.id)) for line in flagged]})


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """All routes of sales orders."""
    router = APIRouter(prefix="/v1", tags=["sales orders"])
    _documents(router, edge, tokens)
    _lines(router, edge, tokens)
    _acts(router, edge, tokens)
    return router


def _documents(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    read, write = [Depends(tokens.require("sales:read"))], [Depends(tokens.require("sales:write"))]

    @router.post("/sales-orders", status_code=201, responses=answers(OrderView, 201), dependencies=write)
    async def create(request: Request, body: OrderInput) -> Response:
        """Make an order; its flagged lines are bought once it is released."""
        return await edge.act(
            request, create_orders, body.draft(), show=show_order, status=201, location=LOCATION
        )

    @router.get("/sales-orders", responses=answers(OrderView, items=True), dependencies=read)
    async def orders(request: Request, page: Annotated[OrderPage, Query()]) -> Response:
        """Orders by number."""
        query = order_reads.query()
        for field in ("status", "customer_no", "external_document_no", "confirmation_no", "order_date"):
            value: Any = getattr(page, field)
            if value is not None:
                query = query.where(
                    SALES_ORDER.c[field] == (value.upper() if field == "customer_no" else value)
                )
        return await edge.listing(
            request,
            page,
            query,
            key=[SALES_ORDER.c.no],
            updated=SALES_ORDER.c.updated_at,
            body=lambda row: _view(order_reads.decoded(row)),
        )

    @router.get(ORDER, responses=answers(OrderView), dependencies=read)
    async def order(request: Request, no: DocumentNo) -> Response:
        """One order."""
        return await edge.show(request, show_order, no, "sales-order")

    @router.patch(ORDER, responses=answers(OrderView), dependencies=write)
    async def change(request: Request, no: DocumentNo, body: OrderPatch) -> Response:
        """Change the header of an open order."""
        return await edge.act(request, change_headers, body.changes(no), show=show_order)

    @router.delete(ORDER, status_code=204, responses=answers(status=204), dependencies=write)
    async def delete(request: Request, no: DocumentNo) -> Response:
        """Delete an open order without postings and purchases."""
        return await edge.act(request, delete_orders, OrderNo(no=no), status=204)

    @router.get(f"{ORDER}/purchase-orders", responses=answers(LinePurchase, items=True), dependencies=read)
    async def purchases(request: Request, no: DocumentNo) -> Response:
        """Where the order's flagged lines are bought, and what was received."""
        return await edge.show(request, show_purchases, no, "sales-order")


def _lines(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    write = [Depends(tokens.require("sales:write"))]

    @router.post(f"{ORDER}/lines", status_code=201, responses=answers(OrderView, 201), dependencies=write)
    async def add(request: Request, no: DocumentNo, body: LineInput) -> Response:
        """Add a line to an open order; answers the order."""
        wanted = AddLine(no=no, line=body.draft())
        return await edge.act(request, add_lines, wanted, show=show_order, status=201, location=LOCATION)

    @router.patch(f"{ORDER}/lines/{{line_no}}", responses=answers(OrderView), dependencies=write)
    async def change(request: Request, no: DocumentNo, line_no: LineNoInPath, body: LinePatch) -> Response:
        """Change a line; one that is bought for its customer keeps what it was bought by."""
        wanted = ChangeLine(no=no, line_no=line_no, changes=body.changes())
        return await edge.act(request, change_lines, wanted, show=show_order)

    @router.delete(
        f"{ORDER}/lines/{{line_no}}", status_code=204, responses=answers(status=204), dependencies=write
    )
    async def delete(request: Request, no: DocumentNo, line_no: LineNoInPath) -> Response:
        """Take a line off an open order."""
        return await edge.act(request, delete_lines, DeleteLine(no=no, line_no=line_no), status=204)


def _acts(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    write, post = [Depends(tokens.require("sales:write"))], [Depends(tokens.require("sales:post"))]

    @router.post(f"{ORDER}/release", responses=answers(OrderView), dependencies=write)
    async def release(
        request: Request,
        no: DocumentNo,
        how: Annotated[HowToRelease, Query()],
        nothing: NothingInput | None = None,  # noqa: ARG001 - its type refuses fields
    ) -> Response:
        """Release the order, which buys its flagged lines; a dry run answers what it would buy."""
        wanted = ReleaseOrder(no=no, dry_run=how.dry_run)
        return await edge.act(request, release_orders, wanted, show=show_order, dry_run=how.dry_run)

    @router.post(f"{ORDER}/reopen", responses=answers(OrderView), dependencies=write)
    async def reopen(
        request: Request,
        no: DocumentNo,
        nothing: NothingInput | None = None,  # noqa: ARG001 - its type refuses fields
    ) -> Response:
        """Open the order for edits again; what is being bought goes on."""
        return await edge.act(request, reopen_orders, OrderNo(no=no), show=show_order)

    @router.post(f"{ORDER}/post", responses=answers(PostAnswer, operation=True), dependencies=post)
    async def post_(request: Request, no: DocumentNo, body: PostInput) -> Response:
        """Ship, invoice or both; with a drop shipment to ship it is an operation."""
        return await edge.act(request, post_orders, body.draft(no))
