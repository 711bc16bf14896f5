"""Purchase orders and their lines: create, change, delete, get sales orders, release, post."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from contracts.fields import CustomerNo, Day, SalesOrderNo, VendorNo
from contracts.purchasing.fields import OrderStatus
from contracts.refusals import not_found
from httpkit.acts import ChangeAct, CreateAct, DocumentAct, PatchAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters, OptionalBody
from httpkit.lists import Columns, Deletion, Listing, PageFilters, SearchFilters, Several, member
from httpkit.openapi import answers, printed
from httpkit.papers import HTML, PDF, XML, Formats, document_response, paper_response
from httpkit.paths import DocumentNo, LineNoInPath
from httpkit.reads import ReadMany, ReadOne
from httpkit.timelines import TimelineItem
from purchasing.domain.orders.commands import (
    ActOnOrder,
    AddLine,
    ChangeHeader,
    ChangeLine,
    CloseShort,
    DeleteLine,
    GetSalesOrder,
    LineRefusal,
    NewPurchaseLine,
    NewPurchaseOrder,
    OrderPosting,
    OrderSending,
    OrderShortening,
    PostOrder,
    PurchaseLineChanges,
    PurchaseOrderChanges,
    RefuseLine,
    SalesOrderToGet,
    SendOrder,
)
from purchasing.domain.papers import order_paper
from purchasing.domain.ubl import order_ubl
from purchasing.http.answers.orders import (
    ChangedPurchaseOrderAnswer,
    PostedDocumentsAnswer,
    PurchaseOrderAnswer,
    order_of_row,
    posted_documents_answer,
)
from purchasing.http.resources import CHANGED_PURCHASE_ORDER, PURCHASE_ORDER
from purchasing.store import lists, timelines
from purchasing.store.tables import ORDERS
from purchasing.use_cases.change_headers import change_headers
from purchasing.use_cases.change_lines import add_lines, change_lines
from purchasing.use_cases.close_orders_short import close_orders_short
from purchasing.use_cases.create_orders import create_orders
from purchasing.use_cases.delete_orders import delete_lines, delete_orders
from purchasing.use_cases.get_sales_orders import get_sales_orders
from purchasing.use_cases.post_orders import post_orders
from purchasing.use_cases.read_printable_orders import read_printable_order
from purchasing.use_cases.refuse_lines import refuse_lines
from purchasing.use_cases.release_orders import release_orders, reopen_orders
from purchasing.use_cases.send_orders import send_orders

router = APIRouter(prefix="/v1/purchase-orders", tags=["purchase orders"])
_READING: Final = [requires("purchasing:read")]
_WRITING: Final = [requires("purchasing:write")]
_POSTING: Final = [requires("purchasing:post")]


MAIL_IS_CONFIGURED: Final = "mail_is_configured"
"""Member of the application's state: whether there is a mail server."""
OrderFormat = Annotated[str, Depends(Formats(PDF, HTML, XML))]


class PurchaseOrderFilters(SearchFilters, frozen=True, kw_only=True):
    """Which purchase orders are listed."""

    vendor_no: Several[VendorNo] = ()
    status: Several[OrderStatus] = ()
    sell_to_customer_no: Several[CustomerNo] = ()
    sales_order_no: Several[SalesOrderNo] = ()
    received_not_invoiced: (
        Annotated[bool, Meta(description="Goods came that the vendor has not invoiced.", examples=[True])]
        | None
    ) = None
    order_date_from: Annotated[Day, Meta(description="Ordered on this day or later.")] | None = None
    order_date_to: Annotated[Day, Meta(description="Ordered on this day or earlier.")] | None = None

    sorts: ClassVar = ("no", "order_date", "vendor_no", "status", "created_at", "updated_at")


def _listing(today: date) -> Listing:
    columns = {**ORDERS.c, "order_date": member(ORDERS.c.body, "order_date")}
    return Listing(
        query=lists.ORDERS_QUERY,
        key=(ORDERS.c.no,),
        item=partial(order_of_row, today=today),
        columns=Columns(columns, lists.ORDERS_SEARCHED),
        updated=ORDERS.c.updated_at,
        deletion=Deletion(ORDERS.c.deleted, ORDERS.c.version, ORDERS.c.no),
    )


@router.post(
    "", status_code=201, responses=answers(PurchaseOrderAnswer, 201, refuses=[409]), dependencies=_WRITING
)
async def create_purchase_order(act: CreateAct, body: Body[NewPurchaseOrder]) -> Response:
    """Make a purchase order, with or without lines.

    What is left out is taken from the vendor, the items, the customer and the company.
    """
    return await act.answer(await act.run(create_orders, body, resource=PURCHASE_ORDER))


@router.get("", responses=answers(PurchaseOrderAnswer, changes=True), dependencies=_READING)
async def list_purchase_orders(reading: ReadMany, page: Filters[PurchaseOrderFilters]) -> Response:
    """List purchase orders by number, or by time of change with `updated_since`."""
    async with reading.runner.database.read() as conn:
        today = await lists.today(conn)
    of_sales = [lists.serves(page.sales_order_no)] if page.sales_order_no else []
    return await reading.page(page, _listing(today).where(*of_sales))


@router.get("/{no}", responses=answers(PurchaseOrderAnswer), dependencies=_READING)
async def get_purchase_order(reading: ReadOne, no: DocumentNo) -> Response:
    """Read a purchase order with its lines, links and receipts."""
    return await reading.one(PURCHASE_ORDER, no)


@router.get(
    "/{no}/timeline", responses=answers(TimelineItem, items=True, refuses=[404]), dependencies=_READING
)
async def list_timeline_of_purchase_order(
    reading: ReadMany, no: DocumentNo, filters: Filters[PageFilters]
) -> Response:
    """What happened to the order, and to the sales orders that it serves, in the order of time."""
    return await reading.timeline(PURCHASE_ORDER.kind, no, timelines.subjects, filters)


@router.patch("/{no}", responses=answers(PurchaseOrderAnswer, refuses=[409]), dependencies=_WRITING)
async def change_purchase_order(act: PatchAct, no: DocumentNo, body: Body[PurchaseOrderChanges]) -> Response:
    """Change the header of an open order. Linked lines guard customer and address."""
    outcome = await act.run(change_headers, ChangeHeader(no=no, changes=body), resource=PURCHASE_ORDER)
    return await act.answer(outcome)


@router.delete("/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITING)
async def delete_purchase_order(act: ChangeAct, no: DocumentNo) -> Response:
    """Delete an order without postings. Its links end, and the sales lines that it served show an exception."""
    return await act.answer(await act.run(delete_orders, ActOnOrder(no=no)))


@router.post(
    "/{no}/lines",
    status_code=201,
    responses=answers(PurchaseOrderAnswer, 201, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def add_purchase_line(act: DocumentAct, no: DocumentNo, body: Body[NewPurchaseLine]) -> Response:
    """Add a line to an open order."""
    data = AddLine(no=no, line=body)
    return await act.answer(await act.run(add_lines, data, resource=PURCHASE_ORDER, status=201))


@router.patch(
    "/{no}/lines/{line_no}",
    responses=answers(ChangedPurchaseOrderAnswer, refuses=[409]),
    dependencies=_WRITING,
)
async def change_purchase_line(
    act: PatchAct, no: DocumentNo, line_no: LineNoInPath, body: Body[PurchaseLineChanges]
) -> Response:
    """Change a line, but not what a linked one stands for. `impacts` names the sales lines that its dates make late.

    Dates and what the vendor confirms may change on a released order too.
    """
    data = ChangeLine(no=no, line_no=line_no, changes=body)
    return await act.answer(await act.run(change_lines, data, resource=CHANGED_PURCHASE_ORDER))


@router.post(
    "/{no}/lines/{line_no}/refuse",
    responses=answers(PurchaseOrderAnswer, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def refuse_purchase_line(
    act: DocumentAct, no: DocumentNo, line_no: LineNoInPath, body: Body[LineRefusal]
) -> Response:
    """Note that the vendor does not deliver a line of which nothing was received, and why.

    Its link ends, and the sales line that it served shows an exception with the vendor's reason.
    """
    data = RefuseLine(no=no, line_no=line_no, refusal=body)
    return await act.answer(await act.run(refuse_lines, data, resource=PURCHASE_ORDER))


@router.delete(
    "/{no}/lines/{line_no}",
    status_code=204,
    responses=answers(status=204, refuses=[409]),
    dependencies=_WRITING,
)
async def delete_purchase_line(act: ChangeAct, no: DocumentNo, line_no: LineNoInPath) -> Response:
    """Delete a line of which nothing was received. Its link to a sales line ends."""
    return await act.answer(await act.run(delete_lines, DeleteLine(no=no, line_no=line_no)))


@router.post(
    "/{no}/release", responses=answers(PurchaseOrderAnswer, refuses=[404, 409]), dependencies=_WRITING
)
async def release_purchase_order(act: DocumentAct, no: DocumentNo) -> Response:
    """Release an order for receiving. A released order stays as it is."""
    return await act.answer(await act.run(release_orders, ActOnOrder(no=no), resource=PURCHASE_ORDER))


@router.post(
    "/{no}/reopen", responses=answers(PurchaseOrderAnswer, refuses=[404, 409]), dependencies=_WRITING
)
async def reopen_purchase_order(act: DocumentAct, no: DocumentNo) -> Response:
    """Open a released order for changes again. A closed one stays closed."""
    return await act.answer(await act.run(reopen_orders, ActOnOrder(no=no), resource=PURCHASE_ORDER))


@router.post("/{no}/send", responses=answers(PurchaseOrderAnswer, refuses=[404, 409]), dependencies=_WRITING)
async def send_purchase_order(
    request: Request, act: DocumentAct, no: DocumentNo, body: Body[OrderSending]
) -> Response:
    """Send the order to its vendor; an open one is released first. The mail leaves a moment later: see `/v1/mails`."""
    configured: bool = getattr(request.app.state, MAIL_IS_CONFIGURED)
    data = SendOrder(no=no, sending=body, mail_is_configured=configured)
    return await act.answer(await act.run(send_orders, data, resource=PURCHASE_ORDER))


@router.get(
    "/{no}/document",
    response_class=Response,
    responses=printed(PDF, HTML, XML, refuses=[409]),
    dependencies=_READING,
)
async def get_purchase_order_document(
    request: Request, reading: ReadMany, no: DocumentNo, media_type: OrderFormat
) -> Response:
    """The order as the vendor gets it: PDF, HTML, or an electronic order (UBL 2.1, Peppol BIS Ordering 3) as XML."""
    async with reading.runner.database.read() as conn:
        found = await read_printable_order(conn, no)
    if found is None:
        raise not_found(PURCHASE_ORDER.kind, no)
    order, parties = found
    if media_type == XML:
        return document_response(request, order_ubl(order, parties), XML)
    return await paper_response(request, order_paper(order, parties), media_type)


@router.post(
    "/{no}/close-short",
    responses=answers(PurchaseOrderAnswer, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def close_purchase_order_short(
    act: DocumentAct, no: DocumentNo, body: OptionalBody[OrderShortening]
) -> Response:
    """Order no more than was received: lines are lowered to it, and so are the sales lines that they serve."""
    data = CloseShort(no=no, shortening=body)
    return await act.answer(await act.run(close_orders_short, data, resource=PURCHASE_ORDER))


@router.post(
    "/{no}/get-sales-order",
    responses=answers(PurchaseOrderAnswer, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def get_sales_order(act: DocumentAct, no: DocumentNo, body: Body[SalesOrderToGet]) -> Response:
    """Put the flagged lines of a sales order that are not bought yet onto this order."""
    data = GetSalesOrder(no=no, wanted=body)
    return await act.answer(await act.run(get_sales_orders, data, resource=PURCHASE_ORDER))


@router.post(
    "/{no}/post", responses=answers(PostedDocumentsAnswer, refuses=[404, 409]), dependencies=_POSTING
)
async def post_purchase_order(act: DocumentAct, no: DocumentNo, body: Body[OrderPosting]) -> Response:
    """Post receipts, invoices, or both. A drop shipment that sales posted already is answered, not posted again."""
    data = PostOrder(no=no, posting=body)
    return await act.answer(await act.run(post_orders, data, present=posted_documents_answer))
