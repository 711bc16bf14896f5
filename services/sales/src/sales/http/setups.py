"""The company, sales' set-up and exchange rates over HTTP."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import APIRouter, Path
from msgspec import Meta
from starlette.responses import Response

from contracts.fields import CurrencyCode, Day
from contracts.sales.masters import Company, CompanyDetails, ExchangeRate, ExchangeRateDetails
from domainkit.references import COMPANY_NO
from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import ListFilters, Several
from httpkit.openapi import answers, upserts
from httpkit.paths import CurrencyInPath, DayInPath
from httpkit.reads import ReadMany, ReadOne
from sales.domain.masters import (
    SETUP_NO,
    SalesSetup,
    SalesSetupDetails,
)
from sales.http.answers.masters import CompanyAnswer, ExchangeRateAnswer, SalesSetupAnswer
from sales.http.resources import COMPANY, EXCHANGE_RATE, SALES_SETUP, exchange_rate
from sales.use_cases.put_masters import put_companies, put_exchange_rates, put_sales_setups

router = APIRouter(prefix="/v1", tags=["master data"])
_READ = [requires("sales:read")]
_MANAGE = [requires("sales:manage")]
_DayInPath = Annotated[DayInPath, Path(description="The first day of the rate.", examples=["2026-03-31"])]


class ExchangeRateFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of exchange rates."""

    currency_code: Several[CurrencyCode] = ()
    date_from: Annotated[Day, Meta(description="Of this day or later.")] | None = None
    date_to: Annotated[Day, Meta(description="Of this day or earlier.")] | None = None

    sorts: ClassVar = ("date", "currency_code", "created_at", "updated_at")


@router.put("/company", responses=upserts(CompanyAnswer, refuses=[409]), dependencies=_MANAGE)
async def put_company(act: ChangeAct, body: Body[CompanyDetails]) -> Response:
    """Set the company's name, address, currency and time zone. The currency stays once there are orders."""
    company = extended(Company, body, version=0)
    return await act.answer(await act.run(put_companies, company, resource=COMPANY))


@router.get("/company", responses=answers(CompanyAnswer, refuses=[404]), dependencies=_READ)
async def get_company(reading: ReadOne) -> Response:
    """The company of the installation."""
    return await reading.one(COMPANY, COMPANY_NO)


@router.put("/sales-setup", responses=upserts(SalesSetupAnswer), dependencies=_MANAGE)
async def put_sales_setup(act: ChangeAct, body: Body[SalesSetupDetails]) -> Response:
    """Set how sales works in this installation."""
    setup = extended(SalesSetup, body, version=0)
    return await act.answer(await act.run(put_sales_setups, setup, resource=SALES_SETUP))


@router.get("/sales-setup", responses=answers(SalesSetupAnswer), dependencies=_READ)
async def get_sales_setup(reading: ReadOne) -> Response:
    """How sales works here; the defaults while nothing was entered."""
    return await reading.one(SALES_SETUP, SETUP_NO)


@router.put("/exchange-rates/{currency}/{day}", responses=upserts(ExchangeRateAnswer), dependencies=_MANAGE)
async def put_exchange_rate(
    act: ChangeAct, currency: CurrencyInPath, day: _DayInPath, body: Body[ExchangeRateDetails]
) -> Response:
    """Set what a currency is worth from a day on."""
    rate = extended(ExchangeRate, body, currency_code=currency, date=day, version=0)
    outcome = await act.run(put_exchange_rates, rate, resource=exchange_rate(currency, str(day)))
    return await act.answer(outcome)


@router.get("/exchange-rates/{currency}/{day}", responses=answers(ExchangeRateAnswer), dependencies=_READ)
async def get_exchange_rate(reading: ReadOne, currency: CurrencyInPath, day: _DayInPath) -> Response:
    """The rate that was entered for a day."""
    return await reading.one(exchange_rate(currency, str(day)), f"{currency}/{day}")


@router.get("/exchange-rates", responses=answers(ExchangeRateAnswer, changes=True), dependencies=_READ)
async def list_exchange_rates(reading: ReadMany, filters: Filters[ExchangeRateFilters]) -> Response:
    """The rates that were entered, by currency and day."""
    return await EXCHANGE_RATE.page(reading, filters)
