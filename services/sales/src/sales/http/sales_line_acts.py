"""Acts on one line of a sales order that concern its purchase too."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import OperationAct
from httpkit.auth import requires
from httpkit.bodies import Body
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, LineNoInPath
from sales.domain.orders.commands import CloseLineShort, ExceptionResolution, ResolveException
from sales.http.answers.sourcing import ClosedShortAnswer, ResolvedExceptionAnswer
from sales.use_cases.close_lines_short import close_lines_short
from sales.use_cases.resolve_exceptions import resolve_exceptions

router = APIRouter(prefix="/v1/sales-orders/{no}/lines/{line_no}", tags=["sales orders"])
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
