"""Projected inventory, for people who ask."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.keys import stockkeeping_unit_no
from contracts.planning.masters import Location
from contracts.refusals import not_found, unknown
from domainkit.days import days_after
from domainkit.references import ReferenceData, ReferenceQuery
from planning.domain.masters.items import ItemCard
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.masters.supply import need_item
from planning.domain.stock.projected_inventory import PlanningLevels, ProjectedInventory
from planning.domain.stock.projecting import ItemAtLocation, check_days, project
from planning.store import ledger, plan_inputs, projections
from planning.store import references as reference_store

LINES_MAX: Final = 2_000
"""Open lines after the first day that one answer shows; it ends before the first day that would not be whole."""
MESSAGES_MAX: Final = 2_000


async def read_projection(
    conn: AsyncConnection,
    item_no: str,
    location_code: str | None,
    from_date: date | None,
    to_date: date | None,
) -> ProjectedInventory:
    """Stock of an item at a location (None: at all) over time, from a day (None: the company's today) on."""
    await plan_inputs.freeze(conn)
    query = ReferenceQuery()
    need_item(query, item_no, location_code or "")
    references = await reference_store.load(conn, query, datetime.now(UTC))
    item = _item(references, item_no, location_code)
    first = from_date or references.today
    check_days(first, to_date)
    stock = await ledger.totals(conn, item_no, location_code)
    lines = await projections.open_lines(conn, item_no, location_code, (first, to_date), LINES_MAX + 1)
    requisitions = await projections.live_requisitions(conn, item_no, location_code, MESSAGES_MAX)
    if sum(line.due_date > first for line in lines) > LINES_MAX:
        to_date = days_after(lines[-1].due_date, -1)
        lines = [line for line in lines if line.due_date <= to_date]
    item = msgspec.structs.replace(item, free=stock.stock - stock.allocated)
    return project(item, lines, requisitions, from_date=first, to_date=to_date)


def _item(references: ReferenceData, item_no: str, location_code: str | None) -> ItemAtLocation:
    """The item with the parameters of its stockkeeping unit where that has a policy (BC-MD-12), else its own."""
    item = references.find(ItemCard, item_no)
    if item is None:
        raise not_found("item", item_no)
    if location_code and references.find(Location, location_code) is None:
        raise unknown("location", location_code, pointer="/location_code")
    unit = references.find(StockkeepingUnitCard, stockkeeping_unit_no(location_code or "", item_no))
    source = unit if unit is not None and unit.reordering_policy else item
    return ItemAtLocation(
        item_no=item_no,
        description=item.description,
        location_code=location_code,
        levels=msgspec.convert(source, PlanningLevels, from_attributes=True),
    )
