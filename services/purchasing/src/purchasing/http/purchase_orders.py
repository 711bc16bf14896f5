"""Purchase orders: making, changing, fetching sales orders, posting."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import No20OrBlank
from httpkit.fields import no as numbered
from httpkit.lists import Page
from httpkit.openapi import answers
from purchasing.http import view_types, views
from purchasing.http.inputs import (
    GetSalesOrderInput,
    LineInput,
    LinePatch,
    OrderInput,
    OrderPatch,
    PostInput,
)
from purchasing.http.shows import show_changed_order, show_order
from purchasing.store import lists
from purchasing.use_cases import change_orders
from purchasing.use_cases.change_orders import ActOnOrder, AddLine, ChangeHeader, ChangeLine, DeleteLine
from purchasing.use_cases.create_orders import create_orders
from purchasing.use_cases.get_sales_orders import get_sales_orders
from purchasing.use_cases.post_orders import PostAnswer, post_orders

TAGS: list[Any] = ["purchase orders"]
LOCATION = "/v1/purchase-orders/{no}"


class Orders(Page):
    """Filters of the list."""

    vendor_no: No20OrBlank = ""
    status: Literal["", "open", "released", "closed"] = ""
    sell_to_customer_no: No20OrBlank = ""
    sales_order_no: No20OrBlank = ""


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """Routes of purchase orders."""
    router = APIRouter(prefix="/v1/purchase-orders")
    reading = [Depends(tokens.require("purchasing:read"))]
    writing = [Depends(tokens.require("purchasing:write"))]
    posting = [Depends(tokens.require("purchasing:post"))]
    _documents(router, edge, reading, writing)
    _lines(router, edge, writing)
    _acts(router, edge, writing, posting)
    return router


def _documents(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    answer = answers(view_types.OrderView)

    @router.post(
        "", tags=TAGS, status_code=201, responses=answers(view_types.OrderView, 201), dependencies=writing
    )
    async def create(request: Request, body: OrderInput) -> Response:
        """Make a purchase order, with or without lines."""
        return await edge.act(
            request, create_orders, body.draft(), show=show_order, status=201, location=LOCATION
        )

    @router.get("", tags=TAGS, responses=answers(view_types.OrderView, items=True), dependencies=reading)
    async def list_(request: Request, page: Annotated[Orders, Query()]) -> Response:
        columns = lists.ORDERS.c
        query = lists.orders(**page.model_dump(exclude={"limit", "cursor", "updated_since"}))
        by_time = page.updated_since is not None
        return await edge.listing(
            request,
            page,
            query,
            key=[columns.updated_at, columns.no] if by_time else [columns.no],
            body=views.order_row,
            updated=columns.updated_at,
        )

    @router.get("/{no}", tags=TAGS, responses=answer, dependencies=reading)
    async def get(request: Request, no: str) -> Response:
        return await edge.show(request, show_order, numbered(no), "purchase-order")

    @router.patch("/{no}", tags=TAGS, responses=answer, dependencies=writing)
    async def patch(request: Request, no: str, body: OrderPatch) -> Response:
        """Change the header of an open order; linked lines guard customer and address."""
        data = ChangeHeader(numbered(no), body.change())
        return await edge.act(request, change_orders.change_headers, data, show=show_order)

    @router.delete("/{no}", tags=TAGS, status_code=204, responses=answers(status=204), dependencies=writing)
    async def delete(request: Request, no: str) -> Response:
        """Delete an order without postings; its sales lines learn of it."""
        return await edge.act(request, change_orders.delete_orders, ActOnOrder(numbered(no)), status=204)


def _lines(router: APIRouter, edge: Edge, writing: Any) -> None:
    @router.post(
        "/{no}/lines",
        tags=TAGS,
        status_code=201,
        responses=answers(view_types.OrderView, 201),
        dependencies=writing,
    )
    async def add_line(request: Request, no: str, body: LineInput) -> Response:
        """Add a line to an open order."""
        data = AddLine(numbered(no), body.draft())
        return await edge.act(
            request, change_orders.add_lines, data, show=show_order, status=201, location=LOCATION
        )

    @router.patch(
        "/{no}/lines/{line_no}",
        tags=TAGS,
        responses=answers(view_types.ChangedOrderView),
        dependencies=writing,
    )
    async def patch_line(request: Request, no: str, line_no: int, body: LinePatch) -> Response:
        """Change a line, but not what a linked one stands for. `impacts`: sales lines that its dates make late."""
        data = ChangeLine(numbered(no), line_no, body.change())
        return await edge.act(request, change_orders.change_lines, data, show=show_changed_order)

    @router.delete(
        "/{no}/lines/{line_no}",
        tags=TAGS,
        status_code=204,
        responses=answers(status=204),
        dependencies=writing,
    )
    async def delete_line(request: Request, no: str, line_no: int) -> Response:
        """Delete a line that was not received; its link ends."""
        data = DeleteLine(numbered(no), line_no)
        return await edge.act(request, change_orders.delete_lines, data, status=204)


def _acts(router: APIRouter, edge: Edge, writing: Any, posting: Any) -> None:
    answer = answers(view_types.OrderView)

    @router.post("/{no}/release", tags=TAGS, responses=answer, dependencies=writing)
    async def release(request: Request, no: str) -> Response:
        """Release for receiving."""
        return await edge.act(
            request, change_orders.release_orders, ActOnOrder(numbered(no)), show=show_order
        )

    @router.post("/{no}/reopen", tags=TAGS, responses=answer, dependencies=writing)
    async def reopen(request: Request, no: str) -> Response:
        """Open for changes again."""
        return await edge.act(request, change_orders.reopen_orders, ActOnOrder(numbered(no)), show=show_order)

    @router.post("/{no}/get-sales-order", tags=TAGS, responses=answer, dependencies=writing)
    async def get_sales_order(request: Request, no: str, body: GetSalesOrderInput) -> Response:
        """Fetch the flagged lines of a sales order that nobody buys yet."""
        return await edge.act(request, get_sales_orders, body.wish(numbered(no)), show=show_order)

    @router.post("/{no}/post", tags=TAGS, responses=answers(PostAnswer), dependencies=posting)
    async def post(request: Request, no: str, body: PostInput) -> Response:
        """Post receipts, invoices, or both. A drop shipment that sales posted already is answered, not repeated."""
        return await edge.act(request, post_orders, body.wish(numbered(no)))
