"""Customers and their alternate addresses over HTTP."""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter
from starlette.responses import Response

from contracts import fields
from contracts.keys import ship_to_address_no
from contracts.sales.fields import Blocked, CustomerType
from contracts.sales.masters import Customer, CustomerDetails, ShipToAddress, ShipToAddressDetails
from domainkit.structs import extended
from httpkit.acts import ChangeAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import SearchFilters, Several, member
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordCode, RecordNo
from httpkit.reads import ReadMany, ReadOne
from recordkit.records import MASTER
from sales.http.answers.masters import CustomerAnswer, ShipToAddressAnswer
from sales.http.resources import CUSTOMER, SHIP_TO_ADDRESS, ship_to_address
from sales.use_cases.put_masters import (
    delete_customers,
    delete_ship_to_addresses,
    put_customers,
    put_ship_to_addresses,
)

router = APIRouter(prefix="/v1/customers", tags=["master data"])
_READ = [requires("sales:read")]
_WRITE = [requires("sales:write")]


class CustomerFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of customers."""

    blocked: Blocked | None = None
    customer_type: CustomerType | None = None
    currency_code: Several[fields.CurrencyCode] = ()
    location_code: Several[fields.LocationCode] = ()
    country_code: Several[fields.CountryCodeOrBlank] = ()

    sorts: ClassVar = ("no", "name", "created_at", "updated_at")


class ShipToAddressFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of a customer's addresses."""

    sorts: ClassVar = ("code", "name", "created_at", "updated_at")


@router.put("/{no}", responses=upserts(CustomerAnswer), dependencies=_WRITE)
async def put_customer(act: ChangeAct, no: RecordNo, body: Body[CustomerDetails]) -> Response:
    """Store a customer; what is left out is empty or the default."""
    customer = extended(Customer, body, no=no, version=0)
    return await act.answer(await act.run(put_customers, customer, resource=CUSTOMER))


@router.get("/{no}", responses=answers(CustomerAnswer), dependencies=_READ)
async def get_customer(reading: ReadOne, no: RecordNo) -> Response:
    """One customer with address and terms."""
    return await reading.one(CUSTOMER, no)


@router.get("", responses=answers(CustomerAnswer, changes=True), dependencies=_READ)
async def list_customers(reading: ReadMany, filters: Filters[CustomerFilters]) -> Response:
    """Customers in the order of their numbers."""
    of_type = [member(MASTER.c.body, "customer_type", "person") == filters.customer_type]
    return await CUSTOMER.page(reading, filters, *(of_type if filters.customer_type is not None else ()))


@router.delete("/{no}", status_code=204, responses=answers(status=204, refuses=[409]), dependencies=_WRITE)
async def delete_customer(act: ChangeAct, no: RecordNo) -> Response:
    """Take a customer without open documents out of use; its number can be stored again."""
    return await act.answer(await act.run(delete_customers, no))


@router.put(
    "/{no}/ship-to-addresses/{code}",
    responses=upserts(ShipToAddressAnswer, refuses=[404]),
    dependencies=_WRITE,
)
async def put_ship_to_address(
    act: ChangeAct, no: RecordNo, code: RecordCode, body: Body[ShipToAddressDetails]
) -> Response:
    """Store an alternate address of a customer; orders that have it keep their copy."""
    address = extended(ShipToAddress, body, customer_no=no, code=code, version=0)
    outcome = await act.run(put_ship_to_addresses, address, resource=ship_to_address(no, code))
    return await act.answer(outcome)


@router.delete(
    "/{no}/ship-to-addresses/{code}", status_code=204, responses=answers(status=204), dependencies=_WRITE
)
async def delete_ship_to_address(act: ChangeAct, no: RecordNo, code: RecordCode) -> Response:
    """Take an alternate address out of use; orders that have it keep their copy."""
    return await act.answer(await act.run(delete_ship_to_addresses, ship_to_address_no(no, code)))


@router.get("/{no}/ship-to-addresses/{code}", responses=answers(ShipToAddressAnswer), dependencies=_READ)
async def get_ship_to_address(reading: ReadOne, no: RecordNo, code: RecordCode) -> Response:
    """One alternate address of a customer."""
    return await reading.one(ship_to_address(no, code), ship_to_address_no(no, code))


@router.get(
    "/{no}/ship-to-addresses", responses=answers(ShipToAddressAnswer, changes=True), dependencies=_READ
)
async def list_ship_to_addresses(
    reading: ReadMany, no: RecordNo, filters: Filters[ShipToAddressFilters]
) -> Response:
    """A customer's alternate addresses by code."""
    return await SHIP_TO_ADDRESS.page(reading, filters, member(MASTER.c.body, "customer_no") == no)
