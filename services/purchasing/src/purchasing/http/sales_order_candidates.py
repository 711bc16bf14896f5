"""Sales orders that a purchase order could get."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import NoOrBlank, choice
from contracts.purchasing import DROP_SHIPMENT, SPECIAL_ORDER
from contracts.refusals import not_found
from eventkit.transaction import Queryable
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from httpkit.reads import ReadMany
from purchasing.domain.orders.get_sales_order import retrievable
from purchasing.domain.orders.order import Order
from purchasing.http.answers.candidates import CandidateAnswer, candidate_answer
from purchasing.http.resources import PURCHASE_ORDER
from purchasing.store import links, orders, sales_orders

router = APIRouter(prefix="/v1/purchase-orders", tags=["purchase orders"])


class CandidateFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which sales orders are offered."""

    kind: Annotated[
        str,
        choice("", SPECIAL_ORDER, DROP_SHIPMENT),
        Meta(description='Lines of this kind; "" for both.', examples=[DROP_SHIPMENT]),
    ] = ""
    cursor: Annotated[
        NoOrBlank, Meta(description="`next_cursor` of the page before.", examples=["S-1001"])
    ] = ""


@router.get(
    "/{no}/sales-order-candidates",
    responses=answers(CandidateAnswer, items=True, refuses=[404]),
    dependencies=[requires("purchasing:read")],
)
async def list_sales_order_candidates(
    reading: ReadMany, no: DocumentNo, page: Filters[CandidateFilters]
) -> Response:
    """List the sales orders of the order's customer with lines that *get sales order* would take."""
    async with reading.runner.database.read() as conn:
        stored = await orders.find(conn, no)
        if stored is None:
            raise not_found(PURCHASE_ORDER.kind, no)
        items, next_cursor = await _candidates(conn, stored.document, page)
    return reading.page_of(items, next_cursor)


async def _candidates(
    conn: Queryable, order: Order, page: CandidateFilters
) -> tuple[list[CandidateAnswer], str | None]:
    found = await sales_orders.of_customer(conn, order.sell_to_customer_no, page.kind, page.cursor)
    states = await links.states(conn, [line.id for sold in found for line in sold.lines])
    kinds = (page.kind,) if page.kind else (DROP_SHIPMENT, SPECIAL_ORDER)
    items = []
    for sold in found:
        lines = [line for kind in kinds for line in retrievable(sold, kind, states)]
        if lines:
            items.append(candidate_answer(sold, lines))
    more = len(found) == sales_orders.CANDIDATES_MAX
    return items, found[-1].no if more else None
