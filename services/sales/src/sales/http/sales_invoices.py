"""Sales invoices without an order over HTTP: the document, its lines, shipments that it bills, and posting it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from httpkit.acts import DocumentAct, OperationAct
from httpkit.bodies import Body
from httpkit.lists import Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from sales.domain.invoices.commands import GetShipmentLines, ShipmentLinesToGet
from sales.domain.invoices.invoice import SalesInvoiceStatus
from sales.domain.orders.supply_commands import CreatePurchaseInvoice, PurchaseInvoiceWanted
from sales.domain.posting.commands import PostingOptions
from sales.http.answers.orders import SalesInvoiceAnswer, sales_invoice_answer
from sales.http.answers.posted_documents import PostingResultAnswer, posting_answer
from sales.http.answers.sourcing import PurchaseInvoiceNoAnswer
from sales.http.resources import SALES_INVOICE
from sales.http.sales_documents import (
    POST,
    WRITE,
    DocumentRoutes,
    SalesDocumentFilters,
    acts_of,
    add_routes,
    listing_of_type,
    posting_of,
)
from sales.store import documents
from sales.use_cases.create_purchase_invoices import create_purchase_invoices_of_invoices
from sales.use_cases.get_shipment_lines import get_shipment_lines
from sales.use_cases.post_sales_invoices import post_sales_invoices
from sales.use_cases.sales_documents import INVOICES

router = APIRouter(prefix="/v1/sales-invoices", tags=["sales invoices"])


class SalesInvoiceFilters(SalesDocumentFilters, frozen=True, kw_only=True):
    """Filters of the list of invoices before they are posted."""

    status: Several[SalesInvoiceStatus] = ()


_ROUTES: Final = DocumentRoutes(
    noun="invoice",
    name="sales_invoice",
    line_name="sales_invoice_line",
    creating="Make an invoice without an order; its goods leave when it is posted, and nothing is bought for it.",
    changing_a_line="Change a line of an open invoice. What a shipment brought can be billed in part.",
    resource=SALES_INVOICE,
    answer=SalesInvoiceAnswer,
    present=sales_invoice_answer,
    filters=SalesInvoiceFilters,
    listing=listing_of_type(documents.INVOICE, sales_invoice_answer),
    acts=acts_of(INVOICES),
)
add_routes(router, _ROUTES)


@router.post(
    "/{no}/get-shipment-lines",
    responses=answers(SalesInvoiceAnswer, refuses=[404, 409]),
    dependencies=WRITE,
)
async def get_shipment_lines_of_sales_invoice(
    act: DocumentAct, no: DocumentNo, body: Body[ShipmentLinesToGet]
) -> Response:
    """Put the lines of a posted shipment that are not invoiced onto an open invoice of the same customer."""
    data = GetShipmentLines(no, body)
    outcome = await act.run(get_shipment_lines, data, resource=SALES_INVOICE, present=sales_invoice_answer)
    return await act.answer(outcome)


@router.post(
    "/{no}/create-purchase-invoice",
    responses=answers(PurchaseInvoiceNoAnswer, operation=True, refuses=[404, 409]),
    dependencies=WRITE,
)
async def create_purchase_invoice_of_invoice(
    act: OperationAct, no: DocumentNo, body: Body[PurchaseInvoiceWanted]
) -> Response:
    """Buy the full quantity of all or some lines by an unposted purchase invoice, an operation of purchasing."""
    data = CreatePurchaseInvoice(no, body)
    return await act.answer(await act.run(create_purchase_invoices_of_invoices, data))


@router.post("/{no}/post", responses=answers(PostingResultAnswer, refuses=[404, 409]), dependencies=POST)
async def post_sales_invoice(
    request: Request, act: DocumentAct, no: DocumentNo, body: Body[PostingOptions]
) -> Response:
    """Post the whole invoice: its goods leave, and the shipments on it count as invoiced on their orders.

    `ship` and `invoice` may be left out: an invoice always does both.
    """
    return await act.answer(
        await act.run(post_sales_invoices, posting_of(request, no, body), present=posting_answer)
    )
