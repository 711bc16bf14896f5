"""Work lists over the lines of open orders: a buyer's and a shipper's daily screen (E1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.lists import Page
from httpkit.openapi import answers
from sales.domain.views import WorkLine, work_line
from sales.store.orders import ORDER
from sales.store.sourcings import SOURCING
from sales.store.tables import OPEN_SALES_LINE

State = Literal[
    "none",
    "awaiting_requisition",
    "requisitioned",
    "requested",
    "ordered",
    "partly_received",
    "received",
    "exception",
]


class LinePage(Page):
    """Filters of the work list."""

    sourcing_state: State | None = None
    ready_to_ship: bool | None = None
    overdue: bool | None = None
    vendor_no: str | None = None
    customer_no: str | None = None
    location_code: str | None = None
    sales_order_no: str | None = None


class ExceptionPage(Page):
    """Filters of the list of exceptions."""

    customer_no: str | None = None


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """All work lists."""
    router = APIRouter(prefix="/v1", tags=["work lists"])
    read = [Depends(tokens.require("sales:read"))]

    @router.get("/sales-lines", responses=answers(WorkLine, items=True), dependencies=read)
    async def lines(request: Request, page: Annotated[LinePage, Query()]) -> Response:
        """Lines of open orders, by order and line."""
        query: Any = _query()
        for field in ("sourcing_state", "ready_to_ship", "overdue"):
            value = getattr(page, field)
            if value is not None:
                query = query.where(OPEN_SALES_LINE.c[field] == value)
        named = {"sales_order_no": "no", "vendor_no": "vendor_no", "customer_no": "customer_no"}
        for field, column in (named | {"location_code": "location_code"}).items():
            value = getattr(page, field)
            if value is not None:
                query = query.where(OPEN_SALES_LINE.c[column] == value.strip().upper())
        return await _listing(edge, request, page, query)

    @router.get("/exceptions", responses=answers(WorkLine, items=True), dependencies=read)
    async def exceptions(request: Request, page: Annotated[ExceptionPage, Query()]) -> Response:
        """Lines that need a person's answer; `sourcing.problem` says why."""
        query: Any = _query().where(OPEN_SALES_LINE.c.sourcing_state == "exception")
        if page.customer_no is not None:
            query = query.where(OPEN_SALES_LINE.c.customer_no == page.customer_no.strip().upper())
        return await _listing(edge, request, page, query)

    return router


def _query() -> Any:
    columns = OPEN_SALES_LINE.c
    return select(columns.line_id, columns.order_body, columns.sourcing_body)


async def _listing(edge: Edge, request: Request, page: Page, query: Any) -> Response:
    return await edge.listing(
        request, page, query, key=[OPEN_SALES_LINE.c.no, OPEN_SALES_LINE.c.line_no], body=_item
    )


def _item(row: Any) -> WorkLine:
    order = ORDER.decode(row.order_body)
    known = SOURCING.decode(row.sourcing_body) if row.sourcing_body else None
    line = next(each for each in order.lines if str(each.id) == row.line_id)
    return work_line(order, line, known, datetime.now(UTC).date())
