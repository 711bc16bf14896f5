"""Item journal, ledger, stock, availability and order tracking."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.refusals import Refusal, Violation
from httpkit.answers import json_answer
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import Code10OrBlank, Date, No20, No20OrBlank
from httpkit.lists import Page
from httpkit.openapi import answers
from planning.domain.availability import Availability
from planning.domain.tracking import Graph
from planning.http.inputs import JournalInput
from planning.store import lists
from planning.use_cases import read_tracking
from planning.use_cases.post_item_journal import post_item_journals


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An item ledger entry; `quantity` in base units, negative = out; a reversal undoes the posting of its id."""

    entry_no: int
    posting_id: UUID
    reversal: bool
    entry_type: str
    item_no: str
    location_code: str
    quantity: Decimal
    posting_date: date
    document_no: str
    sales_order_no: str
    sales_order_line_no: int | None
    purchase_order_no: str
    purchase_order_line_no: int | None
    reason: str
    posted_at: datetime


class PostedJournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """A posted adjustment."""

    entry_no: int
    item_no: str
    location_code: str
    quantity: Decimal
    posting_date: date
    reason: str


class PostedJournal(msgspec.Struct, frozen=True, kw_only=True):
    """What an item journal posted."""

    lines: tuple[PostedJournalLine, ...]


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """Stock in base units: free + allocated = stock (I9)."""

    item_no: str
    location_code: str
    stock: Decimal
    free: Decimal
    allocated: Decimal
    version: int
    updated_at: datetime


class Entries(Page):
    """Filters of item ledger entries."""

    item_no: No20OrBlank = ""
    location_code: Code10OrBlank | None = None
    document_no: No20OrBlank = ""
    sales_order_no: No20OrBlank = ""
    purchase_order_no: No20OrBlank = ""


class Stocks(Page):
    """Filters of stock."""

    item_no: No20OrBlank = ""
    location_code: Code10OrBlank | None = None


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """Routes of stock and what moves it."""
    router = APIRouter(prefix="/v1")
    reading = [Depends(tokens.require("planning:read"))]
    posting = [Depends(tokens.require("planning:post", "planning:write"))]
    _ledger(router, edge, reading, posting)
    _questions(router, edge, reading)
    return router


def _ledger(router: APIRouter, edge: Edge, reading: Any, posting: Any) -> None:
    @router.post(
        "/item-journal",
        tags=["stock"],
        status_code=201,
        responses=answers(PostedJournal, 201),
        dependencies=posting,
    )
    async def post_journal(request: Request, body: JournalInput) -> Response:
        """Adjust stock, all lines or none."""
        return await edge.act(request, post_item_journals, body.posting(), status=201)

    @router.get(
        "/item-ledger-entries",
        tags=["stock"],
        responses=answers(EntryView, items=True),
        dependencies=reading,
    )
    async def list_entries(request: Request, page: Annotated[Entries, Query()]) -> Response:
        columns = lists.ENTRIES.c
        query = lists.entries(
            item_no=page.item_no,
            location_code=page.location_code,
            document_no=page.document_no,
            sales_order_no=page.sales_order_no,
            purchase_order_no=page.purchase_order_no,
        )
        return await edge.listing(
            request, page, query, key=[columns.entry_no], body=_entry, updated=columns.posted_at
        )

    @router.get("/stock", tags=["stock"], responses=answers(StockView, items=True), dependencies=reading)
    async def list_stock(request: Request, page: Annotated[Stocks, Query()]) -> Response:
        columns = lists.STOCK.c
        query = lists.stock(item_no=page.item_no, location_code=page.location_code)
        key = [columns.item_no, columns.location_code]
        return await edge.listing(request, page, query, key=key, body=_stock, updated=columns.updated_at)


def _questions(router: APIRouter, edge: Edge, reading: Any) -> None:
    @router.get("/availability", tags=["stock"], responses=answers(Availability), dependencies=reading)
    async def get_availability(
        request: Request,
        item_no: No20,
        location_code: Code10OrBlank | None = None,
        day: Annotated[Date | None, Query(alias="date")] = None,
    ) -> Response:
        """What is available up to a day; without a location of all locations together."""
        await edge.copies.wait_for(request.headers.get("koppel-after"))
        async with edge.database.read() as conn:
            return json_answer(await read_tracking.read_availability(conn, item_no, location_code, day))

    @router.get("/order-tracking", tags=["stock"], responses=answers(Graph), dependencies=reading)
    async def get_tracking(
        request: Request,
        sales_order_no: No20OrBlank = "",
        purchase_order_no: No20OrBlank = "",
        item_no: No20OrBlank = "",
    ) -> Response:
        """What serves what: give exactly one of the three."""
        if len([x for x in (sales_order_no, purchase_order_no, item_no) if x]) != 1:
            detail = "give one of sales_order_no, purchase_order_no and item_no"
            raise Refusal(Violation("one-filter-required", detail))
        await edge.copies.wait_for(request.headers.get("koppel-after"))
        async with edge.database.read() as conn:
            if sales_order_no:
                return json_answer(await read_tracking.track_sales_orders(conn, [sales_order_no]))
            if purchase_order_no:
                return json_answer(await read_tracking.track_purchase_order(conn, purchase_order_no))
            return json_answer(await read_tracking.track_item(conn, item_no))


def _entry(row: Any) -> EntryView:
    return EntryView(**{name: getattr(row, name) for name in EntryView.__struct_fields__})


def _stock(row: Any) -> StockView:
    return StockView(
        item_no=row.item_no,
        location_code=row.location_code,
        stock=row.stock,
        free=row.stock - row.allocated,
        allocated=row.allocated,
        version=row.version,
        updated_at=row.updated_at,
    )
