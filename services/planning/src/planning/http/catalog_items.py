"""Catalog items."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.planning.masters import CatalogItemDetails
from httpkit.acts import ChangeAct, DocumentAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne
from planning.domain.masters.catalog_items import catalog_card
from planning.http.answers import CatalogItemAnswer
from planning.http.filters import CatalogItemFilters
from planning.http.resources import CATALOG_ITEM
from planning.use_cases.put_catalog_items import create_items, delete_catalog_items, put_catalog_items

router = APIRouter(prefix="/v1", tags=["items"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.put(
    "/catalog-items/{entry_no}", responses=upserts(CatalogItemAnswer, refuses=[409]), dependencies=_WRITING
)
async def put_catalog_item(act: ChangeAct, entry_no: RecordNo, body: Body[CatalogItemDetails]) -> Response:
    """Create a catalog item, or replace it.

    A new one reserves the number that its item will have. Once there is the item, most of the entry stays.
    """
    card = catalog_card(entry_no, body)
    return await act.answer(await act.run(put_catalog_items, card, resource=CATALOG_ITEM))


@router.get("/catalog-items/{entry_no}", responses=answers(CatalogItemAnswer), dependencies=_READING)
async def get_catalog_item(reading: ReadOne, entry_no: RecordNo) -> Response:
    """A catalog item and the number of the item that it becomes."""
    return await reading.one(CATALOG_ITEM, entry_no)


@router.get("/catalog-items", responses=answers(CatalogItemAnswer, changes=True), dependencies=_READING)
async def list_catalog_items(reading: ReadMany, page: Filters[CatalogItemFilters]) -> Response:
    """List catalog items in the order of their numbers."""
    return await CATALOG_ITEM.page(reading, page)


@router.delete(
    "/catalog-items/{entry_no}", status_code=204, responses=answers(status=204), dependencies=_WRITING
)
async def delete_catalog_item(act: ChangeAct, entry_no: RecordNo) -> Response:
    """Take a catalog item out of the catalog; an item that was made of it stays."""
    return await act.answer(await act.run(delete_catalog_items, entry_no))


@router.post(
    "/catalog-items/{entry_no}/create-item",
    responses=answers(CatalogItemAnswer, refuses=[404, 409]),
    dependencies=_WRITING,
)
async def create_item_of_catalog_item(act: DocumentAct, entry_no: RecordNo) -> Response:
    """Make the item of a catalog item, before any line selects it.

    It has the entry's vendor, unit, price and costs, and the number that was reserved for it.
    """
    return await act.answer(await act.run(create_items, entry_no, resource=CATALOG_ITEM))
