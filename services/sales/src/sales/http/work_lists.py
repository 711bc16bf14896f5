"""Work lists over the lines of open orders: a buyer's and a shipper's daily screen (E1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, Request
from msgspec import Meta
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from starlette.responses import Response

from contracts import fields
from contracts.sales.fields import ShipmentDate
from domainkit.references import ReferenceQuery
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, Listing, PageFilters, Several
from httpkit.openapi import answers
from httpkit.reads import ReadMany, ReadRequest
from recordkit import references
from sales.domain.line_supply import overdue_procurement
from sales.domain.sourcing import NOT_BOUGHT
from sales.http.answers.orders import WorkLineAnswer, work_line_answer
from sales.http.answers.sourcing import SourcingState
from sales.store.kinds import KINDS_OF_SALES
from sales.store.orders import LINE
from sales.store.sourcings import SOURCING
from sales.store.tables import OPEN_SALES_LINE

OVERDUE_AFTER: Final = "procurement_overdue_after"
"""Where the application's state has the time, a `timedelta`, after which a line that is not bought is overdue."""
router = APIRouter(prefix="/v1", tags=["work lists"], dependencies=[requires("sales:read")])


class SalesLineFilters(PageFilters, frozen=True, kw_only=True):
    """Filters of the list of lines."""

    sourcing_state: Several[SourcingState] = ()
    ready_to_ship: Annotated[bool, Meta(description="The next step is to ship.", examples=[True])] | None = (
        None
    )
    overdue: (
        Annotated[bool, Meta(description="The line should have left before today.", examples=[True])] | None
    ) = None
    date_at_risk: (
        Annotated[bool, Meta(description="The vendor delivers too late for the line.", examples=[True])]
        | None
    ) = None
    vendor_no: Several[fields.VendorNo] = ()
    customer_no: Several[fields.CustomerNo] = ()
    location_code: Several[fields.LocationCode] = ()
    sales_order_no: Several[fields.SalesOrderNo] = ()
    shipment_date_from: Annotated[ShipmentDate, Meta(description="To leave on this day or later.")] | None = (
        None
    )
    shipment_date_to: Annotated[ShipmentDate, Meta(description="To leave on this day or earlier.")] | None = (
        None
    )

    sorts: ClassVar = ("sales_order_no", "customer_no", "vendor_no", "location_code", "sourcing_state")


class ExceptionFilters(PageFilters, frozen=True, kw_only=True):
    """Filters of the list of exceptions."""

    customer_no: Several[fields.CustomerNo] = ()


@router.get("/sales-lines", responses=answers(WorkLineAnswer, items=True))
async def list_sales_lines(
    request: Request, reading: ReadMany, filters: Filters[SalesLineFilters]
) -> Response:
    """Lines of open orders, by order and line."""
    overdue = _is_overdue(await _today(reading))
    query = _query(overdue, _is_not_bought(request))
    if filters.overdue is not None:
        query = query.where(overdue == filters.overdue)
    return await reading.page(filters, _listing(query))


@router.get("/exceptions", responses=answers(WorkLineAnswer, items=True))
async def list_exceptions(
    request: Request, reading: ReadMany, filters: Filters[ExceptionFilters]
) -> Response:
    """Lines that need a person's answer; `sourcing.problem` says why.

    A line that is not bought within the set time after its release is one of them (`overdue-procurement`).
    """
    overdue = _is_overdue(await _today(reading))
    not_bought = _is_not_bought(request)
    needs_person = or_(OPEN_SALES_LINE.c.sourcing_state == "exception", not_bought)
    return await reading.page(filters, _listing(_query(overdue, not_bought).where(needs_person)))


async def _today(reading: ReadRequest) -> date:
    """Today in the company's time zone: what is overdue depends on it."""
    async with reading.runner.database.read() as conn:
        reference_data = await references.load(conn, ReferenceQuery(), KINDS_OF_SALES, datetime.now(UTC))
    return reference_data.today


def _is_overdue(today: date) -> ColumnElement[bool]:
    columns = OPEN_SALES_LINE.c
    late = and_(columns.outstanding > 0, columns.shipment_date < today)
    return func.coalesce(late, false())  # a line without a shipment date is never late


def _is_not_bought(request: Request) -> ColumnElement[bool]:
    """Whether a line has been released for so long that it should be bought."""
    columns = OPEN_SALES_LINE.c
    overdue_after: timedelta = getattr(request.app.state, OVERDUE_AFTER)
    late = and_(
        columns.outstanding > 0,
        columns.sourcing_state.in_(NOT_BOUGHT),
        columns.released_at < datetime.now(UTC) - overdue_after,
    )
    return func.coalesce(late, false())


def _query(overdue: ColumnElement[bool], not_bought: ColumnElement[bool]) -> Select[Any]:
    columns = OPEN_SALES_LINE.c
    return select(
        columns.no,
        columns.status,
        columns.customer_no,
        columns.customer_name,
        columns.ready_to_ship,
        columns.date_at_risk,
        columns.change_pending,
        columns.line_body,
        columns.sourcing_body,
        columns.released_at,
        overdue.label("overdue"),
        not_bought.label("not_bought"),
    )


def _listing(query: Select[Any]) -> Listing:
    columns = OPEN_SALES_LINE.c
    return Listing(
        query=query,
        key=(columns.no, columns.line_no),
        item=_item,
        columns=Columns({**columns, "sales_order_no": columns.no}),
    )


def _item(row: Any) -> WorkLineAnswer:
    supply = SOURCING.decode(row.sourcing_body) if row.sourcing_body else None
    problem = overdue_procurement(row.released_at) if row.not_bought else None
    return work_line_answer(row, LINE.decode(row.line_body), supply, problem)
