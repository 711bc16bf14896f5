"""What a till looks up: customers, items and availability, from the gateway's copies, also while others are down."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row, Select, func, or_, select
from starlette.responses import Response

from contracts.planning import Item
from contracts.sales import Customer
from httpkit.answers import json_answer
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import Text100
from httpkit.lists import Page
from httpkit.openapi import answers
from pos_gateway.domain.new_order import no
from pos_gateway.http.tills import MANAGE, TERMINAL
from pos_gateway.store import availability
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.tables import COPY


class Search(Page):
    """`query`: the beginning of a number, or words of the name or description."""

    query: Text100 = ""


class CustomerItem(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as the gateway knows it; `as_of`: since when."""

    no: str
    name: str
    address: str
    city: str
    post_code: str
    country_code: str
    phone: str
    email: str
    blocked: str
    as_of: datetime


class CatalogItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item as the gateway knows it; `as_of`: since when."""

    no: str
    description: str
    base_unit_of_measure: str
    sales_unit_of_measure: str
    unit_price: Decimal
    tax_pct: Decimal
    purchasing_code: str
    blocked: bool
    as_of: datetime


class AvailabilityItem(msgspec.Struct, frozen=True):
    """What of an item is free at a store, in its base unit."""

    store_no: str
    location_code: str
    available: Decimal
    as_of: datetime | None


def routes(edge: Edge, tokens: Tokens, configurations: Configurations) -> APIRouter:
    """`/customers`, `/items`, `/items/{no}/availability`."""
    router = APIRouter(
        prefix="/v1", tags=["look-up"], dependencies=[Depends(tokens.require(TERMINAL, MANAGE))]
    )

    @router.get("/customers", responses=answers(CustomerItem, items=True))
    async def customers(request: Request, page: Annotated[Search, Query()]) -> Response:
        """Customers by number or name."""
        query = _search("customer", "name", page.query)
        return await edge.listing(
            request, page, query, key=(COPY.c.no,), body=_customer, updated=COPY.c.received_at
        )

    @router.get("/items", responses=answers(CatalogItem, items=True))
    async def items(request: Request, page: Annotated[Search, Query()]) -> Response:
        """Items by number or description."""
        query = _search("item", "description", page.query)
        return await edge.listing(
            request, page, query, key=(COPY.c.no,), body=_item, updated=COPY.c.received_at
        )

    @router.get("/items/{item_no}/availability", responses=answers(AvailabilityItem, items=True))
    async def available(item_no: str, stores: Annotated[str, Query(max_length=2000)] = "") -> Response:
        """What is free at stores (`stores=A,B`; all if left out)."""
        wanted = [no(s) for s in stores.split(",") if s.strip()]
        async with edge.database.read() as conn:
            known = await configurations.current(conn)
            places = [s for s in known.stores.values() if not wanted or s.no in wanted]
            found = await availability.at_locations(conn, no(item_no), {s.location_code for s in places})
        rows = [
            AvailabilityItem(s.no, s.location_code, *found.get(s.location_code, (Decimal(0), None)))
            for s in places
        ]
        return json_answer({"items": rows, "next_cursor": None})

    return router


def _search(kind: str, words_in: str, text: str) -> Select[Any]:
    query = select(COPY.c.no, COPY.c.body, COPY.c.received_at).where(
        COPY.c.kind == kind, COPY.c.body.is_not(None)
    )
    if not text:
        return query
    return query.where(
        or_(
            COPY.c.no.startswith(text.upper(), autoescape=True),
            func.lower(COPY.c.body.op("->>")(words_in)).contains(text.lower(), autoescape=True),
        )
    )


def _customer(row: Row[Any]) -> CustomerItem:
    customer = msgspec.json.decode(row.body, type=Customer)
    own = {f: getattr(customer, f) for f in CustomerItem.__struct_fields__ if f != "as_of"}
    return CustomerItem(**own, as_of=row.received_at)


def _item(row: Row[Any]) -> CatalogItem:
    item = msgspec.json.decode(row.body, type=Item)
    own = {f: getattr(item, f) for f in CatalogItem.__struct_fields__ if f not in {"as_of", "blocked"}}
    return CatalogItem(**own, blocked=item.blocked or item.sales_blocked, as_of=row.received_at)
