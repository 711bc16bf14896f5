"""Reports over all purchase orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, Request
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import Day, ItemNo, VendorNo
from domainkit.money import ZERO, currency
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from httpkit import cursors
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, PageFilters, Several, order_of
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.received_not_invoiced import NotInvoiced, received_not_invoiced
from purchasing.http.answers.received_not_invoiced import ReceivedNotInvoicedLine, ReceivedNotInvoicedTotal
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.received_not_invoiced import orders
from recordkit import references

router = APIRouter(prefix="/v1/reports", tags=["work lists"])
_KEY: Final = (str, int)
"""Types of what a cursor of the report holds: order and line."""


class ReceivedNotInvoicedFilters(PageFilters, frozen=True, kw_only=True):
    """Which received lines the report shows."""

    vendor_no: Several[VendorNo] = ()
    item_no: Several[ItemNo] = ()
    date: (
        Annotated[
            Day,
            Meta(
                description="Only what came on this day or earlier; all that came by default.",
                examples=["2026-03-31"],
            ),
        ]
        | None
    ) = None

    sorts: ClassVar = ()


@router.get(
    "/received-not-invoiced",
    responses=answers(ReceivedNotInvoicedLine, items=True, total=ReceivedNotInvoicedTotal),
    dependencies=[requires("purchasing:read")],
)
async def list_received_not_invoiced(
    request: Request, reading: ReadMany, filters: Filters[ReceivedNotInvoicedFilters]
) -> Response:
    """List goods that came and that the vendor has not invoiced yet, with what they are worth.

    Amounts in the company's currency are at the exchange rate of the order's day.
    """
    order_of(filters, Columns({}))
    async with reading.runner.database.read() as conn:
        found = await orders(conn, filters.vendor_no)
        query = ReferenceQuery()
        for order in found:
            query.need_rates(order.currency_code, order.order_date)
        known = await references.load(conn, query, KINDS_OF_PURCHASING, datetime.now(UTC))
    rows = [
        _row(order, each)
        for order in found
        for each in received_not_invoiced(order, known, item_nos=filters.item_no, until=filters.date)
    ]
    tag = cursors.tag_of(request)
    after = cursors.decoded(filters.cursor, tag, _KEY) if filters.cursor else None
    rest = [row for row in rows if after is None or _key(row) > after]
    page = rest[: filters.limit]
    next_cursor = cursors.encoded(tag, _key(page[-1])) if len(rest) > len(page) else None
    return reading.page_of(page, next_cursor, total=_total(rows, known.home_currency))


def _total(rows: Sequence[ReceivedNotInvoicedLine], home_currency: str) -> ReceivedNotInvoicedTotal:
    known = (row.company_amount for row in rows if row.company_amount is not None)
    amount = sum(known, currency(home_currency).rounded(ZERO))
    return ReceivedNotInvoicedTotal(amount=amount, currency_code=home_currency)


def _row(order: Order, found: NotInvoiced) -> ReceivedNotInvoicedLine:
    line = found.line
    return extended(
        ReceivedNotInvoicedLine,
        line,
        purchase_order_no=order.no,
        purchase_order_line_no=line.line_no,
        vendor_no=order.vendor_no,
        vendor_name=order.vendor_name,
        order_date=order.order_date,
        currency_code=order.currency_code,
        qty_rcd_not_invoiced=found.quantity,
        received_since=found.received_since,
        amount=found.amount,
        company_amount=found.company_amount,
    )


def _key(row: ReceivedNotInvoicedLine) -> tuple[str, int]:
    return row.purchase_order_no, row.purchase_order_line_no
