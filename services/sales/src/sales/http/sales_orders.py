"""Sales orders over HTTP: the document, its lines, and the acts on it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.pos import ConfirmationNo
from contracts.sales.fields import SalesOrderStatus
from httpkit.acts import DocumentAct, OperationAct, RehearsableAct
from httpkit.bodies import Body, Filters
from httpkit.lists import PageFilters, Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany
from httpkit.timelines import TimelineItem
from sales.domain.orders.commands import CancelOrder, ReleaseOrder, ReopenOrder
from sales.domain.orders.supply_commands import CreatePurchaseInvoice, PurchaseInvoiceWanted
from sales.domain.posting.commands import PostingOptions
from sales.http.answers.orders import (
    CancellationAnswer,
    SalesOrderAnswer,
    cancellation_answer,
    sales_order_answer,
)
from sales.http.answers.posted_documents import PostingResultAnswer, posting_answer
from sales.http.answers.release_preview import ReleasePreviewAnswer, release_answer
from sales.http.answers.sourcing import LinePurchasesAnswer, PurchaseInvoiceNoAnswer
from sales.http.resources import LINE_PURCHASES, SALES_ORDER
from sales.http.sales_documents import (
    POST,
    READ,
    WRITE,
    DocumentActs,
    DocumentRoutes,
    SalesDocumentFilters,
    add_routes,
    listing_of,
    posting_of,
)
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


class SalesOrderFilters(SalesDocumentFilters, frozen=True, kw_only=True):
    """Filters of the list of orders."""

    status: Several[SalesOrderStatus] = ()
    confirmation_no: Several[ConfirmationNo] = ()


_ROUTES: Final = DocumentRoutes(
    noun="order",
    name="sales_order",
    line_name="sales_line",
    creating="Make an order; its flagged lines are bought once it is released.",
    changing_a_line=(
        "Change a line. What a purchase line was made from stays while the line is bought for its customer; while it "
        "is being procured, purchasing is asked, and the change is an operation."
    ),
    resource=SALES_ORDER,
    answer=SalesOrderAnswer,
    present=sales_order_answer,
    asks_others=True,
    filters=SalesOrderFilters,
    listing=listing_of(
        ORDERS,
        order_reads.query(),
        lambda row: sales_order_answer(order_reads.decoded(row)),
        order_reads.SEARCHED,
    ),
    acts=DocumentActs(
        create=create_orders,
        change=change_headers,
        delete=delete_orders,
        add_line=add_lines,
        change_line=change_lines,
        delete_line=delete_lines,
    ),
)
add_routes(router, _ROUTES)


@router.get("/{no}/purchase-orders", responses=answers(LinePurchasesAnswer, refuses=[404]), dependencies=READ)
async def list_purchases_of_sales_order(reading: ReadMany, no: DocumentNo) -> Response:
    """Where the order's flagged lines are bought, and what was received."""
    return await reading.one(LINE_PURCHASES, no)


@router.get("/{no}/timeline", responses=answers(TimelineItem, items=True, refuses=[404]), dependencies=READ)
async def list_timeline_of_sales_order(
    reading: ReadMany, no: DocumentNo, filters: Filters[PageFilters]
) -> Response:
    """What happened to the order in all services, in the order of time; also that it was deleted."""
    return await reading.timeline(SALES_ORDER.kind, no, timelines.subjects, filters)


@router.post(
    "/{no}/release",
    responses=answers(SalesOrderAnswer, dry_run=ReleasePreviewAnswer, refuses=[404]),
    dependencies=WRITE,
)
async def release_sales_order(
    act: RehearsableAct,
    no: DocumentNo,
) -> Response:
    """Release the order, which buys its flagged lines.

    A dry run answers what would be bought, of whom, when and at which cost, and what is earned. It is computed on
    sales' copies of items, vendors and their terms; nothing is stored.
    """
    data = ReleaseOrder(no, preview=act.dry_run)
    outcome = await act.run(release_orders, data, resource=SALES_ORDER, present=release_answer)
    return await act.answer(outcome)


@router.post("/{no}/reopen", responses=answers(SalesOrderAnswer, refuses=[404]), dependencies=WRITE)
async def reopen_sales_order(
    act: DocumentAct,
    no: DocumentNo,
) -> Response:
    """Open the order for edits again; what is being bought goes on."""
    outcome = await act.run(reopen_orders, ReopenOrder(no), resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/post", responses=answers(PostingResultAnswer, operation=True, refuses=[404]), dependencies=POST
)
async def post_sales_order(
    request: Request, act: OperationAct, no: DocumentNo, body: Body[PostingOptions]
) -> Response:
    """Ship, invoice or both. With a drop shipment to ship it is an operation, which purchasing decides."""
    outcome = await act.run(post_orders, posting_of(request, no, body), present=posting_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/cancel",
    responses=answers(CancellationAnswer, operation=True, refuses=[404]),
    dependencies=WRITE,
)
async def cancel_sales_order(act: OperationAct, no: DocumentNo) -> Response:
    """Cancel an order without postings. Where lines are bought for it, purchasing decides: an operation."""
    outcome = await act.run(cancel_orders, CancelOrder(no), present=cancellation_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/cancel-remaining",
    responses=answers(CancellationAnswer, operation=True, refuses=[404]),
    dependencies=WRITE,
)
async def cancel_remaining_sales_order(act: OperationAct, no: DocumentNo) -> Response:
    """Give up what is outstanding; what was shipped stays. Where lines are bought for it, an operation."""
    data = CancelOrder(no, remaining=True)
    return await act.answer(await act.run(cancel_orders, data, present=cancellation_answer))


@router.post(
    "/{no}/create-purchase-invoice",
    responses=answers(PurchaseInvoiceNoAnswer, operation=True, refuses=[404, 409]),
    dependencies=WRITE,
)
async def create_purchase_invoice_of_order(
    act: OperationAct, no: DocumentNo, body: Body[PurchaseInvoiceWanted]
) -> Response:
    """Buy the full quantity of all or some lines by an unposted purchase invoice, an operation of purchasing."""
    data = CreatePurchaseInvoice(no, body)
    return await act.answer(await act.run(create_purchase_invoices, data))
