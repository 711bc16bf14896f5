"""What people may ship from stock: not the goods of special orders, nor by planning's setup what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from contracts.keys import stock_no
from contracts.planning.stock import StockLevel
from contracts.refusals import Violations
from domainkit.procurement import prevents_negative_inventory
from domainkit.references import ReferenceData
from domainkit.stock import check_allocated, check_not_negative
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order, PlannedLine
from sales.domain.orders.stock_outs import Place, place_of, sold_from_stock

Shipment = tuple[Order, tuple[PlannedLine, ...]]
"""An order and what shall leave of it."""


class StockToShip:
    """Stock, while the posts of one transaction take from it one after the other.

    Judged by sales' copies of planning's stock. What another post took a moment ago may be missing in them: then more
    leaves than is free, as if a till had handed it over, and planning shows it.
    """

    def __init__(self, levels: Mapping[Place, StockLevel], references: ReferenceData) -> None:
        self._levels = levels
        self._left = {place: level.stock for place, level in levels.items()}
        self._prevents_negative = prevents_negative_inventory(references)

    def take(self, *shipments: Shipment) -> None:
        """Take what leaves of them, all or nothing (BC-SO-33)."""
        found = Violations()
        left = dict(self._left)
        for order, plan in shipments:
            for line, quantity in _leaving(order, plan):
                place = place_of(line)
                if place in left:
                    left[place] -= quantity * line.qty_per_unit_of_measure
                    self._check(found, line, left[place])
        found.refuse_if_any()
        self._left = left

    def _check(self, found: Violations, line: Line, left: Decimal) -> None:
        level = self._levels[place_of(line)]
        fits = check_allocated(found, level, left, line_no=line.line_no)
        if fits and self._prevents_negative:
            fits = check_not_negative(found, level, left, line_no=line.line_no)
        if not fits:
            found.may_change_with("stock", stock_no(*place_of(line)))


def places_to_ship(orders: Iterable[Order]) -> Iterator[Place]:
    """Where these orders can take goods from stock."""
    return (place_of(line) for order in orders for line in sold_from_stock(order.lines))


def _leaving(order: Order, plan: Iterable[PlannedLine]) -> Iterator[tuple[Line, Decimal]]:
    ships = {planned.sales_line_id: planned.ship for planned in plan if planned.ship > 0}
    return ((line, ships[line.id]) for line in sold_from_stock(order.lines) if line.id in ships)
