"""Lists that people work through: purchase lines and exceptions."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import select
from starlette.responses import Response

from contracts.fields import CustomerNo, ItemNo, SalesOrderNo, VendorNo
from contracts.purchasing.fields import OrderStatus
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, ListFilters, Listing, PageFilters, Several
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from purchasing.http.answers.orders import (
    PurchaseExceptionAnswer,
    PurchaseLineOfListAnswer,
    exception_of_row,
    line_of_row,
)
from purchasing.store import lists
from purchasing.store.tables import EXCEPTIONS, LINES

router = APIRouter(prefix="/v1", tags=["work lists"])
_READING: Final = [requires("purchasing:read")]


class PurchaseLineFilters(PageFilters, frozen=True, kw_only=True):
    """Which purchase lines are listed."""

    vendor_no: Several[VendorNo] = ()
    status: Several[OrderStatus] = ()
    sell_to_customer_no: Several[CustomerNo] = ()
    sales_order_no: Several[SalesOrderNo] = ()
    item_no: Several[ItemNo] = ()
    overdue: (
        Annotated[bool, Meta(description="Expected before today and still outstanding.", examples=[True])]
        | None
    ) = None
    sent: Annotated[bool, Meta(description="The order was sent to its vendor.", examples=[True])] | None = (
        None
    )
    confirmed: (
        Annotated[bool, Meta(description="The vendor has said how much comes, or when.", examples=[False])]
        | None
    ) = None
    refused: (
        Annotated[bool, Meta(description="The vendor does not deliver the line.", examples=[True])] | None
    ) = None
    outstanding: Annotated[bool, Meta(description="Not received in full yet.", examples=[True])] | None = None

    received_not_invoiced: (
        Annotated[bool, Meta(description="Goods came that the vendor has not invoiced.", examples=[True])]
        | None
    ) = None

    sorts: ClassVar = ("purchase_order_no", "vendor_no", "status")


class ExceptionFilters(ListFilters, frozen=True, kw_only=True):
    """Which exceptions are listed."""

    sales_order_no: Several[SalesOrderNo] = ()

    sorts: ClassVar = ("since", "code", "sales_order_no")


_COMPARED: Final = ("purchase_order_no", "vendor_no", "item_no", "status", "sell_to_customer_no")
_EXCEPTIONS: Final = Listing(
    query=select(EXCEPTIONS),
    key=(EXCEPTIONS.c.since, EXCEPTIONS.c.id),
    item=exception_of_row,
    columns=Columns({**EXCEPTIONS.c}),
    updated=EXCEPTIONS.c.since,
)


@router.get("/purchase-lines", responses=answers(PurchaseLineOfListAnswer, items=True), dependencies=_READING)
async def list_purchase_lines(reading: ReadMany, page: Filters[PurchaseLineFilters]) -> Response:
    """List the lines of purchase orders: a buyer's daily screen."""
    async with reading.runner.database.read() as conn:
        today = await lists.today(conn)
    columns = LINES.c
    conditions = []
    if page.overdue is not None:
        conditions.append(lists.is_overdue(today, wanted=page.overdue))
    if page.outstanding is not None:
        conditions.append(lists.is_outstanding(wanted=page.outstanding))
    if page.received_not_invoiced is not None:
        conditions.append(lists.is_received_not_invoiced(wanted=page.received_not_invoiced))
    conditions += lists.answered(sent=page.sent, confirmed=page.confirmed, refused=page.refused)
    if page.sales_order_no:
        conditions.append(lists.line_serves(page.sales_order_no))
    listing = Listing(
        query=lists.lines(today),
        key=(columns.purchase_order_no, columns.line_no),
        item=line_of_row,
        columns=Columns({name: columns[name] for name in _COMPARED}),
    )
    return await reading.page(page, listing.where(*conditions))


@router.get("/exceptions", responses=answers(PurchaseExceptionAnswer, items=True), dependencies=_READING)
async def list_exceptions(reading: ReadMany, page: Filters[ExceptionFilters]) -> Response:
    """List linked lines whose sales line went away, and refused purchase requests; the oldest first."""
    return await reading.page(page, _EXCEPTIONS)
