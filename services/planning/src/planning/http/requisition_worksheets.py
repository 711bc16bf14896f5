"""Requisition worksheets and what is done with all their lines: get sales orders, carry out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.acts import ChangeAct, CreateAct, OperationAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany, ReadOne
from planning.domain.masters.worksheets import Worksheet, WorksheetDetails
from planning.domain.plan.commands import CalculatePlan, PlanRequest, PlanResult
from planning.domain.requisitions.commands import CarryOut, GetSalesOrders, LinesToCarryOut, SalesLineFilters
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.run_results import CarryOutResult
from planning.http.answers import WorksheetAnswer, WrittenLines, requisition_line_answer
from planning.http.filters import WorksheetFilters
from planning.http.paths import WorksheetInPath
from planning.http.resources import CARRY_OUT_RUN, REQUISITION_WORKSHEET
from planning.use_cases.calculate_plans import ask_for_plans
from planning.use_cases.carry_out_worksheets import carry_out_worksheets
from planning.use_cases.get_sales_orders import get_sales_orders
from planning.use_cases.put_masters import put_worksheets
from recordkit.stored import StoredDocument

router = APIRouter(prefix="/v1", tags=["requisition worksheets"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.put(
    "/requisition-worksheets/{name}",
    responses=upserts(WorksheetAnswer),
    dependencies=_WRITING,
)
async def put_requisition_worksheet(
    act: ChangeAct, name: WorksheetInPath, body: Body[WorksheetDetails]
) -> Response:
    """Create a worksheet, or describe it otherwise."""
    worksheet = extended(Worksheet, body, name=name)
    return await act.answer(await act.run(put_worksheets, worksheet, resource=REQUISITION_WORKSHEET))


@router.get(
    "/requisition-worksheets/{name}",
    responses=answers(WorksheetAnswer),
    dependencies=_READING,
)
async def get_requisition_worksheet(reading: ReadOne, name: WorksheetInPath) -> Response:
    """A worksheet, without its lines."""
    return await reading.one(REQUISITION_WORKSHEET, name)


@router.get(
    "/requisition-worksheets",
    responses=answers(WorksheetAnswer, changes=True),
    dependencies=_READING,
)
async def list_requisition_worksheets(reading: ReadMany, page: Filters[WorksheetFilters]) -> Response:
    """List worksheets in the order of their names. `DEFAULT`, which automation writes to, is always there."""
    return await REQUISITION_WORKSHEET.page(reading, page)


@router.post(
    "/requisition-worksheets/{name}/get-sales-orders",
    responses=answers(WrittenLines, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def get_sales_orders_into_worksheet(
    act: CreateAct, name: WorksheetInPath, body: Body[SalesLineFilters]
) -> Response:
    """Write requisition lines for flagged sales lines that nothing procures yet.

    They are not accepted: a person looks at them before the worksheet is carried out.
    """
    return await act.answer(
        await act.run(get_sales_orders, GetSalesOrders(name, body), present=_written_lines)
    )


def _written_lines(written: Iterable[StoredDocument[RequisitionLine]]) -> WrittenLines:
    return WrittenLines(lines=tuple(map(requisition_line_answer, written)))


@router.post(
    "/requisition-worksheets/{name}/calculate-plan",
    status_code=202,
    responses=answers(PlanResult, operation=True, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def calculate_plan_into_worksheet(
    act: OperationAct, name: WorksheetInPath, body: Body[PlanRequest]
) -> Response:
    """Balance demand and supply by the items' reordering policies, and write action messages.

    Special orders and drop shipments are left alone. What an earlier plan proposed of the same items is replaced. One
    plan at a time per worksheet. Each line says why in `explanation`; those without a warning are accepted.
    """
    return await act.answer(await act.run(ask_for_plans, CalculatePlan(name, body)))


@router.post(
    "/requisition-worksheets/{name}/carry-out",
    status_code=202,
    responses=answers(CarryOutResult, operation=True, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def carry_out_requisition_worksheet(
    act: OperationAct, name: WorksheetInPath, body: Body[LinesToCarryOut]
) -> Response:
    """Ask purchasing for purchase orders; the operation's id is the run's.

    If a line does not pass the checks, nothing is ordered and the operation fails with every reason of every line.
    """
    return await act.answer(await act.run(carry_out_worksheets, CarryOut(name, body)))


@router.get(
    "/carry-out-runs/{id}",
    responses=answers(CarryOutResult, refuses=[404]),
    dependencies=_READING,
)
async def get_carry_out_run(reading: ReadMany, id: IdInPath) -> Response:  # noqa: A002 - the path's name
    """What became of the lines of a carry-out so far."""
    return await reading.one(CARRY_OUT_RUN, str(id))
