"""Query parameters of lists and questions."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta

from contracts.fields import (
    Day,
    ForeignNo,
    ItemNo,
    ItemNoOrBlank,
    LocationCode,
    LocationCodeOrBlank,
    No,
    PurchaseOrderNo,
    PurchaseOrderNoOrBlank,
    SalesOrderNo,
    SalesOrderNoOrBlank,
    VendorNo,
    choice,
)
from httpkit.lists import ListFilters, SearchFilters, Several
from planning.domain.requisitions.lines import CANCELLED, CARRIED_OUT, CARRYING_OUT, OPEN, SUPERSEDED
from planning.domain.reservations.reservation import ACTIVE, ENDED

_Location = Annotated[
    LocationCodeOrBlank | None,
    Meta(description='Location; "" is the blank one; left out: all of them.', examples=["EAST"]),
]


class ItemFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of items."""

    vendor_no: Several[VendorNo] = ()

    sorts: ClassVar = ("no", "description", "vendor_no", "created_at", "updated_at")


class CatalogItemFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of catalog items."""

    vendor_no: Several[VendorNo] = ()
    vendor_item_no: Several[
        Annotated[ForeignNo, Meta(description="What the vendor calls it.", examples=["TENT-3P"])]
    ] = ()
    item_no: Several[ItemNo] = ()

    sorts: ClassVar = ("no", "description", "vendor_no", "item_no", "created_at", "updated_at")


class LocationFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of locations."""

    sorts: ClassVar = ("code", "name", "created_at", "updated_at")


class StockkeepingUnitFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of stockkeeping units."""

    item_no: Several[ItemNo] = ()
    location_code: Several[LocationCode] = ()

    sorts: ClassVar = ("item_no", "location_code", "created_at", "updated_at")


class WorksheetFilters(SearchFilters, frozen=True, kw_only=True):
    """Filters of the list of worksheets."""

    sorts: ClassVar = ("name", "created_at", "updated_at")


class LedgerEntryFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of item ledger entries."""

    item_no: Several[ItemNo] = ()
    location_code: _Location = None
    document_no: Several[
        Annotated[No, Meta(description="Number of the posted document.", examples=["PR-1001"])]
    ] = ()
    sales_order_no: Several[SalesOrderNo] = ()
    purchase_order_no: Several[PurchaseOrderNo] = ()
    posting_date_from: Annotated[Day, Meta(description="Posted for this day or later.")] | None = None
    posting_date_to: Annotated[Day, Meta(description="Posted for this day or earlier.")] | None = None

    sorts: ClassVar = ("entry_no", "posting_date", "item_no", "posted_at")


class StockFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of stock; without any all stock is listed."""

    item_no: Several[ItemNo] = ()
    location_code: _Location = None

    sorts: ClassVar = ("item_no", "location_code", "updated_at")


class WorksheetLineFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of a worksheet's lines."""

    status: Several[
        Annotated[
            str,
            choice(OPEN, CARRYING_OUT, CARRIED_OUT, SUPERSEDED, CANCELLED, "all"),
            Meta(
                description=(
                    "Left out: lines that are open or being carried out; by time of change lines of any status."
                ),
                examples=["open"],
            ),
        ]
    ] = ()
    sales_order_no: Several[SalesOrderNo] = ()
    item_no: Several[ItemNo] = ()
    vendor_no: Several[VendorNo] = ()

    sorts: ClassVar = ("item_no", "vendor_no", "sales_order_no", "status", "created_at", "updated_at")


class RequisitionLineFilters(WorksheetLineFilters, frozen=True, kw_only=True):
    """Filters of requisition lines of all worksheets."""

    worksheet: Several[
        Annotated[No, Meta(description="Name of the requisition worksheet.", examples=["DEFAULT"])]
    ] = ()


class ReservationFilters(ListFilters, frozen=True, kw_only=True):
    """Filters of the list of reservations."""

    status: Several[
        Annotated[
            str,
            choice(ACTIVE, ENDED, "all"),
            Meta(
                description="Left out: those that hold something; by time of change all of them.",
                examples=[ACTIVE],
            ),
        ]
    ] = ()
    sales_order_no: Several[SalesOrderNo] = ()
    purchase_order_no: Several[PurchaseOrderNo] = ()
    item_no: Several[ItemNo] = ()
    location_code: _Location = None

    sorts: ClassVar = ("item_no", "location_code", "sales_order_no", "status", "created_at", "updated_at")


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


AS_JSON: Final = "json"
AS_SVG: Final = "svg"


class ProjectionFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What of an item's projected inventory is asked for."""

    location_code: Annotated[
        LocationCodeOrBlank | None,
        Meta(description='Location; "" is the blank one; left out: all together.', examples=["EAST"]),
    ] = None
    from_date: Annotated[
        Day | None, Meta(description="The first day; left out: today.", examples=["2026-03-16"])
    ] = None
    to_date: Annotated[
        Day | None,
        Meta(description="The last day; left out: a week after the last line.", examples=["2026-06-30"]),
    ] = None
    format: Annotated[
        str,
        choice(AS_JSON, AS_SVG),
        Meta(description="`svg` answers a picture, as `Accept: image/svg+xml` does.", examples=[AS_SVG]),
    ] = AS_JSON


class TrackingFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What is tracked: exactly one of the three."""

    sales_order_no: SalesOrderNoOrBlank = ""
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    item_no: ItemNoOrBlank = ""


class PromisingFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Of which sales order promises are asked for."""

    sales_order_no: SalesOrderNo


ALL: Final = "all"
UNAVAILABLE: Final = "unavailable"
BY_LINE: Final = "line"
BY_ITEM: Final = "item"


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """How a purchase proposal is shown."""

    show: Annotated[
        str,
        choice(ALL, UNAVAILABLE),
        Meta(description="All rows, or only those that need something.", examples=[UNAVAILABLE]),
    ] = ALL
    group: Annotated[
        str,
        choice(BY_LINE, BY_ITEM),
        Meta(description="A row per sales line, or sums by item and location.", examples=[BY_ITEM]),
    ] = BY_LINE
