"""Acts on one line of a sales order that concern its purchase too."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import OperationAct
from httpkit.auth import requires
from httpkit.bodies import Body
from httpkit.openapi import answers
from httpkit.paths import DocumentNo, LineNoInPath
from sales.domain.orders.commands import ExceptionResolution, ResolveException
from sales.http.answers.sourcing import ResolvedExceptionAnswer
from sales.use_cases.resolve_exceptions import resolve_exceptions

router = APIRouter(prefix="/v1/sales-orders/{no}/lines/{line_no}", tags=["sales orders"])
_WRITE = [requires("sales:write")]


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
