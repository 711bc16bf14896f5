"""What sales wants changed of a bought line: carried to its purchase while the vendor does not have it (G5).

A purchase is fixed once its order was sent or something of the line was received. It then takes no other address,
location or lower quantity; that it takes no higher one is no refusal: sales sells the difference on a new line.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal, Violations
from contracts.sales.orders import SalesLine
from contracts.sales.requests import RequestedChange, RequestedChangeLine
from domainkit.money import currency
from domainkit.references import ReferenceData
from purchasing.domain.locations import receiving_address
from purchasing.domain.orders.line_prices import with_quantity
from purchasing.domain.orders.order import CLOSED, Line, Order
from purchasing.domain.requests.withdrawals import without_outstanding


class CarriedChange(msgspec.Struct, frozen=True):
    """The purchase order after the change of one of its lines."""

    order: Order
    not_taken: bool = False
    """The quantity stays: the purchase cannot take more any more."""


class LineToChange(msgspec.Struct, frozen=True):
    """A bought sales line, what sales wants of it, and its purchase line."""

    sold: SalesLine
    asked: RequestedChangeLine
    order: Order
    line: Line


def carry(
    found: Violations, change: RequestedChange, wanted: LineToChange, references: ReferenceData
) -> CarriedChange:
    """The purchase order with what sales wants of one line; what stands against it goes into `found`."""
    order, line = wanted.order, wanted.line
    if change.unbought_only:
        detail = f"line {wanted.sold.line_no} is associated with {_where(wanted)}"
        found.conflict("line-linked-to-purchase-order", detail, line_no=wanted.sold.line_no)
        return CarriedChange(order)
    if order.is_being_undone(line):
        detail = f"{_where(wanted)} is being taken back"
        found.conflict("change-pending", detail, line_no=wanted.sold.line_no)
        return CarriedChange(order)
    if wanted.asked.quantity is not None and wanted.asked.quantity <= 0:
        return CarriedChange(_cancelled(found, wanted))
    carried = _with_location(found, wanted, references)
    if change.ship_to is not None:
        carried = _with_ship_to(found, change, replace(wanted, order=carried))
    return _with_quantity(found, replace(wanted, order=carried), references)


def _where(wanted: LineToChange) -> str:
    return f"purchase order {wanted.order.no} line {wanted.line.line_no}"


def _cancelled(found: Violations, wanted: LineToChange) -> Order:
    """Nothing more comes for the line; of a special order, goods that came become free stock."""
    received = wanted.line.quantity_received
    if wanted.line.drop_shipment and received > 0:
        _below_received(found, wanted)
        return wanted.order
    return without_outstanding(wanted.order, wanted.line, remaining=False)


def _below_received(found: Violations, wanted: LineToChange) -> None:
    received, line_no = wanted.line.quantity_received, wanted.sold.line_no
    detail = f"line {line_no}: {received} are received by {_where(wanted)}"
    found.conflict("quantity-below-received", detail, "/quantity", line_no=line_no)


def _is_fixed(found: Violations, wanted: LineToChange, pointer: str) -> bool:
    """Whether the vendor has the order, or has delivered some of the line."""
    line_no = wanted.sold.line_no
    if wanted.line.quantity_received > 0:
        detail = f"line {line_no}: {wanted.line.quantity_received} are received by {_where(wanted)}"
        found.conflict("has-postings", detail, pointer, line_no=line_no)
        return True
    if wanted.order.sent_at is not None:
        detail = f"line {line_no}: purchase order {wanted.order.no} was sent to its vendor"
        found.conflict("purchase-order-sent", detail, pointer, line_no=line_no)
        return True
    return False


def _with_location(found: Violations, wanted: LineToChange, references: ReferenceData) -> Order:
    """The goods of a special order are received elsewhere: the order's address follows if nothing else is on it."""
    order, line, code = wanted.order, wanted.line, wanted.asked.location_code
    if code is None or code == line.location_code or _is_fixed(found, wanted, "/location_code"):
        return order
    moved = order.with_lines([replace(line, location_code=code)])
    is_alone = len(order.live_lines) == 1
    if line.drop_shipment:
        return moved.replaced(location_code=code) if is_alone else moved
    address = receiving_address(references, code)
    if address == order.ship_to:
        return moved
    if not is_alone:
        detail = f"purchase order {order.no} has other lines, which are received at {order.location_code}"
        found.conflict("location-mismatch", detail, "/location_code", line_no=wanted.sold.line_no)
        return order
    return moved.replaced(location_code=code, ship_to=address)


def _with_ship_to(found: Violations, change: RequestedChange, wanted: LineToChange) -> Order:
    """The vendor delivers to another address: all lines of the order together, or none."""
    order = wanted.order
    if change.ship_to is None or (order.ship_to, order.ship_to_code) == (change.ship_to, change.ship_to_code):
        return order
    if _is_fixed(found, wanted, "/ship_to"):
        return order
    if others := _others(order, {asked.sales_line_id for asked in change.lines}):
        detail = f"purchase order {order.no} has lines for {', '.join(others)} that stay at their address"
        found.conflict("ship-to-mismatch", detail, "/ship_to", line_no=wanted.sold.line_no)
        return order
    return order.replaced(ship_to=change.ship_to, ship_to_code=change.ship_to_code)


def _others(order: Order, moving: Collection[UUID]) -> list[str]:
    """What else the purchase order delivers."""
    links = [line.active_link for line in order.live_lines]
    return sorted(
        {
            "its own lines" if link is None else f"sales order {link.sales.sales_order_no}"
            for link in links
            if link is None or link.sales.sales_line_id not in moving
        }
    )


def _with_quantity(found: Violations, wanted: LineToChange, references: ReferenceData) -> CarriedChange:
    order, asked = wanted.order, wanted.asked
    line = next(each for each in order.lines if each.id == wanted.line.id)
    if asked.quantity is None or asked.quantity == asked.quantity_before:
        return CarriedChange(order)
    if line.unit_of_measure_code != wanted.sold.unit_of_measure_code:
        detail = f"{_where(wanted)} is bought in {line.unit_of_measure_code}"
        found.conflict("unit-mismatch", detail, "/quantity", line_no=wanted.sold.line_no)
        return CarriedChange(order)
    if asked.quantity > asked.quantity_before:
        # It may have been bought by hand already.
        not_taken = asked.quantity > line.quantity and _takes_no_more(order, line)
        is_to_do = asked.quantity > line.quantity and not not_taken
        return _ordering(found, wanted, line, references) if is_to_do else CarriedChange(order, not_taken)
    if asked.quantity >= line.quantity or _cannot_be_given_back(found, wanted, asked.quantity):
        return CarriedChange(order)
    return _ordering(found, wanted, line, references)


def _cannot_be_given_back(found: Violations, wanted: LineToChange, quantity: Decimal) -> bool:
    if quantity < wanted.line.quantity_received:
        _below_received(found, wanted)
        return True
    return _is_fixed(found, wanted, "/quantity")


def _takes_no_more(order: Order, line: Line) -> bool:
    is_ended = order.status == CLOSED or line.closed_short
    return is_ended or order.sent_at is not None or line.quantity_received > 0


def _ordering(
    found: Violations, wanted: LineToChange, line: Line, references: ReferenceData
) -> CarriedChange:
    """The order with another quantity of the line; money off it is shared by quantity."""
    order, quantity, off = wanted.order, wanted.asked.quantity, line.line_discount_amount
    if quantity is None:
        return CarriedChange(order)
    if off is not None:
        off = currency(order.currency_code).rounded(off * quantity / line.quantity)
    try:
        after = with_quantity(order, replace(line, line_discount_amount=off), quantity, references)
    except Refusal as refusal:
        for violation in refusal.violations:
            found.conflict(violation.code, violation.detail, "/quantity", line_no=wanted.sold.line_no)
        return CarriedChange(order)
    return CarriedChange(order.with_lines([after]))
