"""Query parameters of lists and questions."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import (
    Day,
    ItemNo,
    ItemNoOrBlank,
    LocationCodeOrBlank,
    NoOrBlank,
    PurchaseOrderNoOrBlank,
    SalesOrderNoOrBlank,
    Text100,
    VendorNoOrBlank,
    choice,
)
from httpkit.lists import ListFilters
from planning.domain.requisitions.lines import CANCELLED, CARRIED_OUT, CARRYING_OUT, OPEN, SUPERSEDED

_Location = Annotated[
    LocationCodeOrBlank | None,
    Meta(description='Location; "" is the blank one; left out: all of them.', examples=["EAST"]),
]


class ItemFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of items."""

    vendor_no: VendorNoOrBlank = ""
    query: Annotated[
        Text100, Meta(description="Part of the number or the description.", examples=["rope"])
    ] = ""


class LedgerEntryFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of item ledger entries."""

    item_no: ItemNoOrBlank = ""
    location_code: _Location = None
    document_no: Annotated[
        NoOrBlank, Meta(description="Number of the posted document.", examples=["PR-1001"])
    ] = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    purchase_order_no: PurchaseOrderNoOrBlank = ""


class StockFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of stock; without any all stock is listed."""

    item_no: ItemNoOrBlank = ""
    location_code: _Location = None


class WorksheetLineFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of a worksheet's lines."""

    status: Annotated[
        str,
        choice("", OPEN, CARRYING_OUT, CARRIED_OUT, SUPERSEDED, CANCELLED, "all"),
        Meta(description="Left out: lines that are open or being carried out.", examples=["open"]),
    ] = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    item_no: ItemNoOrBlank = ""
    vendor_no: VendorNoOrBlank = ""


class RequisitionLineFilters(WorksheetLineFilters, frozen=True, kw_only=True):
    """Filters of requisition lines of all worksheets."""

    worksheet: Annotated[
        NoOrBlank, Meta(description="Name of the requisition worksheet.", examples=["DEFAULT"])
    ] = ""


class AvailabilityFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Of what availability is asked for."""

    item_no: ItemNo
    location_code: Annotated[
        LocationCodeOrBlank | None,
        Meta(description='Location; "" is the blank one; left out: all together.', examples=["EAST"]),
    ] = None
    date: Annotated[
        Day | None, Meta(description="Up to this day; left out: at all.", examples=["2026-03-31"])
    ] = None


class TrackingFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What is tracked: exactly one of the three."""

    sales_order_no: SalesOrderNoOrBlank = ""
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    item_no: ItemNoOrBlank = ""
