"""The resources of planning: how one is read by its number, and where it is found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from contracts.keys import stockkeeping_unit_no
from contracts.planning import Location
from domainkit.structs import extended
from eventkit.transaction import Queryable
from httpkit.responses import Resource, Shown
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import SETUP_NO, Setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.masters.worksheets import Worksheet
from planning.domain.requisitions.run_results import result_of
from planning.http.answers import (
    ItemAnswer,
    LocationAnswer,
    RequisitionLineAnswer,
    SetupAnswer,
    StockkeepingUnitAnswer,
    WorksheetAnswer,
)
from planning.store import requisitions
from planning.store.kinds import ITEM, KINDS_OF_PLANNING, LOCATION, SETUP, STOCKKEEPING_UNIT, WORKSHEET
from recordkit import records

Read = Callable[[Queryable, str], Awaitable[Shown | None]]


def _reader(model: type[Any], answer: type[Any]) -> Read:
    async def read(conn: Queryable, no: str) -> Shown | None:
        record = await records.find(conn, KINDS_OF_PLANNING, model, no)
        return None if record is None else Shown(extended(answer, record), record.version)

    return read


async def read_setup(conn: Queryable, _: str) -> Shown:
    """The setup; its defaults until there is one."""
    setup = await records.find(conn, KINDS_OF_PLANNING, Setup, SETUP_NO) or Setup()
    return Shown(extended(SetupAnswer, setup), setup.version)


async def read_requisition_line(conn: Queryable, no: str, *, worksheet: str) -> Shown | None:
    """A line of this worksheet, none of another."""
    for line in await requisitions.find_lines(conn, [UUID(no)]):
        if line.worksheet == worksheet:
            return Shown(extended(RequisitionLineAnswer, line), line.version)
    return None


async def read_run(conn: Queryable, no: str) -> Shown | None:
    """A carry-out run and what became of its lines so far; it has no version."""
    run = await requisitions.find_run(conn, UUID(no))
    return None if run is None else Shown(result_of(run))


ITEM_CARD: Final = Resource(ITEM, _reader(ItemCard, ItemAnswer), "/v1/items/{no}")
LOCATION_CARD: Final = Resource(LOCATION, _reader(Location, LocationAnswer), "/v1/locations/{no}")
REQUISITION_WORKSHEET: Final = Resource(
    WORKSHEET, _reader(Worksheet, WorksheetAnswer), "/v1/requisition-worksheets/{no}"
)
PLANNING_SETUP: Final = Resource(SETUP, read_setup, "/v1/planning-setup")
CARRY_OUT_RUN: Final = Resource("carry-out-run", read_run, "/v1/carry-out-runs/{no}")
_read_stockkeeping_unit: Final = _reader(StockkeepingUnitCard, StockkeepingUnitAnswer)


def stockkeeping_unit(location_code: str, item_no: str) -> tuple[Resource, str]:
    """The resource and the number of an item at a location."""
    address = f"/v1/stockkeeping-units/{quote(location_code, safe='')}/{quote(item_no, safe='')}"
    resource = Resource(STOCKKEEPING_UNIT, _read_stockkeeping_unit, address)
    return resource, stockkeeping_unit_no(location_code, item_no)


def requisition_line(worksheet: str) -> Resource:
    """The resource of the lines of this worksheet."""
    address = f"/v1/requisition-worksheets/{quote(worksheet, safe='')}/lines/{{no}}"
    return Resource("requisition-line", partial(read_requisition_line, worksheet=worksheet), address)
