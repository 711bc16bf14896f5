"""Shipping lines of several orders of one customer together: all of them, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal, Violation, Violations
from sales.domain.orders.context import OrderContext
from sales.domain.orders.order import OPEN, Order, PlannedLine
from sales.domain.orders.releasing import release
from sales.domain.posting.commands import CombinedShipment, LineToCombine, LineToPost, PostingOptions
from sales.domain.posting.plans import plan_post

_LINE_POINTER: Final = re.compile(r"/lines/(\d+)(.*)")

Indexed = list[tuple[int, LineToCombine]]
"""Lines of the request with their places in it."""


class OrderToShip(msgspec.Struct, frozen=True):
    """One order of a combined shipment: released, and what leaves of it."""

    order: Order
    plan: tuple[PlannedLine, ...]
    happened: tuple[str, ...] = ()


def plan_combined_shipment(
    wanted: CombinedShipment, orders: Mapping[str, Order], context: OrderContext
) -> list[OrderToShip]:
    """What leaves of each order, by number; refused with the reasons of all orders."""
    found = Violations()
    by_order: dict[str, Indexed] = {}
    for index, line in enumerate(wanted.lines):
        by_order.setdefault(line.sales_order_no, []).append((index, line))
    named = [orders[no] for no in sorted(by_order) if no in orders]
    _check_one_address(found, wanted, named, by_order)
    planned: list[OrderToShip] = []
    for no in sorted(by_order):
        lines, order = by_order[no], orders.get(no)
        at = f"/lines/{lines[0][0]}/sales_order_no"
        if order is None:
            found.unknown("sales-order", no, at)
        elif order.customer_no != wanted.customer_no:
            detail = f"sales order {no} is of customer {order.customer_no}, not {wanted.customer_no}"
            found.conflict("customer-mismatch", detail, at, sales_order_no=no)
        else:
            _check_no_drop_shipment(found, order, lines)
            try:
                planned.append(_plan(order, lines, context))
            except Refusal as refusal:
                found.add(*_of_request(refusal, lines))
                for kind, copy_no in refusal.waits_for:
                    found.may_change_with(kind, copy_no)
    found.refuse_if_any()
    return planned


def _plan(order: Order, lines: Indexed, context: OrderContext) -> OrderToShip:
    happened: tuple[str, ...] = ()
    if order.status == OPEN:
        order, happened = release(order, context.references).order, ("released",)
    asked = tuple(LineToPost(line_no=line.line_no, qty_to_ship=line.qty_to_ship) for _, line in lines)
    return OrderToShip(order, plan_post(order, PostingOptions(ship=True, lines=asked), context), happened)


def _check_one_address(
    found: Violations, wanted: CombinedShipment, orders: Sequence[Order], by_order: Mapping[str, Indexed]
) -> None:
    """What leaves together goes to one address."""
    ours = [order for order in orders if order.customer_no == wanted.customer_no]
    for order in ours[1:]:
        if order.ship_to != ours[0].ship_to:
            detail = f"sales orders {ours[0].no} and {order.no} go to different addresses"
            found.conflict("ship-to-mismatch", detail, f"/lines/{by_order[order.no][0][0]}/sales_order_no")


def _check_no_drop_shipment(found: Violations, order: Order, lines: Indexed) -> None:
    """A drop shipment leaves from its vendor, so it cannot leave together with others."""
    dropped = {line.line_no for line in order.lines if line.drop_shipment}
    for index, line in lines:
        if line.line_no in dropped:
            detail = f"line {line.line_no} of sales order {order.no} is a drop shipment"
            found.invalid("line-type-not-supported", detail, f"/lines/{index}/line_no", line_no=line.line_no)


def _of_request(refusal: Refusal, lines: Indexed) -> list[Violation]:
    """Violations of one order's lines, with pointers into the whole request."""
    violations: list[Violation] = []
    for violation in refusal.violations:
        match = _LINE_POINTER.fullmatch(violation.pointer)
        index = lines[int(match[1])][0] if match and int(match[1]) < len(lines) else lines[0][0]
        rest = match[2] if match else ""
        violations.append(replace(violation, pointer=f"/lines/{index}{rest}"))
    return violations
