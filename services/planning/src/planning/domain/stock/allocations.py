"""Goods that belong to sales lines: received for them, given to other lines, and free in the end (I9, E5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.money import plain_quantity
from planning.domain.stock.ledger import LedgerEntry, StockKey


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
