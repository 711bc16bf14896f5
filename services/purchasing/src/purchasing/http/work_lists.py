"""Lists that people work through: purchase lines and exceptions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import CustomerNoOrBlank, SalesOrderNoOrBlank, VendorNoOrBlank
from domainkit.references import ReferenceQuery
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import ListFilters
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from purchasing.http.answers.orders import (
    PurchaseExceptionAnswer,
    PurchaseLineOfListAnswer,
    exception_of_row,
    line_of_row,
)
from purchasing.http.purchase_orders import StatusFilter
from purchasing.store import lists, tables
from purchasing.store.kinds import KINDS_OF_PURCHASING
from recordkit import references

router = APIRouter(prefix="/v1", tags=["work lists"])
_READING: Final = [requires("purchasing:read")]


class PurchaseLineFilters(ListFilters, frozen=True, kw_only=True):
    """Which purchase lines are listed."""

    vendor_no: VendorNoOrBlank = ""
    status: StatusFilter = ""
    sell_to_customer_no: CustomerNoOrBlank = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    overdue: (
        Annotated[bool, Meta(description="Expected before today and still outstanding.", examples=[True])]
        | None
    ) = None
    outstanding: Annotated[bool, Meta(description="Not received in full yet.", examples=[True])] | None = None


class ExceptionFilters(ListFilters, frozen=True, kw_only=True):
    """Which exceptions are listed."""

    sales_order_no: SalesOrderNoOrBlank = ""


@router.get("/purchase-lines", responses=answers(PurchaseLineOfListAnswer, items=True), dependencies=_READING)
async def list_purchase_lines(reading: ReadMany, page: Filters[PurchaseLineFilters]) -> Response:
    """List the lines of purchase orders: a buyer's daily screen."""
    async with reading.runner.database.read() as conn:
        found = await references.load(conn, ReferenceQuery(), KINDS_OF_PURCHASING, datetime.now(UTC))
    columns = tables.LINES.c
    return await reading.page(
        page,
        lists.lines(found.today, page.given()),
        key=[columns.purchase_order_no, columns.line_no],
        item=line_of_row,
    )


@router.get("/exceptions", responses=answers(PurchaseExceptionAnswer, items=True), dependencies=_READING)
async def list_exceptions(reading: ReadMany, page: Filters[ExceptionFilters]) -> Response:
    """List linked lines whose sales line went away, and refused purchase requests; the oldest first."""
    columns = tables.EXCEPTIONS.c
    return await reading.page(
        page,
        lists.exceptions(page.given()),
        key=[columns.since, columns.id],
        item=exception_of_row,
        updated=columns.since,
    )
