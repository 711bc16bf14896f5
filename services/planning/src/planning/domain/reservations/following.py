"""What becomes of reservations when their sales line or their purchase line changes (BC-PL-04).

Decided on the difference to what the reservations have seen, so that the same snapshot again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from contracts.planning.fields import ZERO
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.sales.orders import SalesLine, SalesOrder
from planning.domain.requisitions.sales_lines import wants_nothing
from planning.domain.reservations.reservation import (
    BOUGHT_FOR_LINE,
    NEEDED_EARLIER,
    OTHER_GOODS,
    QUANTITY_REDUCED,
    RESERVE_NEVER,
    SALE_ENDED,
    SHIPPED,
    SUPPLY_GONE,
    Reservation,
)
from planning.domain.stock.availability import OpenLine, open_purchase_lines, open_sales_lines

NEVER: Final = "never"


def follow_sale(held: Iterable[Reservation], order: SalesOrder) -> list[Reservation]:
    """The reservations of an order's lines that its snapshot changes, in the order of their ids.

    A shipment takes what is reserved in stock; a line that needs less keeps no more than that; a flagged line, which is
    bought for its customer, keeps nothing: the flag is the sales order's to set.
    """
    before = list(held)
    if not before:
        return []  # as of nearly all orders: their lines are not looked through
    lines: dict[UUID | None, SalesLine] = {line.id: line for line in order.lines}
    opened: dict[UUID | None, OpenLine] = dict(open_sales_lines(order).items())
    after = [
        each
        for line_id, group in _grouped(before, lambda r: r.sales_line_id)
        for each in _follow_line(group, order, lines.get(line_id), opened.get(line_id))
    ]
    return _changed(before, after)


def follow_supply(held: Iterable[Reservation], order: PurchaseOrder) -> list[Reservation]:
    """The reservations of a purchase order's lines that its snapshot changes, in the order of their ids.

    A receipt moves what is reserved into stock, an undone one back; what does not come any more is not reserved.
    """
    before = [r for r in held if r.purchase_line_id is not None]
    if not before:
        return []
    lines: dict[UUID | None, PurchaseLine] = {line.id: line for line in order.lines}
    opened: dict[UUID | None, OpenLine] = dict(open_purchase_lines(order).items())
    after = [
        each
        for line_id, group in _grouped(before, lambda r: r.purchase_line_id)
        for each in _follow_supply_line(group, lines.get(line_id), opened.get(line_id))
    ]
    return _changed(before, after)


def _grouped(
    held: Iterable[Reservation], key: Callable[[Reservation], UUID | None]
) -> Iterable[tuple[UUID | None, list[Reservation]]]:
    groups: dict[UUID | None, list[Reservation]] = {}
    for each in sorted(held, key=lambda r: r.id):
        groups.setdefault(key(each), []).append(each)
    return groups.items()


def _changed(before: Iterable[Reservation], after: Iterable[Reservation]) -> list[Reservation]:
    known = {each.id: each for each in before}
    return sorted((each for each in after if each != known[each.id]), key=lambda r: r.id)


def _follow_line(
    group: Sequence[Reservation], order: SalesOrder, line: SalesLine | None, opened: OpenLine | None
) -> list[Reservation]:
    """Reservations of one sales line, the oldest first; `opened`: what of it is still to ship from stock."""
    because = _why_ended(group[0], order, line)
    if because or line is None:
        return [each.ended(because) for each in group]
    shipped = line.quantity_shipped * line.qty_per_unit_of_measure
    if opened is None:
        return [replace(each.ended(SHIPPED), shipped=shipped) for each in group]
    after = [_in_time(each, opened) for each in group]
    after = _shipped(after, shipped - group[0].shipped)
    excess = sum((each.quantity for each in after), ZERO) - opened.quantity
    after = _less(after, excess, QUANTITY_REDUCED)
    return [replace(each, shipped=shipped, due_date=opened.due_date) for each in after]


def _why_ended(reservation: Reservation, order: SalesOrder, line: SalesLine | None) -> str:
    """Why nothing may be reserved for the line any more; "" if it may."""
    if wants_nothing(order) or line is None:
        return SALE_ENDED
    if line.special_order or line.drop_shipment:
        return BOUGHT_FOR_LINE
    if line.reserve == NEVER:
        return RESERVE_NEVER
    if (line.item_no, line.location_code) != reservation.stock_key:
        return OTHER_GOODS
    return ""


def _in_time(reservation: Reservation, opened: OpenLine) -> Reservation:
    """Goods that are needed before they come are not reserved; those that come later than they were to still are."""
    supply = reservation.supply_date
    is_earlier = opened.due_date < reservation.due_date
    if not is_earlier or supply is None or opened.due_date >= supply or not reservation.purchase_quantity:
        return reservation
    return reservation.changed(NEEDED_EARLIER, purchase=-reservation.purchase_quantity)


def _shipped(group: Iterable[Reservation], quantity: Decimal) -> list[Reservation]:
    """What left was taken of what is reserved in stock, the oldest first."""
    after = []
    for each in group:
        taken = max(min(quantity, each.stock_quantity), ZERO)
        quantity -= taken
        after.append(each.changed(SHIPPED, stock=-taken) if taken else each)
    return after


def _less(group: Sequence[Reservation], excess: Decimal, because: str) -> list[Reservation]:
    """So much less is reserved, the newest first."""
    after = []
    for each in reversed(group):
        taken = max(min(excess, each.quantity), ZERO)
        excess -= taken
        after.append(each.reduced(taken, because) if taken else each)
    return after[::-1]


def _follow_supply_line(
    group: Sequence[Reservation], line: PurchaseLine | None, opened: OpenLine | None
) -> list[Reservation]:
    """Reservations of one purchase line, the oldest first; `opened`: what of it is still to come into stock."""
    first = group[0]
    received = line.quantity_received * line.qty_per_unit_of_measure if line is not None else first.received
    after = _received(group, received - first.received)
    serves = opened is not None and not opened.special_order and opened.stock_key == first.stock_key
    capacity = opened.quantity if opened is not None and serves else ZERO
    excess = sum((each.purchase_quantity for each in after), ZERO) - capacity
    after = _fewer(after, excess)
    supply_date = opened.due_date if opened is not None else first.supply_date
    return [replace(each, received=received, supply_date=supply_date) for each in after]


def _received(group: Sequence[Reservation], quantity: Decimal) -> list[Reservation]:
    """Goods came and are reserved in stock now, the oldest first; below 0: they went back, the newest first."""
    after: list[Reservation] = []
    for each in group if quantity >= 0 else reversed(group):
        moved = (
            min(quantity, each.purchase_quantity) if quantity >= 0 else max(quantity, -each.stock_quantity)
        )
        quantity -= moved
        after.append(each.changed(SUPPLY_GONE, stock=moved, purchase=-moved) if moved else each)
    return sorted(after, key=lambda r: r.id)


def _fewer(group: Sequence[Reservation], excess: Decimal) -> list[Reservation]:
    """So much less comes, the newest reservations lose it first; what lies in stock stays."""
    after = []
    for each in reversed(group):
        lost = max(min(excess, each.purchase_quantity), ZERO)
        excess -= lost
        after.append(each.changed(SUPPLY_GONE, purchase=-lost) if lost else each)
    return after[::-1]
