"""Vendors, their catalogues, and the setup."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from contracts.purchasing import ItemVendor, Vendor
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import No20
from httpkit.fields import no as numbered
from httpkit.lists import Page
from httpkit.openapi import answers
from purchasing.http import view_types, views
from purchasing.http.inputs import ItemVendorInput, SetupInput, VendorInput
from purchasing.http.shows import show_item_vendor, show_setup, show_vendor
from purchasing.store import lists, masters
from purchasing.use_cases import put_masters


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """Routes of vendors and what they sell."""
    router = APIRouter(prefix="/v1")
    reading = [Depends(tokens.require("purchasing:read"))]
    writing = [Depends(tokens.require("purchasing:write"))]
    managing = [Depends(tokens.require("purchasing:manage", "purchasing:write"))]
    _vendors(router, edge, reading, writing)
    _catalogues(router, edge, reading, writing)

    @router.put(
        "/purchasing-setup", tags=["setup"], responses=answers(view_types.SetupView), dependencies=managing
    )
    async def put_setup(request: Request, body: SetupInput) -> Response:
        """Choices of the company."""
        return await edge.act(request, put_masters.put_setups, body.setup(), show=show_setup)

    @router.get(
        "/purchasing-setup", tags=["setup"], responses=answers(view_types.SetupView), dependencies=reading
    )
    async def get_setup(request: Request) -> Response:
        return await edge.show(request, show_setup, masters.SETUP_NO, "purchasing-setup")

    return router


def _vendors(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    answer = answers(view_types.VendorView)

    @router.put("/vendors/{no}", tags=["vendors"], responses=answer, dependencies=writing)
    async def put_vendor(request: Request, no: No20, body: VendorInput) -> Response:
        """Make a vendor, or write it anew."""
        return await edge.act(request, put_masters.put_vendors, body.vendor(no), show=show_vendor)

    @router.get("/vendors/{no}", tags=["vendors"], responses=answer, dependencies=reading)
    async def get_vendor(request: Request, no: str) -> Response:
        return await edge.show(request, show_vendor, numbered(no), "vendor")

    @router.get(
        "/vendors",
        tags=["vendors"],
        responses=answers(view_types.VendorView, items=True),
        dependencies=reading,
    )
    async def list_vendors(request: Request, page: Annotated[Page, Query()]) -> Response:
        columns = lists.MASTERS.c
        return await edge.listing(
            request, page, lists.vendors(), key=[columns.no], body=_vendor_row, updated=columns.updated_at
        )


def _vendor_row(row: Any) -> view_types.VendorView:
    return views.vendor_view(msgspec.json.decode(row.body, type=Vendor))


def _catalogues(router: APIRouter, edge: Edge, reading: Any, writing: Any) -> None:
    answer = answers(view_types.ItemVendorView)
    path = "/vendors/{no}/items/{item_no}"

    @router.put(path, tags=["vendors"], responses=answer, dependencies=writing)
    async def put_item(request: Request, no: No20, item_no: No20, body: ItemVendorInput) -> Response:
        """Put an item into the vendor's catalogue: cost, price breaks, lead time."""
        data = body.entry(no, item_no)
        return await edge.act(request, put_masters.put_item_vendors, data, show=show_item_vendor)

    @router.get(path, tags=["vendors"], responses=answer, dependencies=reading)
    async def get_item(request: Request, no: str, item_no: str) -> Response:
        key = masters.item_vendor_no(numbered(no), numbered(item_no))
        return await edge.show(request, show_item_vendor, key, "item-vendor")

    @router.delete(
        path, tags=["vendors"], status_code=204, responses=answers(status=204), dependencies=writing
    )
    async def delete_item(request: Request, no: str, item_no: str) -> Response:
        data = put_masters.DeleteItemVendor(numbered(no), numbered(item_no))
        return await edge.act(request, put_masters.delete_item_vendors, data, status=204)

    @router.get(
        "/vendors/{no}/items",
        tags=["vendors"],
        responses=answers(view_types.ItemVendorView, items=True),
        dependencies=reading,
    )
    async def list_items(request: Request, no: str, page: Annotated[Page, Query()]) -> Response:
        columns = lists.MASTERS.c
        query = lists.item_vendors(numbered(no))
        return await edge.listing(
            request, page, query, key=[columns.no], body=_item_row, updated=columns.updated_at
        )


def _item_row(row: Any) -> view_types.ItemVendorView:
    return views.item_vendor_view(msgspec.json.decode(row.body, type=ItemVendor))
