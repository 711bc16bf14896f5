"""Sales' master data and set-up over HTTP: PUT stores, GET answers, DELETE marks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, StringConstraints
from sqlalchemy import func, select
from starlette.responses import Response

from contracts import sales as contract
from eventkit.transaction import Queryable
from httpkit.auth import Tokens
from httpkit.edge import Edge, Resource, Show
from httpkit.fields import Code10, CurrencyCode, Input, No20
from httpkit.lists import Page
from httpkit.openapi import answers
from sales.domain.masters import COMPANY_NO, SETUP_NO, ExchangeRate, Record, SalesSetup
from sales.http.master_models import (
    ChargeCodeInput,
    CompanyInput,
    CustomerInput,
    ExchangeRateInput,
    PurchasingCodeInput,
    SalesSetupInput,
    ShipToAddressInput,
)
from sales.store import masters
from sales.store.tables import MASTER
from sales.use_cases.put_masters import DeleteMaster, PutMaster, delete_masters, put_masters

HIDDEN = frozenset({"happened", "deleted"})
Upper = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(str.upper)]


class CustomerPage(Page):
    """Filters of the list of customers."""

    blocked: str | None = None
    customer_type: str | None = None


class CodePage(Page):
    """The list of codes has no filters."""


def body_of(record: Record) -> Mapping[str, Any]:
    """A record with every field, empty ones too."""
    return {name: getattr(record, name) for name in record.__struct_fields__ if name not in HIDDEN}


def _show(kind: str, default: Record | None = None) -> Show:
    async def show(conn: Queryable, no: str) -> Resource | None:
        record = await masters.find(conn, kind, no) or default
        return None if record is None else Resource(body_of(record), record.version or None)

    return show


SHOW = {kind: _show(kind) for kind in masters.MODELS} | {
    "sales-setup": _show("sales-setup", SalesSetup(version=0))
}


def routes(edge: Edge, tokens: Tokens) -> APIRouter:
    """All routes of master data."""
    router = APIRouter(prefix="/v1", tags=["master data"])
    _singles(router, edge, tokens)
    _customers(router, edge, tokens)
    _codes(router, edge, tokens)
    return router


async def _put(edge: Edge, request: Request, kind: str, no: str, record: Record) -> Response:
    return await edge.act(request, put_masters, PutMaster(kind, no, record), show=SHOW[kind])


def _record(model: type[Record], body: Input, **key: Any) -> Record:
    return msgspec.convert({**body.model_dump(), **key, "version": 0}, model)


def _singles(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    read = [Depends(tokens.require("sales:read"))]
    manage = [Depends(tokens.require("sales:manage", "sales:write"))]

    @router.put("/company", responses=answers(contract.Company), dependencies=manage)
    async def put_company(request: Request, body: CompanyInput) -> Response:
        """Name, currency and time zone of the company."""
        return await _put(edge, request, "company", COMPANY_NO, _record(contract.Company, body))

    @router.get("/company", responses=answers(contract.Company), dependencies=read)
    async def company(request: Request) -> Response:
        """The company."""
        return await edge.show(request, SHOW["company"], COMPANY_NO, "company")

    @router.put("/sales-setup", responses=answers(SalesSetup), dependencies=manage)
    async def put_setup(request: Request, body: SalesSetupInput) -> Response:
        """How sales works here."""
        return await _put(edge, request, "sales-setup", SETUP_NO, _record(SalesSetup, body))

    @router.get("/sales-setup", responses=answers(SalesSetup), dependencies=read)
    async def setup(request: Request) -> Response:
        """The set-up."""
        return await edge.show(request, SHOW["sales-setup"], SETUP_NO, "sales-setup")

    @router.put("/exchange-rates/{currency}/{day}", responses=answers(ExchangeRate), dependencies=manage)
    async def put_rate(
        request: Request, currency: CurrencyCode, day: date, body: ExchangeRateInput
    ) -> Response:
        """What a currency is worth from a day on."""
        record = ExchangeRate(version=0, currency_code=currency, date=day, rate=body.rate)
        return await _put(edge, request, "exchange-rate", f"{currency}/{day}", record)

    @router.get("/exchange-rates/{currency}/{day}", responses=answers(ExchangeRate), dependencies=read)
    async def rate(request: Request, currency: CurrencyCode, day: date) -> Response:
        """The rate that was entered for a day."""
        return await edge.show(request, SHOW["exchange-rate"], f"{currency}/{day}", "exchange-rate")


def _customers(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    read, write = [Depends(tokens.require("sales:read"))], [Depends(tokens.require("sales:write"))]

    @router.put("/customers/{no}", responses=answers(contract.Customer), dependencies=write)
    async def put_customer(request: Request, no: No20, body: CustomerInput) -> Response:
        """Make or change a customer."""
        return await _put(edge, request, "customer", no, _record(contract.Customer, body, no=no))

    @router.get("/customers/{no}", responses=answers(contract.Customer), dependencies=read)
    async def customer(request: Request, no: Upper) -> Response:
        """One customer."""
        return await edge.show(request, SHOW["customer"], no, "customer")

    @router.get("/customers", responses=answers(contract.Customer, items=True), dependencies=read)
    async def customers(request: Request, page: Annotated[CustomerPage, Query()]) -> Response:
        """Customers by number."""
        query = _living("customer")
        for field, default in (("blocked", ""), ("customer_type", "person")):
            value = getattr(page, field)
            if value is not None:
                query = query.where(func.coalesce(_member(field), default) == value)
        return await _listing(edge, request, page, query, "customer")

    path = "/customers/{no}/ship-to-addresses/{code}"

    @router.put(path, responses=answers(contract.ShipToAddress), dependencies=write)
    async def put_address(request: Request, no: No20, code: Code10, body: ShipToAddressInput) -> Response:
        """Make or change an alternate address."""
        record = _record(contract.ShipToAddress, body, customer_no=no, code=code)
        return await _put(edge, request, "ship-to-address", f"{no}/{code}", record)

    @router.get(path, responses=answers(contract.ShipToAddress), dependencies=read)
    async def address(request: Request, no: Upper, code: Upper) -> Response:
        """One alternate address."""
        return await edge.show(request, SHOW["ship-to-address"], f"{no}/{code}", "ship-to-address")

    @router.get(
        "/customers/{no}/ship-to-addresses",
        responses=answers(contract.ShipToAddress, items=True),
        dependencies=read,
    )
    async def addresses(request: Request, no: Upper, page: Annotated[CodePage, Query()]) -> Response:
        """A customer's alternate addresses."""
        query = _living("ship-to-address").where(_member("customer_no") == no)
        return await _listing(edge, request, page, query, "ship-to-address")


def _codes(router: APIRouter, edge: Edge, tokens: Tokens) -> None:
    read, write = [Depends(tokens.require("sales:read"))], [Depends(tokens.require("sales:write"))]
    code_path = "/purchasing-codes/{code}"

    @router.put(code_path, responses=answers(contract.PurchasingCode), dependencies=write)
    async def put_code(request: Request, code: Code10, body: PurchasingCodeInput) -> Response:
        """Make or change a purchasing code; lines that have it keep their flags (BC-MD-05)."""
        record = _record(contract.PurchasingCode, body, code=code)
        return await _put(edge, request, "purchasing-code", code, record)

    @router.get(code_path, responses=answers(contract.PurchasingCode), dependencies=read)
    async def purchasing_code(request: Request, code: Upper) -> Response:
        """One purchasing code."""
        return await edge.show(request, SHOW["purchasing-code"], code, "purchasing-code")

    @router.delete(code_path, status_code=204, responses=answers(status=204), dependencies=write)
    async def delete_code(request: Request, code: Upper) -> Response:
        """Take a code out of use; lines that have it keep it."""
        return await edge.act(request, delete_masters, DeleteMaster("purchasing-code", code), status=204)

    @router.get(
        "/purchasing-codes", responses=answers(contract.PurchasingCode, items=True), dependencies=read
    )
    async def purchasing_codes(request: Request, page: Annotated[CodePage, Query()]) -> Response:
        """Purchasing codes."""
        return await _listing(edge, request, page, _living("purchasing-code"), "purchasing-code")

    @router.put("/charge-codes/{code}", responses=answers(contract.ChargeCode), dependencies=write)
    async def put_charge(request: Request, code: No20, body: ChargeCodeInput) -> Response:
        """Make or change a charge code."""
        return await _put(edge, request, "charge-code", code, _record(contract.ChargeCode, body, code=code))

    @router.get("/charge-codes/{code}", responses=answers(contract.ChargeCode), dependencies=read)
    async def charge_code(request: Request, code: Upper) -> Response:
        """One charge code."""
        return await edge.show(request, SHOW["charge-code"], code, "charge-code")


def _living(kind: str) -> Any:
    return select(MASTER.c.body).where(MASTER.c.kind == kind, ~MASTER.c.deleted)


def _member(field: str) -> Any:
    """A field of the record; one at its default is not stored."""
    return MASTER.c.body.op("->>")(field)


async def _listing(edge: Edge, request: Request, page: Page, query: Any, kind: str) -> Response:
    decode = masters.DECODERS[kind].decode
    return await edge.listing(
        request,
        page,
        query,
        key=[MASTER.c.no],
        updated=MASTER.c.updated_at,
        body=lambda row: body_of(decode(row.body)),
    )
