"""Acts on one line of a sales order that concern its purchase too."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from contracts.refusals import not_found
from httpkit.acts import DocumentAct, OperationAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, IdInPath, LineNoInPath
from httpkit.reads import ReadMany
from sales.domain.orders.commands import LineChangeWanted, RequestLineChange
from sales.domain.orders.supply_commands import (
    CloseLineShort,
    ExceptionResolution,
    GoodsToGive,
    ReallocateGoods,
    ResolveException,
)
from sales.http.answers.change_requests import (
    ChangedLineAnswer,
    ChangeRequestAnswer,
    ChangeRequestFilters,
    change_requests_of,
    find_change_request,
)
from sales.http.answers.orders import SalesOrderAnswer
from sales.http.answers.sourcing import ClosedShortAnswer, ResolvedExceptionAnswer
from sales.http.resources import SALES_ORDER
from sales.store import order_reads
from sales.use_cases.close_lines_short import close_lines_short
from sales.use_cases.reallocate_goods import reallocate_goods
from sales.use_cases.request_changes import request_changes
from sales.use_cases.resolve_exceptions import resolve_exceptions

router = APIRouter(prefix="/v1/sales-orders/{no}/lines/{line_no}", tags=["sales orders"])
_READ = [requires("sales:read")]
_WRITE = [requires("sales:write")]


@router.post(
    "/close-short",
    responses=answers(ClosedShortAnswer, operation=True, refuses=[404, 409]),
    dependencies=_WRITE,
)
async def close_sales_line_short(act: OperationAct, no: DocumentNo, line_no: LineNoInPath) -> Response:
    """Sell no more of a line than was supplied; where it is bought, purchasing lowers its line too."""
    return await act.answer(await act.run(close_lines_short, CloseLineShort(no, line_no)))


@router.post(
    "/reallocate",
    responses=answers(SalesOrderAnswer, refuses=[404, 409]),
    dependencies=[requires("sales:reallocate")],
)
async def reallocate_received_goods(
    act: DocumentAct, no: DocumentNo, line_no: LineNoInPath, body: Body[GoodsToGive]
) -> Response:
    """Give received goods of a special order to another special order, which may ship them at once.

    The first line is open again: an exception if its purchase was here in full, to be answered like any other.
    """
    data = ReallocateGoods(no, line_no, body)
    return await act.answer(await act.run(reallocate_goods, data, resource=SALES_ORDER))


@router.post(
    "/resolve-exception",
    responses=answers(ResolvedExceptionAnswer, operation=True, refuses=[404, 409]),
    dependencies=_WRITE,
)
async def resolve_exception(
    act: OperationAct, no: DocumentNo, line_no: LineNoInPath, body: Body[ExceptionResolution]
) -> Response:
    """Answer a line whose supply broke: buy again, supply it from stock, or cancel what is outstanding.

    Buying again ends when planning has taken the line up under its next generation.
    """
    data = ResolveException(no, line_no, body)
    return await act.answer(await act.run(resolve_exceptions, data))


@router.post(
    "/change-requests",
    responses=answers(ChangedLineAnswer, operation=True, refuses=[404, 409]),
    dependencies=_WRITE,
)
async def create_sales_line_change_request(
    act: OperationAct, no: DocumentNo, line_no: LineNoInPath, body: Body[LineChangeWanted]
) -> Response:
    """Change a line together with its purchase: quantity, address, date or location.

    The purchase order takes it while it is not sent and nothing was received. More than it can still take is sold, and
    bought, on a new line; what it cannot give back is refused with the reason. Meanwhile nothing else is done with the
    line. Quantity 0 cancels it. An address is that of the order: every drop shipment of it has to follow.
    """
    data = RequestLineChange(no, line_no, body)
    return await act.answer(await act.run(request_changes, data))


@router.get(
    "/change-requests",
    responses=answers(ChangeRequestAnswer, items=True, refuses=[404]),
    dependencies=_READ,
)
async def list_sales_line_change_requests(
    reading: ReadMany, no: DocumentNo, line_no: LineNoInPath, filters: Filters[ChangeRequestFilters]
) -> Response:
    """What was asked for about the line, the newest first, and what became of it."""
    async with reading.runner.database.read() as conn:
        found = await order_reads.find(conn, no)
    if found is None:
        raise not_found(SALES_ORDER.kind, no)
    found.order.line(line_no)
    return await reading.page(filters, change_requests_of(no, line_no))


@router.get(
    "/change-requests/{id}",
    responses=answers(ChangeRequestAnswer, refuses=[404]),
    dependencies=_READ,
)
async def get_sales_line_change_request(
    reading: ReadMany,
    no: DocumentNo,
    line_no: LineNoInPath,
    id: IdInPath,  # noqa: A002 - the name in the path
) -> Response:
    """One request to change the line: what was asked for, and what became of it."""
    return await reading.answer(lambda conn: find_change_request(conn, no, line_no, id))
