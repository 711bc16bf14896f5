"""Items, locations, stockkeeping units and the setup."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import Code10, No20, No20OrBlank, Text100
from httpkit.fields import no as numbered
from httpkit.lists import Page
from httpkit.openapi import answers
from planning.domain.masters import SETUP_NO, ItemCard, LocationCard, Setup, StockkeepingUnitCard
from planning.http.inputs import ItemInput, LocationInput, SetupInput, StockkeepingUnitInput
from planning.http.shows import show_item, show_location, show_setup, show_stockkeeping_unit
from planning.store import lists
from planning.store.masters import DECODERS, ITEM, LOCATION, STOCKKEEPING_UNIT
from planning.use_cases import put_masters


class Items(Page):
    """Filters of items."""

    vendor_no: No20OrBlank = ""
    query: Text100 = ""


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """Routes of master data."""
    router = APIRouter(prefix="/v1")
    reading = [Depends(tokens.require("planning:read"))]
    writing = [Depends(tokens.require("planning:write"))]
    managing = [Depends(tokens.require("planning:manage", "planning:write"))]
    _items(router, edge, reading, writing)
    _locations(router, edge, reading, writing)
    _units(router, edge, reading, writing)

    @router.put("/planning-setup", tags=["setup"], responses=answers(Setup), dependencies=managing)
    async def put_setup(request: Request, body: SetupInput) -> Response:
        """Automation, its limit, and what must be given."""
        return await edge.act(request, put_masters.put_setup, body.setup(), show=show_setup)

    @router.get("/planning-setup", tags=["setup"], responses=answers(Setup), dependencies=reading)
    async def get_setup(request: Request) -> Response:
        return await edge.show(request, show_setup, SETUP_NO, "planning-setup")

    return router


def _items(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    @router.put("/items/{no}", tags=["items"], responses=answers(ItemCard), dependencies=writing)
    async def put_item(request: Request, no: No20, body: ItemInput) -> Response:
        """Make an item, or write it anew."""
        return await edge.act(request, put_masters.put_items, body.item(no), show=show_item)

    @router.get("/items/{no}", tags=["items"], responses=answers(ItemCard), dependencies=reading)
    async def get_item(request: Request, no: str) -> Response:
        return await edge.show(request, show_item, numbered(no), "item")

    @router.get("/items", tags=["items"], responses=answers(ItemCard, items=True), dependencies=reading)
    async def list_items(request: Request, page: Annotated[Items, Query()]) -> Response:
        query = lists.items(vendor_no=page.vendor_no, query=page.query)
        return await _listing(edge, request, page, query, ITEM)


def _locations(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    @router.put(
        "/locations/{code}", tags=["locations"], responses=answers(LocationCard), dependencies=writing
    )
    async def put_location(request: Request, code: Code10, body: LocationInput) -> Response:
        """Make a location, or write it anew."""
        return await edge.act(request, put_masters.put_locations, body.location(code), show=show_location)

    @router.get(
        "/locations/{code}", tags=["locations"], responses=answers(LocationCard), dependencies=reading
    )
    async def get_location(request: Request, code: str) -> Response:
        return await edge.show(request, show_location, numbered(code), "location")

    @router.get(
        "/locations", tags=["locations"], responses=answers(LocationCard, items=True), dependencies=reading
    )
    async def list_locations(request: Request, page: Annotated[Page, Query()]) -> Response:
        return await _listing(edge, request, page, lists.masters(LOCATION), LOCATION)


def _units(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    answer = answers(StockkeepingUnitCard)
    path = "/stockkeeping-units/{location}/{item}"

    @router.put(path, tags=["items"], responses=answer, dependencies=writing)
    async def put_unit(
        request: Request, location: Code10, item: No20, body: StockkeepingUnitInput
    ) -> Response:
        """Override an item's vendor, lead time and planning parameters at a location."""
        data = body.unit(location, item)
        return await edge.act(request, put_masters.put_stockkeeping_units, data, show=show_stockkeeping_unit)

    @router.get(path, tags=["items"], responses=answer, dependencies=reading)
    async def get_unit(request: Request, location: str, item: str) -> Response:
        key = f"{numbered(location)}/{numbered(item)}"
        return await edge.show(request, show_stockkeeping_unit, key, "stockkeeping-unit")

    @router.get(
        "/stockkeeping-units",
        tags=["items"],
        responses=answers(StockkeepingUnitCard, items=True),
        dependencies=reading,
    )
    async def list_units(request: Request, page: Annotated[Page, Query()]) -> Response:
        return await _listing(edge, request, page, lists.masters(STOCKKEEPING_UNIT), STOCKKEEPING_UNIT)


async def _listing(edge: Edge, request: Request, page: Page, query: Any, kind: str) -> Response:
    decoder: msgspec.json.Decoder[Any] = DECODERS[kind]
    columns = lists.MASTERS.c
    return await edge.listing(
        request,
        page,
        query,
        key=[columns.no],
        body=lambda row: decoder.decode(row.body),
        updated=columns.updated_at,
    )
