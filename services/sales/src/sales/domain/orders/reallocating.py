"""Received goods of one special order are given to another, which needs them sooner (E5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Violations
from contracts.sales.orders import LineDemand, Reallocation
from domainkit.money import ZERO
from sales.domain.granted_goods import covering, given_away, taken_over
from sales.domain.orders.lines import Line
from sales.domain.orders.order import OPEN, RELEASED, Order, check_not_held
from sales.domain.orders.supply_commands import GoodsToGive
from sales.domain.sourcing import Sourcing, sourcing_of

_ALIKE: Final = {
    "item_no": "item-mismatch",
    "location_code": "location-mismatch",
    "unit_of_measure_code": "unit-mismatch",
}
"""What both lines share, and the code of a difference."""


class Reallocated(msgspec.Struct, frozen=True, kw_only=True):
    """The orders after it (one, if both lines are its own), and what is known of the supply of both lines."""

    orders: tuple[Order, ...]
    sourcings: tuple[Sourcing, Sourcing]


class _Side(msgspec.Struct, frozen=True):
    """One of the two lines, with its order and its supply."""

    order: Order
    line: Line
    sourcing: Sourcing

    @property
    def place(self) -> str:
        """Order and line, as messages to people name them."""
        return f"sales order {self.order.no} line {self.line.line_no}"


def reallocate(  # noqa: PLR0913 - both orders, their supply, and who and when
    order: Order,
    line: Line,
    wanted: GoodsToGive,
    orders: Mapping[str, Order],
    sourcings: Mapping[UUID, Sourcing],
    *,
    id_: UUID,
    at: datetime,
) -> Reallocated:
    """Give goods of the line that are here to another line; refused with every reason.

    The first line is open again: where all of its purchase was here, it is an exception that a person answers. The
    other may ship the goods at once; what nothing is bought for yet is bought for the rest only.
    """
    found = Violations()
    giver = _side(order, line, sourcings)
    taker = _taker(found, wanted, orders, sourcings)
    if taker is not None:
        _check(found, giver, taker)
        found.refuse_if_any()
        quantity = _quantity(found, wanted.quantity, giver, taker)
    found.refuse_if_any()
    if taker is None:
        raise LookupError(wanted.to_sales_order_no)  # refused above
    record = Reallocation(
        id=id_,
        quantity=quantity,
        sales_order_no=order.no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        purchase_order_no=_source(giver.sourcing),
        reallocated_at=at,
    )
    gave = given_away(giver.sourcing, quantity, taker.place, at)
    took = taken_over(taker.sourcing, quantity, at)
    first, gave = _bought_for_the_rest(_noted(giver.line, _mirrored(record, taker)), gave, at)
    second, took = _bought_for_the_rest(_noted(taker.line, record), took, at)
    if order.no == taker.order.no:
        return Reallocated(orders=(order.with_line(first).with_line(second),), sourcings=(gave, took))
    after = (order.with_line(first), taker.order.with_line(second))
    return Reallocated(orders=after, sourcings=(gave, took))


def _side(order: Order, line: Line, sourcings: Mapping[UUID, Sourcing]) -> _Side:
    return _Side(order, line, sourcings.get(line.id) or sourcing_of(line.id, order.no, line.line_no))


def _taker(
    found: Violations,
    wanted: GoodsToGive,
    orders: Mapping[str, Order],
    sourcings: Mapping[UUID, Sourcing],
) -> _Side | None:
    order = orders.get(wanted.to_sales_order_no)
    if order is None:
        found.unknown("sales-order", wanted.to_sales_order_no, "/to_sales_order_no")
        return None
    line = next((each for each in order.lines if each.line_no == wanted.to_line_no), None)
    if line is None:
        detail = f"sales order {order.no} has no line {wanted.to_line_no}"
        found.invalid("unknown-line", detail, "/to_line_no")
        return None
    return _side(order, line, sourcings)


def _check(found: Violations, giver: _Side, taker: _Side) -> None:
    if giver.line.id == taker.line.id:
        found.invalid("same-line", "a line cannot give goods to itself", "/to_line_no")
    for side, pointer in ((giver, ""), (taker, "/to_line_no")):
        if side.order.status not in {OPEN, RELEASED}:
            found.conflict("order-not-open", f"sales order {side.order.no} is {side.order.status}", pointer)
        if not side.line.special_order or side.line.demand is None:
            found.conflict("special-order-required", f"{side.place} is no special order", pointer)
        check_not_held(found, side.order, side.line)
    for name, code in _ALIKE.items():
        ours, theirs = getattr(giver.line, name), getattr(taker.line, name)
        if ours != theirs:
            detail = f"{name} is {ours!r} on {giver.place} and {theirs!r} on {taker.place}"
            found.conflict(code, detail, "/to_line_no")


def _quantity(found: Violations, asked: Decimal | None, giver: _Side, taker: _Side) -> Decimal:
    """What is asked for, else as much as one has and the other needs."""
    here = max(giver.sourcing.shippable, ZERO)
    needed = max(taker.line.outstanding_quantity - taker.sourcing.shippable, ZERO)
    quantity = min(here, needed) if asked is None else asked
    if not here or quantity > here:
        detail = f"{giver.place}: {here} are received and have not left"
        found.conflict("quantity-exceeds-received", detail, "/quantity", quantity_received=here)
    if not needed or quantity > needed:
        detail = f"{taker.place} needs {needed} more"
        # A quantity that was given is wrong, as everywhere; without one there is nothing that could be given.
        note = found.conflict if asked is None else found.invalid
        note("quantity-exceeds-outstanding", detail, "/quantity", outstanding_quantity=needed)
    return quantity


def _source(sourcing: Sourcing) -> str:
    """The purchase that brought the goods, as far as one did."""
    brought = [link for link in sourcing.links if link.received > 0]
    return brought[-1].purchase_order_no if brought else ""


def _mirrored(record: Reallocation, taker: _Side) -> Reallocation:
    """The record on the line that gives."""
    return replace(
        record,
        quantity=-record.quantity,
        sales_order_no=taker.order.no,
        sales_order_line_no=taker.line.line_no,
        sales_line_id=taker.line.id,
    )


def _noted(line: Line, record: Reallocation) -> Line:
    return replace(line, reallocations=(*line.reallocations, record))


def _bought_for_the_rest(line: Line, sourcing: Sourcing, at: datetime) -> tuple[Line, Sourcing]:
    """A line that no purchase serves asks for what it has not got, under its next generation."""
    link, demand = sourcing.effective_link, line.demand
    if demand is None or (link is not None and not link.came_to_nothing):
        return line, sourcing
    generation = demand.generation
    if demand.released:
        generation = max(generation, sourcing.generation) + 1
    wanted = LineDemand(
        generation=generation, quantity=line.quantity, released=demand.released, supplied=sourcing.granted
    )
    return replace(line, demand=wanted), covering(sourcing, generation, line.quantity, at)
