"""Items and what of them is free, as the gateway knows them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from fastapi import APIRouter
from sqlalchemy import Row
from starlette.responses import Response

from contracts.keys import stock_no
from contracts.planning.masters import Item
from contracts.refusals import not_found
from domainkit.money import ZERO
from domainkit.references import ReferenceQuery
from domainkit.structs import extended
from eventkit.transaction import Queryable
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from pos_gateway.domain.orders.availability import need_unsent, unsent_by_stock
from pos_gateway.http.answers.look_up import AvailabilityAnswer, ItemAnswer
from pos_gateway.http.copy_lists import found_by, page_of
from pos_gateway.http.dependencies import MANAGE, TERMINAL, GatewayParts
from pos_gateway.http.filters import AvailabilityFilters, ItemFilters
from pos_gateway.store import availability
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit.references import load

router = APIRouter(prefix="/v1", tags=["look-up"], dependencies=[requires(TERMINAL, MANAGE)])


@router.get("/items", responses=answers(ItemAnswer, items=True))
async def list_items(reading: ReadMany, page: Filters[ItemFilters]) -> Response:
    """Items by number or description, as the gateway knows them."""
    return await page_of(reading, page, found_by("item", "description", page.query), _answer)


@router.get("/items/{item_no}/availability", responses=answers(AvailabilityAnswer, items=True, refuses=[404]))
async def list_availability(
    reading: ReadMany,
    item_no: RecordNo,
    filters: Filters[AvailabilityFilters],
    parts: GatewayParts,
) -> Response:
    """What of an item is free at stores, less what tills have sold in orders that sales does not have yet.

    Stores that are not known are left out.
    """
    named = {no.strip().upper() for no in filters.stores.split(",") if no.strip()}
    async with reading.runner.database.read() as conn:
        await _check_known(conn, item_no)
        configuration = await parts.configurations.current(conn)
        stores = [store for store in configuration.stores.values() if not named or store.no in named]
        free = await availability.at_locations(conn, item_no, {s.location_code for s in stores})
        unsent = await _unsent(conn, item_no)
    rows = []
    for store in stores:
        level, as_of = free.get(store.location_code, (ZERO, None))
        left = level - unsent.get(stock_no(item_no, store.location_code), ZERO)
        rows.append(AvailabilityAnswer(store.no, store.location_code, left, as_of))
    return json_response({"items": rows, "next_cursor": None})


async def _check_known(conn: Queryable, item_no: str) -> None:
    query = ReferenceQuery(company=False)
    query.need(Item, item_no)
    if (await load(conn, query, KINDS_OF_GATEWAY, datetime.now(UTC))).find(Item, item_no) is None:
        raise not_found("item", item_no)


async def _unsent(conn: Queryable, item_no: str) -> dict[str, Decimal]:
    lines = await availability.unsent(conn, [item_no])
    if not lines:
        return {}
    query = ReferenceQuery(company=False)
    need_unsent(query, lines)
    return unsent_by_stock(lines, await load(conn, query, KINDS_OF_GATEWAY, datetime.now(UTC)))


def _answer(row: Row[Any]) -> ItemAnswer:
    item = msgspec.json.decode(row.body, type=Item)
    return extended(ItemAnswer, item, blocked=item.blocked or item.sales_blocked, as_of=row.received_at)
