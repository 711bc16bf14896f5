"""Stockkeeping units: what is special about an item at a location."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordCode, RecordNo
from httpkit.reads import ReadMany, ReadOne
from planning.domain.masters.stockkeeping_units import PlannedUnit, StockkeepingUnitCard
from planning.http.answers import StockkeepingUnitAnswer
from planning.http.filters import StockkeepingUnitFilters
from planning.http.resources import STOCKKEEPING_UNIT, stockkeeping_unit
from planning.use_cases.delete_masters import delete_stockkeeping_units
from planning.use_cases.put_masters import put_stockkeeping_units

router = APIRouter(prefix="/v1", tags=["items"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.put(
    "/stockkeeping-units/{location}/{item}",
    responses=upserts(StockkeepingUnitAnswer),
    dependencies=_WRITING,
)
async def put_stockkeeping_unit(
    act: ChangeAct, location: RecordCode, item: RecordNo, body: Body[PlannedUnit]
) -> Response:
    """Override an item's vendor, lead time and planning parameters at a location."""
    resource, _ = stockkeeping_unit(location, item)
    unit = extended(StockkeepingUnitCard, body, location_code=location, item_no=item)
    return await act.answer(await act.run(put_stockkeeping_units, unit, resource=resource))


@router.get(
    "/stockkeeping-units/{location}/{item}",
    responses=answers(StockkeepingUnitAnswer),
    dependencies=_READING,
)
async def get_stockkeeping_unit(reading: ReadOne, location: RecordCode, item: RecordNo) -> Response:
    """What is special about an item at a location."""
    return await reading.one(*stockkeeping_unit(location, item))


@router.get(
    "/stockkeeping-units",
    responses=answers(StockkeepingUnitAnswer, changes=True),
    dependencies=_READING,
)
async def list_stockkeeping_units(reading: ReadMany, page: Filters[StockkeepingUnitFilters]) -> Response:
    """List stockkeeping units in the order of location and item."""
    return await STOCKKEEPING_UNIT.page(reading, page)


@router.delete(
    "/stockkeeping-units/{location}/{item}",
    status_code=204,
    responses=answers(status=204),
    dependencies=_WRITING,
)
async def delete_stockkeeping_unit(act: ChangeAct, location: RecordCode, item: RecordNo) -> Response:
    """Delete a stockkeeping unit: the item's own vendor and planning parameters hold there from then on."""
    _, no = stockkeeping_unit(location, item)
    return await act.answer(await act.run(delete_stockkeeping_units, no))
