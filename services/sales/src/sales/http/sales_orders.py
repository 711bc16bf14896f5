"""Sales orders over HTTP: the document, its lines, and the acts on it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import APIRouter
from msgspec import Meta
from starlette.responses import Response

from contracts import fields
from contracts.sales import ConfirmationNo, ExternalDocumentNo, OrderDate, SalesOrderStatus
from httpkit.acts import ChangeAct, CreateAct, DocumentAct, OperationAct, PatchAct, RehearsableAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Deletion, Listing, PageFilters, SearchFilters, Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, LineNoInPath
from httpkit.reads import ReadMany, ReadOne
from httpkit.timelines import TimelineItem
from sales.domain.orders.commands import (
    AddLine,
    CancelOrder,
    ChangeHeader,
    ChangeLine,
    CreatePurchaseInvoice,
    DeleteLine,
    DeleteOrder,
    HeaderChanges,
    LineChanges,
    NewSalesLine,
    NewSalesOrder,
    PostingOptions,
    PostOrder,
    PurchaseInvoiceWanted,
    ReleaseOrder,
    ReopenOrder,
)
from sales.http.answers.orders import (
    CancellationAnswer,
    ReleasePreviewAnswer,
    SalesOrderAnswer,
    cancellation_answer,
    release_answer,
    sales_order_answer,
)
from sales.http.answers.posted_documents import PostingResultAnswer, posting_answer
from sales.http.answers.sourcing import LinePurchasesAnswer, PurchaseInvoiceNoAnswer
from sales.http.resources import LINE_PURCHASES, SALES_ORDER
from sales.store import order_reads, timelines
from sales.store.tables import SALES_ORDER as ORDERS
from sales.use_cases.cancel_orders import cancel_orders
from sales.use_cases.change_lines import add_lines, change_lines, delete_lines
from sales.use_cases.change_orders import change_headers, delete_orders
from sales.use_cases.create_orders import create_orders
from sales.use_cases.create_purchase_invoices import create_purchase_invoices
from sales.use_cases.post_orders import post_orders
from sales.use_cases.release_orders import release_orders, reopen_orders

router = APIRouter(prefix="/v1/sales-orders", tags=["sales orders"])
_READ = [requires("sales:read")]
_WRITE = [requires("sales:write")]
_POST = [requires("sales:post")]


class SalesOrderFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of orders."""

    status: Several[SalesOrderStatus] = ()
    customer_no: Several[fields.CustomerNo] = ()
    external_document_no: Several[ExternalDocumentNo] = ()
    confirmation_no: Several[ConfirmationNo] = ()
    order_date: Annotated[OrderDate, Meta(description="The day of the order.")] | None = None
    order_date_from: Annotated[OrderDate, Meta(description="Of this day or later.")] | None = None
    order_date_to: Annotated[OrderDate, Meta(description="Of this day or earlier.")] | None = None

    sorts: ClassVar = ("no", "order_date", "customer_no", "status", "created_at", "updated_at")


_LISTING = Listing(
    query=order_reads.query(),
    key=(ORDERS.c.no,),
    item=lambda row: sales_order_answer(order_reads.decoded(row)),
    columns=Columns({**ORDERS.c}, order_reads.SEARCHED),
    updated=ORDERS.c.updated_at,
    deletion=Deletion(ORDERS.c.deleted, ORDERS.c.version, ORDERS.c.no),
)


@router.post("", status_code=201, responses=answers(SalesOrderAnswer, 201), dependencies=_WRITE)
async def create_sales_order(act: CreateAct, body: Body[NewSalesOrder]) -> Response:
    """Make an order; its flagged lines are bought once it is released."""
    outcome = await act.run(create_orders, body, resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)


@router.get("", responses=answers(SalesOrderAnswer, changes=True), dependencies=_READ)
async def list_sales_orders(reading: ReadMany, filters: Filters[SalesOrderFilters]) -> Response:
    """Orders by number, with their lines and the supply of these."""
    return await reading.page(filters, _LISTING)


@router.get("/{no}", responses=answers(SalesOrderAnswer), dependencies=_READ)
async def get_sales_order(reading: ReadOne, no: DocumentNo) -> Response:
    """One order with its lines, its totals and the supply of its lines."""
    return await reading.one(SALES_ORDER, no)


@router.patch("/{no}", responses=answers(SalesOrderAnswer), dependencies=_WRITE)
async def change_sales_order(act: PatchAct, no: DocumentNo, body: Body[HeaderChanges]) -> Response:
    """Change the header of an open order; lines keep what they copied from it."""
    data = ChangeHeader(no, body)
    outcome = await act.run(change_headers, data, resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)


@router.delete("/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITE)
async def delete_sales_order(act: ChangeAct, no: DocumentNo) -> Response:
    """Delete an open order without postings and purchases; its number stays taken."""
    return await act.answer(await act.run(delete_orders, DeleteOrder(no)))


@router.get(
    "/{no}/purchase-orders", responses=answers(LinePurchasesAnswer, refuses=[404]), dependencies=_READ
)
async def list_purchases_of_sales_order(reading: ReadMany, no: DocumentNo) -> Response:
    """Where the order's flagged lines are bought, and what was received."""
    return await reading.one(LINE_PURCHASES, no)


@router.get("/{no}/timeline", responses=answers(TimelineItem, items=True, refuses=[404]), dependencies=_READ)
async def list_timeline_of_sales_order(
    reading: ReadMany, no: DocumentNo, filters: Filters[PageFilters]
) -> Response:
    """What happened to the order in all services, in the order of time; also that it was deleted."""
    return await reading.timeline(SALES_ORDER.kind, no, timelines.subjects, filters)


@router.post(
    "/{no}/lines",
    status_code=201,
    responses=answers(SalesOrderAnswer, 201, refuses=[404]),
    dependencies=_WRITE,
)
async def add_sales_line(act: DocumentAct, no: DocumentNo, body: Body[NewSalesLine]) -> Response:
    """Add a line to an open order; the answer is the whole order."""
    outcome = await act.run(
        add_lines, AddLine(no, body), resource=SALES_ORDER, present=sales_order_answer, status=201
    )
    return await act.answer(outcome)


@router.patch("/{no}/lines/{line_no}", responses=answers(SalesOrderAnswer), dependencies=_WRITE)
async def change_sales_line(
    act: PatchAct, no: DocumentNo, line_no: LineNoInPath, body: Body[LineChanges]
) -> Response:
    """Change a line. What a purchase line was made from stays while the line is bought for its customer."""
    data = ChangeLine(no, line_no, body)
    outcome = await act.run(change_lines, data, resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)


@router.delete(
    "/{no}/lines/{line_no}",
    status_code=204,
    responses=answers(status=204, refuses=[409]),
    dependencies=_WRITE,
)
async def delete_sales_line(act: ChangeAct, no: DocumentNo, line_no: LineNoInPath) -> Response:
    """Take a line off an open order; its number is not used again."""
    return await act.answer(await act.run(delete_lines, DeleteLine(no, line_no)))


@router.post(
    "/{no}/release",
    responses=answers(SalesOrderAnswer, dry_run=ReleasePreviewAnswer, refuses=[404]),
    dependencies=_WRITE,
)
async def release_sales_order(
    act: RehearsableAct,
    no: DocumentNo,
) -> Response:
    """Release the order, which buys its flagged lines. A dry run answers what would be bought."""
    data = ReleaseOrder(no, preview=act.dry_run)
    outcome = await act.run(release_orders, data, resource=SALES_ORDER, present=release_answer)
    return await act.answer(outcome)


@router.post("/{no}/reopen", responses=answers(SalesOrderAnswer, refuses=[404]), dependencies=_WRITE)
async def reopen_sales_order(
    act: DocumentAct,
    no: DocumentNo,
) -> Response:
    """Open the order for edits again; what is being bought goes on."""
    outcome = await act.run(reopen_orders, ReopenOrder(no), resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/post", responses=answers(PostingResultAnswer, operation=True, refuses=[404]), dependencies=_POST
)
async def post_sales_order(act: OperationAct, no: DocumentNo, body: Body[PostingOptions]) -> Response:
    """Ship, invoice or both. With a drop shipment to ship it is an operation, which purchasing decides."""
    outcome = await act.run(post_orders, PostOrder(no, body), present=posting_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/cancel",
    responses=answers(CancellationAnswer, operation=True, refuses=[404]),
    dependencies=_WRITE,
)
async def cancel_sales_order(act: OperationAct, no: DocumentNo) -> Response:
    """Cancel an order without postings. Where lines are bought for it, purchasing decides: an operation."""
    outcome = await act.run(cancel_orders, CancelOrder(no), present=cancellation_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/cancel-remaining",
    responses=answers(CancellationAnswer, operation=True, refuses=[404]),
    dependencies=_WRITE,
)
async def cancel_remaining_sales_order(act: OperationAct, no: DocumentNo) -> Response:
    """Give up what is outstanding; what was shipped stays. Where lines are bought for it, an operation."""
    data = CancelOrder(no, remaining=True)
    return await act.answer(await act.run(cancel_orders, data, present=cancellation_answer))


@router.post(
    "/{no}/create-purchase-invoice",
    responses=answers(PurchaseInvoiceNoAnswer, operation=True, refuses=[404, 409]),
    dependencies=_WRITE,
)
async def create_purchase_invoice_of_order(
    act: OperationAct, no: DocumentNo, body: Body[PurchaseInvoiceWanted]
) -> Response:
    """Buy the full quantity of all or some lines by an unposted purchase invoice, an operation of purchasing."""
    data = CreatePurchaseInvoice(no, body)
    return await act.answer(await act.run(create_purchase_invoices, data))
