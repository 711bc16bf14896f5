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
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.structs import extended
from httpkit import cursors
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import PageFilters, Several
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from purchasing.domain.orders.received_not_invoiced import received_not_invoiced
from purchasing.http.answers.received_not_invoiced import ReceivedNotInvoicedLine, ReceivedNotInvoicedTotal
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.received_not_invoiced import LineOfOrder, lines
from recordkit import references

router = APIRouter(prefix="/v1/reports", tags=["work lists"])
_KEY: Final = (str, int)
"""Types of what a cursor of the report holds: order and line."""


class ReceivedNotInvoicedFilters(PageFilters, frozen=True, kw_only=True):
    """Which lines are reported."""

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
    async with reading.runner.database.read() as conn:
        found = await lines(conn, filters.vendor_no, filters.item_no)
        query = ReferenceQuery()
        for each in found:
            query.need_rates(each.currency_code, each.order_date)
        known = await references.load(conn, query, KINDS_OF_PURCHASING, datetime.now(UTC))
    rows = [row for each in found if (row := _row(each, known, filters)) is not None]
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


def _row(
    of_order: LineOfOrder, known: ReferenceData, filters: ReceivedNotInvoicedFilters
) -> ReceivedNotInvoicedLine | None:
    line = of_order.line
    found = received_not_invoiced(line, of_order.currency_code, of_order.order_date, known, filters.date)
    if found is None:
        return None
    return extended(
        ReceivedNotInvoicedLine,
        line,
        purchase_order_no=of_order.purchase_order_no,
        purchase_order_line_no=line.line_no,
        vendor_no=of_order.vendor_no,
        vendor_name=of_order.vendor_name,
        order_date=of_order.order_date,
        currency_code=of_order.currency_code,
        qty_rcd_not_invoiced=found.quantity,
        received_since=found.received_since,
        amount=found.amount,
        company_amount=found.company_amount,
    )


def _key(row: ReceivedNotInvoicedLine) -> tuple[str, int]:
    return row.purchase_order_no, row.purchase_order_line_no
