"""What planning answers. Values of the domain that are answered as they are stand there."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    ItemNo,
    LineNo,
    LocationCode,
    LocationCodeOrBlank,
    SalesOrderNo,
    Timestamp,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    Version,
    choice,
)
from contracts.planning.fields import CatalogEntryNo, CatalogItemNo, CreatedFromCatalog, ItemCreated, Reserve
from contracts.planning.masters import CatalogItemDetails, LocationDetails
from contracts.values import CreatedAt, UpdatedAt
from domainkit.money import plain_quantity
from domainkit.structs import extended
from planning.domain.masters.items import RESERVE_OPTIONAL, PlannedItem
from planning.domain.masters.setup import PlanningSettings
from planning.domain.masters.stockkeeping_units import PlannedUnit
from planning.domain.masters.worksheets import WorksheetDetails, WorksheetName
from planning.domain.proposals.proposal import VERSION, RowTerms
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.reservations.commands import (
    STOCK,
    PurchaseLineNamed,
    ReservedFrom,
    SalesOrderLineNo,
)
from planning.domain.reservations.reservation import ACTIVE, ENDED, REASONS, Reservation
from planning.domain.stock.ledger import EntryQuantity, LedgerEntryTerms, PostingDate, Reason
from recordkit.stored import StoredDocument

EntryNo = Annotated[
    int, Meta(description="Number of the ledger entry; later ones are higher.", examples=[4711])
]


class ItemAnswer(PlannedItem, frozen=True, kw_only=True, omit_defaults=False):
    """An item with everything that planning knows of it."""

    no: ItemNo
    reserve: Reserve = RESERVE_OPTIONAL
    created_from_catalog: CreatedFromCatalog = False
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class CatalogItemAnswer(CatalogItemDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A catalog item: what a vendor offers, and the item that it becomes."""

    entry_no: CatalogEntryNo
    item_no: CatalogItemNo
    item_created: ItemCreated
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class LocationAnswer(LocationDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A location: where goods lie."""

    code: LocationCode
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class StockkeepingUnitAnswer(PlannedUnit, frozen=True, kw_only=True, omit_defaults=False):
    """What is special about an item at a location."""

    location_code: LocationCode
    item_no: ItemNo
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class SetupAnswer(PlanningSettings, frozen=True, kw_only=True, omit_defaults=False):
    """The choices of the company about planning."""

    version: Version
    created_at: CreatedAt | None
    updated_at: UpdatedAt | None


class WorksheetAnswer(WorksheetDetails, frozen=True, kw_only=True, omit_defaults=False):
    """A requisition worksheet: a named list of requisition lines."""

    name: WorksheetName
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class RequisitionLineAnswer(RequisitionLine, frozen=True, kw_only=True, omit_defaults=False):
    """A line of a requisition worksheet."""

    created_at: CreatedAt
    updated_at: UpdatedAt


def requisition_line_answer(stored: StoredDocument[RequisitionLine]) -> RequisitionLineAnswer:
    """The answer about a line with its times."""
    times = {"created_at": stored.created_at, "updated_at": stored.updated_at}
    return extended(RequisitionLineAnswer, stored.document, **times)


class WrittenLines(msgspec.Struct, frozen=True, kw_only=True):
    """What *get sales orders* wrote."""

    lines: Annotated[tuple[RequisitionLineAnswer, ...], Meta(description="The new requisition lines.")]


class ProposalRowAnswer(RowTerms, frozen=True, kw_only=True, omit_defaults=False):
    """What a sales line needs, or all lines of an item at a location together."""

    line_no: Annotated[
        LineNo | None,
        Meta(description="Line of the sales order; null in a sum of several.", examples=[10000]),
    ] = None
    sales_line_id: Annotated[
        UUID | None,
        Meta(description="Id of the sales line; null in a sum of several.", examples=[EXAMPLE_ID]),
    ] = None


class ProposalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase proposal: what each line of a sales order needs."""

    id: Annotated[UUID, Meta(description="Id of the proposal.", examples=[EXAMPLE_ID])]
    version: Version = VERSION
    sales_order_no: SalesOrderNo
    created_at: CreatedAt
    updated_at: UpdatedAt
    rows: Annotated[tuple[ProposalRowAnswer, ...], Meta(description="In the order of the sales order.")]


class ReservationAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A reservation: what is held for a sales line."""

    id: Annotated[UUID, Meta(description="Id of the reservation.", examples=[EXAMPLE_ID])]
    version: Version
    status: Annotated[
        str, choice(ACTIVE, ENDED), Meta(description="Whether it still holds something.", examples=[ACTIVE])
    ]
    ended_because: Annotated[
        str,
        choice("", *REASONS),
        Meta(
            description="Why an ended one ended: its goods were shipped, a person cancelled it, the sales line ended, "
            "became a special order or drop shipment, may not be reserved for any more, has another item or location, "
            "is needed before its supply, needs less, or its supply does not come.",
            examples=[""],
        ),
    ]
    automatic: Annotated[bool, Meta(description="Made for a line whose reserve is always.", examples=[False])]
    sales_order_no: SalesOrderNo
    line_no: SalesOrderLineNo
    sales_line_id: Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]
    item_no: ItemNo
    location_code: LocationCodeOrBlank
    quantity: Annotated[
        TotalQuantity, Meta(description="What is reserved, in the sales line's unit.", examples=["3"])
    ]
    unit_of_measure_code: UnitOfMeasureCodeOrBlank
    quantity_base: Annotated[
        TotalQuantity, Meta(description="What is reserved, in base units.", examples=["3"])
    ]
    in_stock: Annotated[
        TotalQuantity,
        Meta(
            description="What of it lies in stock, in base units; the rest is still to come.", examples=["3"]
        ),
    ]
    original_quantity: Annotated[
        TotalQuantity, Meta(description="What was reserved at first, in base units.", examples=["3"])
    ]
    from_: Annotated[ReservedFrom, Meta(description="What was reserved at first.", examples=["stock"])]
    created_at: CreatedAt
    updated_at: UpdatedAt


def reservation_answer(stored: StoredDocument[Reservation]) -> ReservationAnswer:
    """The answer about a reservation with its times."""
    made = stored.document
    source: Any = STOCK
    if made.purchase_order_line_no is not None:
        source = PurchaseLineNamed(
            purchase_order_no=made.purchase_order_no, line_no=made.purchase_order_line_no
        )
    return extended(
        ReservationAnswer,
        made,
        line_no=made.sales_order_line_no,
        quantity=plain_quantity(made.quantity / made.qty_per_unit_of_measure),
        quantity_base=made.quantity,
        in_stock=made.stock_quantity,
        from_=source,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


class LedgerEntryAnswer(LedgerEntryTerms, frozen=True, kw_only=True):
    """An item ledger entry: one movement of goods."""

    entry_no: EntryNo
    posted_at: Annotated[Timestamp, Meta(description="When the entry was written.")]


class PostedJournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """One adjustment as it was posted."""

    entry_no: EntryNo
    item_no: ItemNo
    location_code: LocationCodeOrBlank
    quantity: EntryQuantity
    posting_date: PostingDate
    reason: Reason


class PostedJournal(msgspec.Struct, frozen=True, kw_only=True):
    """What an item journal posted."""

    lines: Annotated[tuple[PostedJournalLine, ...], Meta(description="The adjustments, in their order.")]


class StockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Stock of an item at a location in base units: free + allocated = stock."""

    item_no: ItemNo
    location_code: LocationCodeOrBlank
    stock: Annotated[TotalQuantity, Meta(description="What is there.", examples=["12"])]
    free: Annotated[
        TotalQuantity,
        Meta(description="What of it belongs to no sales line, reserved or not.", examples=["10"]),
    ]
    allocated: Annotated[
        TotalQuantity,
        Meta(description="What of it belongs to sales lines it was bought for.", examples=["2"]),
    ]
    reserved: Annotated[
        TotalQuantity, Meta(description="What of the free stock is reserved for sales lines.", examples=["1"])
    ]
    version: Version
    updated_at: Annotated[Timestamp, Meta(description="When it moved last.")]
