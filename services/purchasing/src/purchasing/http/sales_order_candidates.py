"""Sales orders that a purchase order could get."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Request
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import choice
from contracts.purchasing.fields import DROP_SHIPMENT, SPECIAL_ORDER
from contracts.refusals import not_found
from eventkit.transaction import Queryable
from httpkit import cursors
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, PageFilters, order_of
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany
from purchasing.domain.orders.get_sales_order import retrievable
from purchasing.domain.orders.order import Order
from purchasing.http.answers.candidates import CandidateAnswer, candidate_answer
from purchasing.http.resources import PURCHASE_ORDER
from purchasing.store import links, orders, sales_orders

router = APIRouter(prefix="/v1/purchase-orders", tags=["purchase orders"])


_KEY: Final = (str,)
"""Type of what a cursor of the list holds: the number of a sales order."""


class CandidateFilters(PageFilters, frozen=True, kw_only=True):
    """Which sales orders are offered."""

    kind: Annotated[
        str,
        choice("", SPECIAL_ORDER, DROP_SHIPMENT),
        Meta(description='Lines of this kind; "" for both.', examples=[DROP_SHIPMENT]),
    ] = ""


@router.get(
    "/{no}/sales-order-candidates",
    responses=answers(CandidateAnswer, items=True, refuses=[404]),
    dependencies=[requires("purchasing:read")],
)
async def list_sales_order_candidates(
    request: Request, reading: ReadMany, no: DocumentNo, page: Filters[CandidateFilters]
) -> Response:
    """List the sales orders of the order's customer with lines that *get sales order* would take.

    A page looks at `limit` orders of the customer, and may show fewer.
    """
    order_of(page, Columns({}))
    tag = cursors.tag_of(request)
    after = cursors.decoded(page.cursor, tag, _KEY)[0] if page.cursor else ""
    async with reading.runner.database.read() as conn:
        stored = await orders.find(conn, no)
        if stored is None:
            raise not_found(PURCHASE_ORDER.kind, no)
        items, last_no = await _candidates(conn, stored.document, page, after)
    return reading.page_of(items, cursors.encoded(tag, (last_no,)) if last_no else None)


async def _candidates(
    conn: Queryable, order: Order, page: CandidateFilters, after: str
) -> tuple[list[CandidateAnswer], str | None]:
    """A page of them, and the number of its last order if there may be more."""
    customer_no = order.sell_to_customer_no
    found = await sales_orders.of_customer(conn, customer_no, page.kind, after, page.limit)
    states = await links.states(conn, [line.id for sold in found for line in sold.lines])
    kinds = (page.kind,) if page.kind else (DROP_SHIPMENT, SPECIAL_ORDER)
    items = []
    for sold in found:
        lines = [line for kind in kinds for line in retrievable(sold, kind, states)]
        if lines:
            items.append(candidate_answer(sold, lines))
    return items, found[-1].no if len(found) == page.limit else None
