"""The item ledger: movements with ids, the stock they add up to, and what of it is allocated to sales lines (I9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
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
from contracts.planning.stock import StockLevel
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import SalesLine, SalesOrder
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


class Allocation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Goods of a special order's sales line: received minus shipped, its own until the line is fully shipped.

    `freed`: the line is fully shipped or gone; what is left is free stock (BC-SO-32).
    """

    sales_line_id: UUID
    sales_order_no: str
    item_no: str
    location_code: str
    balance: Decimal = Decimal(0)
    freed: bool = False

    @property
    def quantity(self) -> Decimal:
        """What is allocated now. A shipment may be known before its receipt: never below 0."""
        return Decimal(0) if self.freed else max(self.balance, Decimal(0))

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


def is_freed(line: SalesLine, order: SalesOrder) -> bool:
    """A special order's goods are free stock once the line is fully shipped or needs nothing any more."""
    if order.deleted or order.status in {"cancelled", "closed"}:
        return True
    wanted = line.quantity if line.demand is None else line.demand.quantity
    return line.quantity_shipped >= wanted


def freed_lines(order: SalesOrder, old: SalesOrder | None) -> dict[UUID, bool]:
    """Special-order lines whose goods may have been freed, or reserved again: whether they are free now."""
    present = {line.id: line for line in order.lines if line.special_order}
    gone = (
        {line.id for line in old.lines if line.special_order} - present.keys() if old is not None else set()
    )
    ended = order.deleted or order.status in {"cancelled", "closed"}
    found = {
        line.id: is_freed(line, order)
        for line in present.values()
        if ended or line.postings or (line.demand is not None and line.demand.quantity <= 0)
    }
    return found | dict.fromkeys(gone, True)


def allocate(
    allocations: Mapping[UUID, Allocation], entries: Iterable[LedgerEntry], freed: Mapping[UUID, bool]
) -> dict[UUID, Allocation]:
    """Allocations after movements and after lines were freed (or, by an undone shipment, are not any more)."""
    after = dict(allocations)
    for entry in entries:
        if not entry.allocates or entry.sales_line_id is None:
            continue
        # The shipment may arrive before the receipt, which is another service's event: a negative balance until then.
        known = after.get(entry.sales_line_id) or Allocation(
            sales_line_id=entry.sales_line_id,
            sales_order_no=entry.sales_order_no,
            item_no=entry.item_no,
            location_code=entry.location_code,
        )
        after[entry.sales_line_id] = replace(known, balance=plain_quantity(known.balance + entry.quantity))
    for sales_line_id, is_free in freed.items():
        if sales_line_id in after and after[sales_line_id].freed != is_free:
            after[sales_line_id] = replace(after[sales_line_id], freed=is_free)
    return after


class Transfer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Allocated goods that one sales line gave to another; `quantity` in base units (E5)."""

    id: UUID
    from_line_id: UUID
    from_order_no: str
    to_line_id: UUID
    to_order_no: str
    item_no: str
    location_code: str
    quantity: Decimal
    purchase_order_no: str = ""


def transfers_of(order: SalesOrder, old: SalesOrder | None) -> list[Transfer]:
    """What lines of the order gave to others since the old snapshot; those who got it tell nothing new."""
    seen = {each.id for line in old.lines for each in line.reallocations} if old is not None else set()
    return [
        Transfer(
            id=given.id,
            from_line_id=line.id,
            from_order_no=order.no,
            to_line_id=given.sales_line_id,
            to_order_no=given.sales_order_no,
            item_no=line.item_no,
            location_code=line.location_code,
            quantity=plain_quantity(-given.quantity * line.qty_per_unit_of_measure),
            purchase_order_no=given.purchase_order_no,
        )
        for line in order.lines
        for given in line.reallocations
        if given.quantity < 0 and given.id not in seen
    ]


def transferred(
    allocations: Mapping[UUID, Allocation], transfers: Iterable[Transfer], gone: Collection[UUID]
) -> dict[UUID, Allocation]:
    """Allocations after goods went from line to line, both at once: no more is allocated than was received.

    `gone`: lines that need nothing any more, whose goods are free.
    """
    after = dict(allocations)
    for transfer in transfers:
        giver = _allocation(after, transfer, transfer.from_line_id, transfer.from_order_no)
        after[giver.sales_line_id] = replace(giver, balance=plain_quantity(giver.balance - transfer.quantity))
        taker = _allocation(after, transfer, transfer.to_line_id, transfer.to_order_no)
        after[taker.sales_line_id] = replace(
            taker,
            balance=plain_quantity(taker.balance + transfer.quantity),
            freed=taker.freed or taker.sales_line_id in gone,
        )
    return after


def _allocation(
    known: Mapping[UUID, Allocation], transfer: Transfer, line_id: UUID, order_no: str
) -> Allocation:
    return known.get(line_id) or Allocation(
        sales_line_id=line_id,
        sales_order_no=order_no,
        item_no=transfer.item_no,
        location_code=transfer.location_code,
    )


def stock_changes(
    entries: Iterable[LedgerEntry], before: Mapping[UUID, Allocation], after: Mapping[UUID, Allocation]
) -> dict[StockKey, tuple[Decimal, Decimal]]:
    """(change of stock, change of allocated) per item and location."""
    changes: dict[StockKey, tuple[Decimal, Decimal]] = {}

    def add(key: StockKey, stock: Decimal, allocated: Decimal) -> None:
        old_stock, old_allocated = changes.get(key, (Decimal(0), Decimal(0)))
        changes[key] = old_stock + stock, old_allocated + allocated

    for entry in entries:
        add(entry.stock_key, entry.quantity, Decimal(0))
    for sales_line_id, allocation in after.items():
        old = before.get(sales_line_id)
        was = old.quantity if old is not None else Decimal(0)
        if allocation.quantity != was:
            add(allocation.stock_key, Decimal(0), allocation.quantity - was)
    return {key: change for key, change in changes.items() if any(change)}


def moved(
    level: StockLevel,
    stock: Decimal = Decimal(0),
    allocated: Decimal = Decimal(0),
    reserved: Decimal = Decimal(0),
) -> StockLevel:
    """The stock level after changes."""
    return replace(
        level,
        version=level.version + 1,
        happened=("moved",),
        stock=plain_quantity(level.stock + stock),
        allocated=plain_quantity(level.allocated + allocated),
        reserved=plain_quantity(level.reserved + reserved),
    )
