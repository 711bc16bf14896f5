"""The item ledger: movements with ids, and the stock they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import (
    EXAMPLE_ID,
    Day,
    ItemNo,
    LineNo,
    LocationCodeOrBlank,
    PurchaseOrderNoOrBlank,
    SalesOrderNoOrBlank,
    Text100,
    TotalQuantity,
    choice,
)
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import SalesOrder
from contracts.values import Posting
from domainkit.money import plain_quantity
from domainkit.references import ReferenceData
from planning.domain.masters.items import INVENTORY, ItemCard

SALE: Final = "sale"
PURCHASE: Final = "purchase"
POSITIVE: Final = "positive_adjustment"
NEGATIVE: Final = "negative_adjustment"

StockKey = tuple[str, str]


EntryType = Annotated[
    str,
    choice(SALE, PURCHASE, POSITIVE, NEGATIVE),
    Meta(description="What moved the goods.", examples=[PURCHASE]),
]
EntryQuantity = Annotated[
    TotalQuantity, Meta(description="What moved, in base units; negative: out.", examples=["5"])
]
Reason = Annotated[Text100, Meta(description="Why stock was adjusted by hand.", examples=["Stock count"])]
PostingDate = Annotated[Day, Meta(description="The day of the movement.", examples=["2026-03-12"])]


class LedgerEntryTerms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One movement of goods; unique by posting and reversal. A reversal undoes the posting of its id."""

    posting_id: Annotated[
        UUID, Meta(description="Identifies the posting in all services.", examples=[EXAMPLE_ID])
    ]
    reversal: Annotated[bool, Meta(description="The entry takes the posting back.", examples=[False])] = False
    entry_type: EntryType
    item_no: ItemNo
    location_code: LocationCodeOrBlank
    quantity: EntryQuantity
    posting_date: PostingDate
    document_no: Annotated[str, Meta(description="Number of the posted document.", examples=["PR-1001"])] = ""
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: Annotated[
        LineNo | None, Meta(description="The sales line that the goods are for.", examples=[10000])
    ] = None
    purchase_order_no: PurchaseOrderNoOrBlank = ""
    purchase_order_line_no: Annotated[
        LineNo | None, Meta(description="The purchase line that brought the goods.", examples=[10000])
    ] = None
    reason: Reason = ""


class LedgerEntry(LedgerEntryTerms, frozen=True, kw_only=True, gc=False):
    """One movement of goods, never changed. `quantity` in base units, negative = out.

    `allocates`: the movement belongs to a special order's sales line, which alone may use the goods.
    """

    sales_line_id: UUID | None = None
    allocates: bool = False

    @property
    def stock_key(self) -> StockKey:
        """Item and location, by which stock is kept."""
        return self.item_no, self.location_code


def sales_entries(order: SalesOrder, known: Iterable[Posting]) -> list[LedgerEntry]:
    """Movements of shipments that are not among the known postings. Drop shipments never touch stock."""
    # By `undone` too: a posting that was undone since comes again, for its reversal; its movement meets the ledger's
    # key and is dropped.
    seen = {(p.posting_id, p.undone) for p in known}
    return [
        entry
        for line in order.lines
        if line.type == "item" and not line.drop_shipment
        for posting in line.postings
        if (posting.posting_id, posting.undone) not in seen
        for entry in _movements(
            posting,
            LedgerEntry(
                posting_id=posting.posting_id,
                entry_type=SALE,
                item_no=line.item_no,
                location_code=line.location_code,
                quantity=plain_quantity(-posting.quantity * line.qty_per_unit_of_measure),
                posting_date=posting.posting_date,
                document_no=posting.document_no,
                sales_order_no=order.no,
                sales_order_line_no=line.line_no,
                sales_line_id=line.id,
                allocates=line.special_order,
            ),
        )
    ]


def purchase_entries(order: PurchaseOrder, known: Iterable[Posting]) -> list[LedgerEntry]:
    """Movements of receipts that are not among the known postings. Drop shipments never touch stock."""
    seen = {(p.posting_id, p.undone) for p in known}
    found: list[LedgerEntry] = []
    for line in order.lines:
        link = line.link
        if link is not None and link.kind == "drop_shipment":
            continue
        for posting in line.receipts:
            if (posting.posting_id, posting.undone) in seen:
                continue
            entry = LedgerEntry(
                posting_id=posting.posting_id,
                entry_type=PURCHASE,
                item_no=line.item_no,
                location_code=line.location_code,
                quantity=plain_quantity(posting.quantity * line.qty_per_unit_of_measure),
                posting_date=posting.posting_date,
                document_no=posting.document_no,
                sales_order_no=link.sales.sales_order_no if link else "",
                sales_order_line_no=link.sales.sales_order_line_no if link else None,
                sales_line_id=link.sales.sales_line_id if link else None,
                purchase_order_no=order.no,
                purchase_order_line_no=line.line_no,
                allocates=link is not None,
            )
            found += _movements(posting, entry)
    return found


def _movements(posting: Posting, entry: LedgerEntry) -> Iterator[LedgerEntry]:
    """The movement and, once the posting is undone, its reversal."""
    yield entry
    if posting.undone:
        yield replace(entry, reversal=True, quantity=-entry.quantity)


def only_inventory(entries: Iterable[LedgerEntry], references: ReferenceData) -> list[LedgerEntry]:
    """Services and non-inventory items have no stock; an unknown item counts as goods."""
    return [
        e for e in entries if (item := references.find(ItemCard, e.item_no)) is None or item.type == INVENTORY
    ]
