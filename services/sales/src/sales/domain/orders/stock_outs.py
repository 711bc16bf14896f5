"""Which lines sell more than is in stock: a warning on ordinary lines, never on flagged ones (BC-SD-12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from domainkit.money import ZERO
from sales.domain.orders.context import ReservedQuantities
from sales.domain.orders.lines import Line

Place = tuple[str, str]
"""An item and a location."""
FreeStock = Mapping[Place, Decimal]
"""Stock that is neither allocated nor reserved, in base units, of items that have stock at all."""


def sold_from_stock(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines that still have to ship goods that are not bought for them."""
    return (
        line for line in lines if line.type == "item" and not line.flagged and line.outstanding_quantity > 0
    )


def place_of(line: Line) -> Place:
    """What the line ships, and from where."""
    return line.item_no, line.location_code


def stock_outs(
    lines: Iterable[Line], free: FreeStock, reserved: ReservedQuantities
) -> Iterator[tuple[Line, str]]:
    """Lines that find too little, and how much: each finds its own reservation, and what the lines before it leave."""
    left = dict(free)
    for line in sold_from_stock(lines):
        place = place_of(line)
        if place not in left:
            continue
        wanted = line.outstanding_quantity * line.qty_per_unit_of_measure
        own = min(reserved.get(line.id, ZERO), wanted)
        found = max(left[place], ZERO) + own
        left[place] = found - wanted
        if wanted > found:
            where = f" at {line.location_code}" if line.location_code else ""
            yield line, f"{found:f} of item {line.item_no} are in stock{where}, {wanted:f} are sold"
