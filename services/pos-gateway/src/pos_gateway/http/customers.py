"""Customers as the gateway knows them."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter
from sqlalchemy import Row
from starlette.responses import Response

from contracts.sales.masters import Customer
from domainkit.structs import extended
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from pos_gateway.http.answers.look_up import CustomerAnswer
from pos_gateway.http.copy_lists import found_by, page_of
from pos_gateway.http.dependencies import MANAGE, TERMINAL
from pos_gateway.http.filters import CustomerFilters

router = APIRouter(prefix="/v1", tags=["look-up"], dependencies=[requires(TERMINAL, MANAGE)])


@router.get("/customers", responses=answers(CustomerAnswer, items=True))
async def list_customers(reading: ReadMany, page: Filters[CustomerFilters]) -> Response:
    """Customers by number or name, as the gateway knows them."""
    return await page_of(reading, page, found_by("customer", "name", page.query), _answer)


def _answer(row: Row[Any]) -> CustomerAnswer:
    customer = msgspec.json.decode(row.body, type=Customer)
    return extended(CustomerAnswer, customer, as_of=row.received_at)
