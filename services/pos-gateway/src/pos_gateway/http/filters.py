"""Query parameters of lists."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import EXAMPLE_ID, CustomerNo, Day, No, Text100, text
from contracts.pos import ConfirmationNo, DeliveryMode, RequestedDate, StoreNo
from httpkit.lists import ListFilters, PageFilters, SearchFilters, Several
from pos_gateway.domain.orders.stage import Status
from pos_gateway.domain.payment_instructions.instruction import InstructionStatus
from pos_gateway.http.answers.offline_returns import ReturnStatus


class CustomerOrderFilters(SearchFilters, frozen=True, kw_only=True):
    """By what orders are found; all filters given must match."""

    order_no: Several[
        Annotated[No, Meta(description="Confirmation, receipt or sales order number.", examples=["K-100001"])]
    ] = ()
    customer_no: Several[CustomerNo] = ()
    customer_id: Several[
        Annotated[UUID, Meta(description="A customer made at a till.", examples=[EXAMPLE_ID])]
    ] = ()
    status: Several[Status] = ()
    pickup_store: Several[
        Annotated[StoreNo, Meta(description="Store where goods wait to be picked up.", examples=["HH1"])]
    ] = ()
    fulfilment_mode: Several[DeliveryMode] = ()
    ready: Annotated[
        bool | None,
        Meta(
            description="Whether all goods that are still to be picked up are there: received for the order, or in "
            "stock.",
            examples=[True],
        ),
    ] = None
    date: Annotated[
        RequestedDate | None, Meta(description="The earliest wanted date.", examples=["2026-03-12"])
    ] = None
    date_from: Annotated[RequestedDate, Meta(description="Wanted on this day or later.")] | None = None
    date_to: Annotated[RequestedDate, Meta(description="Wanted on this day or earlier.")] | None = None

    sorts: ClassVar = ("created_at", "updated_at", "confirmation_no", "customer_no", "status")


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


class StoreFilters(SearchFilters, frozen=True, kw_only=True):
    """Query parameters of the list of stores."""

    sorts: ClassVar = ("no", "name", "created_at", "updated_at")


class SetupFilters(SearchFilters, frozen=True, kw_only=True):
    """Query parameters of the lists of workers and profiles."""

    sorts: ClassVar = ("id", "created_at", "updated_at")


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


class GapFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Of which day gaps are asked."""

    business_date: Annotated[
        Day | None, Meta(description="One business day; all if left out.", examples=["2026-03-02"])
    ] = None


class JournalFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Of which day the journal is asked."""

    business_date: Annotated[Day, Meta(description="The business day.", examples=["2026-03-02"])]


class PaymentInstructionFilters(PageFilters, frozen=True, kw_only=True):
    """By what payment instructions are found; all filters given must match."""

    confirmation_no: Several[ConfirmationNo] = ()
    status: Several[InstructionStatus] = ()


class OfflineReturnFilters(PageFilters, frozen=True, kw_only=True):
    """By what returns that were taken offline are found; all filters given must match."""

    confirmation_no: Several[ConfirmationNo] = ()
    status: Several[ReturnStatus] = ()
    store_no: Several[StoreNo] = ()
