"""What a till looks up: customers, items and availability, from the gateway's copies, also while others are down."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from fastapi import APIRouter
from sqlalchemy import Row, Select, func, or_, select
from starlette.responses import Response

from contracts.planning import Item
from contracts.sales import Customer
from domainkit.structs import extended
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.leaves import normalized_number
from httpkit.openapi import answers
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from pos_gateway.http.answers.look_up import AvailabilityAnswer, CustomerAnswer, ItemAnswer
from pos_gateway.http.dependencies import MANAGE, TERMINAL, UsesConfigurations
from pos_gateway.http.filters import AvailabilityFilters, CustomerFilters, ItemFilters
from pos_gateway.store import availability
from pos_gateway.store.tables import COPY

router = APIRouter(prefix="/v1", tags=["look-up"], dependencies=[requires(TERMINAL, MANAGE)])


@router.get("/customers", responses=answers(CustomerAnswer, items=True))
async def list_customers(reading: ReadMany, page: Filters[CustomerFilters]) -> Response:
    """Customers by number or name, as the gateway knows them."""
    query = _search("customer", "name", page.query)
    return await reading.page(page, query, key=(COPY.c.no,), item=_customer, updated=COPY.c.received_at)


@router.get("/items", responses=answers(ItemAnswer, items=True))
async def list_items(reading: ReadMany, page: Filters[ItemFilters]) -> Response:
    """Items by number or description, as the gateway knows them."""
    query = _search("item", "description", page.query)
    return await reading.page(page, query, key=(COPY.c.no,), item=_item, updated=COPY.c.received_at)


@router.get("/items/{item_no}/availability", responses=answers(AvailabilityAnswer, items=True))
async def list_availability(
    reading: ReadMany,
    item_no: RecordNo,
    filters: Filters[AvailabilityFilters],
    configurations: UsesConfigurations,
) -> Response:
    """What of an item is free at stores. Stores that are not known are left out."""
    named = {normalized_number(no) for no in filters.stores.split(",") if no.strip()}
    async with reading.runner.database.read() as conn:
        known = await configurations.current(conn)
        stores = [store for store in known.stores.values() if not named or store.no in named]
        found = await availability.at_locations(conn, item_no, {s.location_code for s in stores})
    rows = [
        AvailabilityAnswer(s.no, s.location_code, *found.get(s.location_code, (Decimal(0), None)))
        for s in stores
    ]
    return json_response({"items": rows, "next_cursor": None})


def _search(kind: str, text_in: str, query: str) -> Select[Any]:
    found = select(COPY.c.no, COPY.c.body, COPY.c.received_at).where(
        COPY.c.kind == kind, COPY.c.body.is_not(None)
    )
    if not query:
        return found
    return found.where(
        or_(
            COPY.c.no.startswith(query.upper(), autoescape=True),
            func.lower(COPY.c.body.op("->>")(text_in)).contains(query.lower(), autoescape=True),
        )
    )


def _customer(row: Row[Any]) -> CustomerAnswer:
    customer = msgspec.json.decode(row.body, type=Customer)
    return extended(CustomerAnswer, customer, as_of=row.received_at)


def _item(row: Row[Any]) -> ItemAnswer:
    item = msgspec.json.decode(row.body, type=Item)
    return extended(ItemAnswer, item, blocked=item.blocked or item.sales_blocked, as_of=row.received_at)
