"""Query parameters of lists."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import CustomerNoOrBlank, NoOrBlank, Text100, text
from contracts.pos import RequestedDate, StoreNoOrBlank
from httpkit.lists import ListFilters
from pos_gateway.domain.orders.order import Status


class CustomerOrderFilters(ListFilters, frozen=True, kw_only=True):
    """By what orders are found; all filters given must match."""

    order_no: Annotated[
        NoOrBlank, Meta(description="Confirmation, receipt or sales order number.", examples=["K-100001"])
    ] = ""
    customer_no: CustomerNoOrBlank = ""
    status: Status | None = None
    pickup_store: Annotated[
        StoreNoOrBlank, Meta(description="Store where goods wait to be picked up.", examples=["HH1"])
    ] = ""
    date: Annotated[
        RequestedDate | None, Meta(description="The earliest wanted date.", examples=["2026-03-12"])
    ] = None


class CustomerFilters(ListFilters, frozen=True, kw_only=True):
    """By what customers are found: number or name."""

    query: Annotated[
        Text100, Meta(description="Beginning of the number, or a part of the name.", examples=["Berg"])
    ] = ""


class ItemFilters(ListFilters, frozen=True, kw_only=True):
    """By what items are found: number or words."""

    query: Annotated[
        Text100, Meta(description="Beginning of the number, or a part of the description.", examples=["rope"])
    ] = ""


class AvailabilityFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Of which stores availability is asked."""

    stores: Annotated[
        str,
        text(2000),
        Meta(
            description="Numbers of stores, separated by commas; all stores if left out.",
            examples=["HH1,HH2"],
        ),
    ] = ""
