"""Vendors and what they sell."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from fastapi import APIRouter
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import CountryCodeOrBlank, CurrencyCode, ItemNo, text
from contracts.keys import item_vendor_no
from contracts.purchasing.fields import Blocked
from contracts.purchasing.masters import ItemVendor, ItemVendorDetails, Vendor, VendorDetails
from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import SearchFilters, Several
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne
from purchasing.http.answers.masters import ItemVendorAnswer, VendorAnswer
from purchasing.http.resources import ITEM_VENDOR, VENDOR
from purchasing.store import lists
from purchasing.use_cases.put_masters import (
    delete_item_vendors,
    delete_vendors,
    put_item_vendors,
    put_vendors,
)

router = APIRouter(prefix="/v1/vendors", tags=["vendors"])
_READING: Final = [requires("purchasing:read")]
_WRITING: Final = [requires("purchasing:write")]


class WrittenVendor(VendorDetails, frozen=True, kw_only=True):
    """A vendor as it shall be; what is left out becomes empty."""

    name: Annotated[
        str, text(100, min_length=1), Meta(description="Name of the vendor.", examples=["Compass Works"])
    ]


class VendorFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of vendors."""

    blocked: Blocked | None = None
    currency_code: Several[CurrencyCode] = ()
    country_code: Several[CountryCodeOrBlank] = ()

    sorts: ClassVar = ("no", "name", "created_at", "updated_at")


class VendorItemFilters(SearchFilters, frozen=True, kw_only=True):
    """Which entries of a vendor's catalogue are listed."""

    item_no: Several[ItemNo] = ()

    sorts: ClassVar = ("item_no", "vendor_item_no", "created_at", "updated_at")


@router.put("/{no}", responses=upserts(VendorAnswer), dependencies=_WRITING)
async def put_vendor(act: ChangeAct, no: RecordNo, body: Body[WrittenVendor]) -> Response:
    """Make a vendor, or write it anew."""
    data = extended(Vendor, body, no=no, version=0)
    return await act.answer(await act.run(put_vendors, data, resource=VENDOR))


@router.get("/{no}", responses=answers(VendorAnswer), dependencies=_READING)
async def get_vendor(reading: ReadOne, no: RecordNo) -> Response:
    """Read a vendor with the terms that new orders start from."""
    return await reading.one(VENDOR, no)


@router.delete("/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITING)
async def delete_vendor(act: ChangeAct, no: RecordNo) -> Response:
    """Delete a vendor without documents. One that has any can be blocked instead."""
    return await act.answer(await act.run(delete_vendors, no))


@router.get("", responses=answers(VendorAnswer, changes=True), dependencies=_READING)
async def list_vendors(reading: ReadMany, page: Filters[VendorFilters]) -> Response:
    """List vendors by number, without deleted ones."""
    return await VENDOR.page(reading, page)


@router.put(
    "/{no}/items/{item_no}", responses=upserts(ItemVendorAnswer, refuses=[404]), dependencies=_WRITING
)
async def put_vendor_item(
    act: ChangeAct, no: RecordNo, item_no: RecordNo, body: Body[ItemVendorDetails]
) -> Response:
    """Put an item into the vendor's catalogue: cost, price breaks, lead time."""
    data = extended(ItemVendor, body, vendor_no=no, item_no=item_no, version=0)
    return await act.answer(await act.run(put_item_vendors, data, resource=ITEM_VENDOR))


@router.get("/{no}/items/{item_no}", responses=answers(ItemVendorAnswer), dependencies=_READING)
async def get_vendor_item(reading: ReadOne, no: RecordNo, item_no: RecordNo) -> Response:
    """Read an item of the vendor's catalogue."""
    return await reading.one(ITEM_VENDOR, item_vendor_no(no, item_no))


@router.delete("/{no}/items/{item_no}", status_code=204, responses=answers(status=204), dependencies=_WRITING)
async def delete_vendor_item(act: ChangeAct, no: RecordNo, item_no: RecordNo) -> Response:
    """Take an item out of the vendor's catalogue."""
    return await act.answer(await act.run(delete_item_vendors, item_vendor_no(no, item_no)))


@router.get("/{no}/items", responses=answers(ItemVendorAnswer, changes=True), dependencies=_READING)
async def list_vendor_items(reading: ReadMany, no: RecordNo, page: Filters[VendorItemFilters]) -> Response:
    """List the vendor's catalogue by item."""
    return await ITEM_VENDOR.page(reading, page, lists.of_vendor(no))
