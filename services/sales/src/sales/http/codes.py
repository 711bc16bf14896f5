"""Purchasing codes and charge codes over HTTP."""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter
from starlette.responses import Response

from contracts.sales.masters import ChargeCode, ChargeCodeDetails, PurchasingCode, PurchasingCodeDetails
from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import SearchFilters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordCode, RecordNo
from httpkit.reads import ReadMany, ReadOne
from sales.http.answers.masters import ChargeCodeAnswer, PurchasingCodeAnswer
from sales.http.resources import CHARGE_CODE, PURCHASING_CODE
from sales.use_cases.put_masters import (
    delete_charge_codes,
    delete_purchasing_codes,
    put_charge_codes,
    put_purchasing_codes,
)

router = APIRouter(prefix="/v1", tags=["master data"])
_READ = [requires("sales:read")]
_WRITE = [requires("sales:write")]


class CodeFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters and sorts that all lists of codes have."""

    sorts: ClassVar = ("code", "created_at", "updated_at")


@router.put("/purchasing-codes/{code}", responses=upserts(PurchasingCodeAnswer), dependencies=_WRITE)
async def put_purchasing_code(
    act: ChangeAct, code: RecordCode, body: Body[PurchasingCodeDetails]
) -> Response:
    """Store a purchasing code; lines that have it keep their flags."""
    record = extended(PurchasingCode, body, code=code, version=0)
    return await act.answer(await act.run(put_purchasing_codes, record, resource=PURCHASING_CODE))


@router.get("/purchasing-codes/{code}", responses=answers(PurchasingCodeAnswer), dependencies=_READ)
async def get_purchasing_code(reading: ReadOne, code: RecordCode) -> Response:
    """One purchasing code with its flags."""
    return await reading.one(PURCHASING_CODE, code)


@router.delete(
    "/purchasing-codes/{code}", status_code=204, responses=answers(status=204), dependencies=_WRITE
)
async def delete_purchasing_code(act: ChangeAct, code: RecordCode) -> Response:
    """Take a code out of use; lines that have it keep it."""
    return await act.answer(await act.run(delete_purchasing_codes, code))


@router.get("/purchasing-codes", responses=answers(PurchasingCodeAnswer, changes=True), dependencies=_READ)
async def list_purchasing_codes(reading: ReadMany, filters: Filters[CodeFilters]) -> Response:
    """All purchasing codes in their order."""
    return await PURCHASING_CODE.page(reading, filters)


@router.put("/charge-codes/{code}", responses=upserts(ChargeCodeAnswer), dependencies=_WRITE)
async def put_charge_code(act: ChangeAct, code: RecordNo, body: Body[ChargeCodeDetails]) -> Response:
    """Store a charge code; lines that have it keep their text and tax."""
    record = extended(ChargeCode, body, code=code, version=0)
    return await act.answer(await act.run(put_charge_codes, record, resource=CHARGE_CODE))


@router.delete("/charge-codes/{code}", status_code=204, responses=answers(status=204), dependencies=_WRITE)
async def delete_charge_code(act: ChangeAct, code: RecordNo) -> Response:
    """Take a charge out of use; lines that have it keep it."""
    return await act.answer(await act.run(delete_charge_codes, code))


@router.get("/charge-codes/{code}", responses=answers(ChargeCodeAnswer), dependencies=_READ)
async def get_charge_code(reading: ReadOne, code: RecordNo) -> Response:
    """One charge code with its tax."""
    return await reading.one(CHARGE_CODE, code)


@router.get("/charge-codes", responses=answers(ChargeCodeAnswer, changes=True), dependencies=_READ)
async def list_charge_codes(reading: ReadMany, filters: Filters[CodeFilters]) -> Response:
    """All charge codes in their order."""
    return await CHARGE_CODE.page(reading, filters)
