"""Order promising: when the lines of a sales order can leave, and accepting these dates."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import OperationAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from planning.domain.promising.commands import AcceptPromise, OrderPromising, PromiseResult
from planning.http.filters import PromisingFilters
from planning.use_cases.promise_orders import accept_promises, read_promising

router = APIRouter(prefix="/v1", tags=["order promising"])


@router.get(
    "/order-promising",
    responses=answers(OrderPromising, refuses=[404]),
    dependencies=[requires("planning:read")],
)
async def get_order_promising(reading: ReadMany, asked: Filters[PromisingFilters]) -> Response:
    """When each line of a sales order can leave: from stock and what comes, or if what is missing is ordered today."""
    return await reading.answer(lambda conn: read_promising(conn, asked.sales_order_no))


@router.post(
    "/order-promising/accept",
    status_code=202,
    responses=answers(PromiseResult, operation=True, refuses=[409]),
    dependencies=[requires("planning:write")],
)
async def accept_order_promising(act: OperationAct, body: Body[AcceptPromise]) -> Response:
    """Promise the dates to the customer: the ATP date of each line, else its CTP date.

    For a CTP date a requisition line in `DEFAULT` buys what is missing. Sales puts the dates on the lines as their
    shipment dates, all or none; if it refuses, what was planned into stock is cancelled again. Lines that are sold from
    stock need an open order. `If-Match` is the version of the sales order.
    """
    return await act.answer(await act.run(accept_promises, body))
