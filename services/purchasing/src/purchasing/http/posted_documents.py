"""Posted purchase receipts and invoices."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import ColumnElement, TableClause, select
from starlette.responses import Response

from contracts.fields import Day, ForeignNo, No, PurchaseOrderNo, SalesOrderNo, VendorNo
from httpkit.acts import OperationAct
from httpkit.auth import requires
from httpkit.bodies import Filters, OptionalBody
from httpkit.lists import Columns, Listing, SearchFilters, Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany, ReadOne
from purchasing.domain.orders.commands import ReceiptUndo, UndoReceipt
from purchasing.http.answers.posted import (
    PostedInvoiceAnswer,
    PostedReceiptAnswer,
    UndoneReceiptAnswer,
    invoice_answer,
    receipt_answer,
    undone_receipt_answer,
)
from purchasing.http.resources import POSTED_INVOICE, POSTED_RECEIPT
from purchasing.store import invoices, lists, receipts
from purchasing.store.tables import INVOICES, RECEIPTS
from purchasing.use_cases.undo_receipts import undo_receipts

router = APIRouter(prefix="/v1", tags=["posted documents"])
_READING: Final = [requires("purchasing:read")]


class PostedDocumentFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters that both lists have."""

    no: Several[Annotated[No, Meta(description="Number of the posted document.", examples=["PR-1001"])]] = ()
    purchase_order_no: Several[PurchaseOrderNo] = ()
    vendor_no: Several[VendorNo] = ()
    posting_date: Annotated[Day, Meta(description="Posted for this day.")] | None = None
    posting_date_from: Annotated[Day, Meta(description="Posted for this day or later.")] | None = None
    posting_date_to: Annotated[Day, Meta(description="Posted for this day or earlier.")] | None = None

    sorts: ClassVar = ("no", "posting_date", "vendor_no", "purchase_order_no", "created_at", "updated_at")


class PostedReceiptFilters(PostedDocumentFilters, frozen=True, kw_only=True):
    """Which posted receipts are listed."""

    sales_order_no: Several[SalesOrderNo] = ()


class PostedInvoiceFilters(PostedDocumentFilters, frozen=True, kw_only=True):
    """Which posted invoices are listed."""

    vendor_invoice_no: Several[
        Annotated[ForeignNo, Meta(description="Number of the invoice at the vendor.", examples=["CW-4711"])]
    ] = ()


def _listing(
    table: TableClause,
    item: Callable[[Any], Any],
    updated: ColumnElement[Any],
    *searched: ColumnElement[Any],
    compared_here: Collection[str] = frozenset(),
) -> Listing:
    columns = table.c
    return Listing(
        query=select(columns.body, columns.posted_at, updated),
        key=(columns.posted_at, columns.no),
        item=item,
        columns=Columns(
            {**columns, "created_at": columns.posted_at, "updated_at": updated},
            (columns.no, columns.purchase_order_no, columns.vendor_no, *searched),
            sorted_only=frozenset(compared_here),
        ),
        updated=updated,
    )


_RECEIPTS: Final = _listing(
    RECEIPTS,
    lambda row: receipt_answer(receipts.decoded(row.body), row.posted_at, row.updated_at),
    RECEIPTS.c.updated_at,
)
# A posted invoice never changes: its times are that of its posting.
_INVOICES: Final = _listing(
    INVOICES,
    lambda row: invoice_answer(invoices.decoded(row.body), row.posted_at),
    INVOICES.c.posted_at,
    INVOICES.c.vendor_invoice_no,
    compared_here={"purchase_order_no"},
)


@router.get(
    "/posted-purchase-receipts", responses=answers(PostedReceiptAnswer, changes=True), dependencies=_READING
)
async def list_posted_receipts(reading: ReadMany, page: Filters[PostedReceiptFilters]) -> Response:
    """List posted receipts in the order of their posting."""
    of_sales = [lists.received_for(page.sales_order_no)] if page.sales_order_no else []
    return await reading.page(page, _RECEIPTS.where(*of_sales))


@router.get(
    "/posted-purchase-receipts/{no}",
    responses=answers(PostedReceiptAnswer),
    dependencies=_READING,
)
async def get_posted_receipt(reading: ReadOne, no: DocumentNo) -> Response:
    """Read a posted receipt; it never changes, but that its lines may be taken back."""
    return await reading.one(POSTED_RECEIPT, no)


@router.post(
    "/posted-purchase-receipts/{no}/undo",
    responses=answers(UndoneReceiptAnswer, operation=True, refuses=[404, 409]),
    dependencies=[requires("purchasing:post")],
)
async def undo_posted_receipt(act: OperationAct, no: DocumentNo, body: OptionalBody[ReceiptUndo]) -> Response:
    """Take a receipt back while the vendor has not invoiced it, so that its lines can be received again.

    With a linked line it is an operation: sales agrees while the goods are not shipped, or not invoiced.
    """
    data = UndoReceipt(no=no, undo=body)
    return await act.answer(await act.run(undo_receipts, data, present=undone_receipt_answer))


@router.get(
    "/posted-purchase-invoices", responses=answers(PostedInvoiceAnswer, changes=True), dependencies=_READING
)
async def list_posted_invoices(reading: ReadMany, page: Filters[PostedInvoiceFilters]) -> Response:
    """List posted invoices in the order of their posting."""
    return await reading.page(page, _INVOICES.where(*lists.invoiced_for(page.purchase_order_no)))


@router.get(
    "/posted-purchase-invoices/{no}",
    responses=answers(PostedInvoiceAnswer),
    dependencies=_READING,
)
async def get_posted_invoice(reading: ReadOne, no: DocumentNo) -> Response:
    """Read a posted invoice; it never changes."""
    return await reading.one(POSTED_INVOICE, no)
