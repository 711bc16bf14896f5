"""Items."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne
from planning.domain.masters.items import PutItem, item_card
from planning.http.answers import ItemAnswer
from planning.http.filters import ItemFilters
from planning.http.resources import ITEM_CARD
from planning.use_cases.delete_masters import delete_items
from planning.use_cases.put_masters import put_items

router = APIRouter(prefix="/v1", tags=["items"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]


@router.put("/items/{no}", responses=upserts(ItemAnswer, refuses=[409]), dependencies=_WRITING)
async def put_item(act: ChangeAct, no: RecordNo, body: Body[PutItem]) -> Response:
    """Create an item, or replace it. Fields that are left out get their defaults."""
    return await act.answer(await act.run(put_items, item_card(no, body), resource=ITEM_CARD))


@router.get("/items/{no}", responses=answers(ItemAnswer), dependencies=_READING)
async def get_item(reading: ReadOne, no: RecordNo) -> Response:
    """An item with its planning parameters."""
    return await reading.one(ITEM_CARD, no)


@router.get("/items", responses=answers(ItemAnswer, changes=True), dependencies=_READING)
async def list_items(reading: ReadMany, page: Filters[ItemFilters]) -> Response:
    """List items in the order of their numbers."""
    return await ITEM_CARD.page(reading, page)


@router.delete(
    "/items/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITING
)
async def delete_item(act: ChangeAct, no: RecordNo) -> Response:
    """Delete an item that never moved and is on no document. One that is used can be blocked instead."""
    return await act.answer(await act.run(delete_items, no))
