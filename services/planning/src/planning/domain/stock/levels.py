"""How much of an item lies at a location after movements and allocations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from contracts.planning.stock import StockLevel
from domainkit.money import plain_quantity
from planning.domain.stock.allocations import Allocation
from planning.domain.stock.ledger import LedgerEntry, StockKey


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
